import Datasets
import Tensors

extension Trainer {
  /// Refuses a batch with a number that is not finite, in the data's name: in a layer's outputs it would look like that
  /// layer's fault, and rectifiers would hide it from the loss while it spoils the weights.
  ///
  /// - Parameters:
  ///   - position: how many examples of the epoch came before the batch.
  ///   - kept: the weights to put back.
  /// - Throws: ``TrainingError/notFinite(_:example:index:value:step:row:keptStep:)``.
  func checkFinite(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, at position: Int,
    of loader: BatchLoader, kept: (step: Int, tensors: [String: Tensor<Float>])?
  ) throws {
    let parts = [("inputs", inputs, inputShape), ("targets", targets, loader.dataset.targetShape)]
    for (name, values, shape) in parts where !Self.areFinite(values) {
      guard let place = values.firstIndex(where: { !$0.isFinite }) else { continue }
      var (rest, index) = (place % max(shape.count, 1), [Int]())
      for size in shape.dimensions.reversed() {
        index.append(rest % size)
        rest /= size
      }
      let row = place / max(shape.count, 1)
      if let kept { restore(kept.tensors) }
      throw TrainingError.notFinite(
        name, example: loader.exampleIndex(at: position + row, epoch: epochCount), index: index.reversed(),
        value: "\(values[place])", step: stepCount + 1, row: row, keptStep: kept?.step ?? stepCount)
    }
  }

  /// Whether no number is infinite or NaN; without a branch, so that the loop is a vector's.
  static func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    var carried: UInt32 = 0
    // An exponent of ones, and no other, carries into the highest bit.
    for value in values { carried |= (value.bitPattern & 0x7f80_0000) &+ 0x0080_0000 }
    return carried & 0x8000_0000 == 0
  }
}
