import Tensors

/// Cuts a set into batches in a seeded order and prepares them ahead on other threads.
///
/// ```swift
/// let loader = try BatchLoader(mnist.train, batch: 64, order: .shuffled(seed: 1))
/// for epoch in 0..<10 {
///   let batches = loader.batches(epoch: epoch)
///   while let batch = try batches.next() { ... }                                  // tensors of its own
///   while try batches.next({ inputs, targets, count in ... }) {}                  // or in place, without a copy
/// }
/// ```
///
/// Several threads share each batch; what it holds does not depend on how many there are.
///
/// A loader is a plain value that describes the work; every call of ``batches(epoch:from:)`` starts one pass of its own.
public struct BatchLoader: Sendable {
  /// The order of the examples in an epoch.
  public enum Order: Sendable, Hashable {
    /// By index.
    case sequential
    /// A permutation that depends on the seed and the epoch only, whichever epochs ran before.
    case shuffled(seed: UInt64)
  }

  /// The most threads that prepare batches.
  public static let maximumWorkers = 64

  /// The most memory that one pass may take for its batches and its order together, in bytes: 4 GiB.
  public static let memoryLimit = 1 << 32

  /// The examples.
  public let dataset: any Dataset
  /// The number of examples in a full batch.
  public let batchSize: Int
  /// The order of the examples.
  public let order: Order
  /// Whether a last, smaller batch is left out.
  public let dropsRemainder: Bool
  /// How many batches are held at a time: the one in use and those prepared ahead.
  public let depth: Int
  /// How many threads prepare batches.
  public let workers: Int

  /// Describes how to load `dataset`.
  ///
  /// - Parameters:
  ///   - dataset: The examples.
  ///   - batch: The number of examples in a batch. The last batch of an epoch holds what remains, so a batch larger than
  ///     the set makes one batch of the whole set.
  ///   - order: The order of the examples.
  ///   - dropsRemainder: Whether to leave a last, smaller batch out.
  ///   - prefetch: How many batches to prepare ahead of the one in use; nil chooses 2 to 64, more for small batches, so that
  ///     the threads seldom have to wake each other.
  ///   - workers: How many threads prepare them; nil takes as many as the set asks for (``Dataset/preferredWorkers``).
  /// - Throws: ``DatasetError/invalidBatchSize(_:)``, ``DatasetError/invalidPrefetch(_:)``,
  ///   ``DatasetError/invalidWorkers(_:)``, ``DatasetError/noBatches(count:batchSize:)`` for an empty set or when the only batch
  ///   would be dropped, or ``DatasetError/batchTooLarge(bytes:limit:)``.
  public init(
    _ dataset: any Dataset, batch: Int, order: Order = .sequential, dropsRemainder: Bool = false, prefetch: Int? = nil,
    workers: Int? = nil
  ) throws {
    guard batch > 0 else { throw DatasetError.invalidBatchSize(batch) }
    guard dataset.count >= (dropsRemainder ? batch : 1) else {
      throw DatasetError.noBatches(count: dataset.count, batchSize: batch)
    }
    if let prefetch, prefetch < 1 { throw DatasetError.invalidPrefetch(prefetch) }
    if let workers, !(1...Self.maximumWorkers).contains(workers) { throw DatasetError.invalidWorkers(workers) }
    self.workers = workers ?? max(1, min(dataset.preferredWorkers, Self.maximumWorkers))
    self.dataset = dataset
    batchSize = min(batch, dataset.count)
    self.order = order
    self.dropsRemainder = dropsRemainder

    // In doubles, because this must not overflow and need not be exact.
    let numbers = Double(batchSize) * Double(dataset.exampleShape.count + dataset.targetShape.count)
    let ahead = prefetch ?? Self.usualPrefetch(batchSize: batchSize, numbers: numbers)
    var bytes = numbers * 4 * (Double(ahead) + 1)
    if order != .sequential { bytes += Double(dataset.count) * 8 }
    guard bytes <= Double(Self.memoryLimit) else {
      throw DatasetError.batchTooLarge(bytes: Int(exactly: bytes.rounded()) ?? Int.max, limit: Self.memoryLimit)
    }
    depth = ahead + 1
  }

  /// Bytes of the batches that a pass holds at a time where nothing is said of how many to prepare ahead.
  public static func bytesAhead(batch: Int, exampleCount: Int, targetCount: Int) -> Int {
    let numbers = Double(batch) * Double(exampleCount + targetCount)
    return Int(min(numbers * 4 * Double(usualPrefetch(batchSize: batch, numbers: numbers) + 1), 0x1p62))
  }

  /// The number of batches in an epoch.
  public var batchCount: Int {
    dropsRemainder ? dataset.count / batchSize : (dataset.count - 1) / batchSize + 1
  }

  /// The number of examples an epoch shows.
  public var exampleCount: Int { dropsRemainder ? batchCount * batchSize : dataset.count }

  /// Starts one pass over the examples of an epoch, in that epoch's order.
  ///
  /// - Parameter first: the batch to begin with, counted from 0; those before it are left out, as if they had been taken.
  public func batches(epoch: Int = 0, from first: Int = 0) -> BatchStream {
    BatchStream(self, epoch: epoch, firstBatch: max(first, 0))
  }

  /// The index of the example that stands at a position of an epoch, counted from 0, for messages that name it.
  public func exampleIndex(at position: Int, epoch: Int = 0) -> Int { permutation(epoch: epoch)?[position] ?? position }

  /// The order of the examples in an epoch, or nil for `0..<count`.
  func permutation(epoch: Int) -> [Int]? {
    switch order {
    case .sequential: return nil
    case .shuffled(let seed):
      var generator = RandomGenerator(seed: seed, stream: "batch order of epoch \(epoch)")
      return generator.permutation(dataset.count)
    }
  }

  /// About 256 examples ahead, within 16 MiB, and at least two batches.
  private static func usualPrefetch(batchSize: Int, numbers: Double) -> Int {
    let byMemory = Int(Double(4 << 20) / max(numbers, 1))
    return max(2, min(64, 256 / batchSize, byMemory))
  }
}
