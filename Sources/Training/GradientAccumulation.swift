/// Steps whose batches are taken in parts, one after the other, with their gradients summed: for batches whose activations do
/// not fit in memory together.
///
/// A step is that of the whole batch up to rounding: each part counts by its share of the examples (of their weight, where
/// classes are weighted), penalties count once, dropout's masks are those of the whole batch, and clipping sees the sum. Batch
/// normalization is the exception, since its statistics are those of what it sees at once.
///
/// ```swift
/// try trainer.fit(images, epochs: 10, batch: 128, accumulation: GradientAccumulation(microBatch: 32))
/// ```
public struct GradientAccumulation: Sendable, Hashable {
  /// What happens where a layer normalizes by the statistics of the batch.
  public enum Normalization: Sendable, Hashable {
    /// Training is refused: the step would not be that of the whole batch.
    case refused
    /// Each part is normalized by its own statistics, and running statistics move once a part.
    case byMicroBatch
  }

  /// Examples of a part; the last of a batch may have fewer.
  public let microBatch: Int
  /// What happens with batch normalization.
  public let normalization: Normalization

  /// Parts of `microBatch` examples.
  public init(microBatch: Int, normalization: Normalization = .refused) {
    self.microBatch = microBatch
    self.normalization = normalization
  }
}
