public import BLAS
public import Tensors

/// Several examples stacked along a new first axis.
public struct Batch: Sendable, Equatable {
  /// The inputs, `[n] + exampleShape`.
  public let inputs: Tensor<Float>
  /// The targets, `[n] + targetShape`.
  public let targets: Tensor<Float>
  /// The number of examples n.
  public var count: Int { inputs.shape[0] }

  /// Pairs stacked inputs with stacked targets.
  ///
  /// - Precondition: Both have a first axis, of the same length.
  public init(inputs: Tensor<Float>, targets: Tensor<Float>) {
    precondition(
      inputs.rank > 0 && targets.rank > 0 && inputs.shape[0] == targets.shape[0],
      "inputs of shape \(inputs.shape) and targets of shape \(targets.shape) do not pair up")
    self.inputs = inputs
    self.targets = targets
  }
}

extension Dataset {
  /// Copies the examples at `indices`, in that order, into one batch.
  /// - Throws: ``DatasetError/indexOutOfRange(index:count:)`` or the set's own error.
  public func batch(_ indices: some Collection<Int>) throws -> Batch {
    let inputSize = exampleShape.count
    let targetSize = targetShape.count
    var inputs = [Float](repeating: 0, count: indices.count * inputSize)
    var targets = [Float](repeating: 0, count: indices.count * targetSize)
    try inputs.withUnsafeMutableBufferPointer { inputs in
      try targets.withUnsafeMutableBufferPointer { targets in
        for (row, index) in indices.enumerated() {
          try copyExample(
            index,
            into: UnsafeMutableBufferPointer(rebasing: inputs[row * inputSize..<(row + 1) * inputSize]),
            target: UnsafeMutableBufferPointer(rebasing: targets[row * targetSize..<(row + 1) * targetSize]))
        }
      }
    }
    return Batch(count: indices.count, of: self, inputs: inputs, targets: targets)
  }

  /// The whole set as one batch.
  public func batch() throws -> Batch { try batch(0..<count) }
}

extension Batch {
  /// Gives stacked numbers the set's shapes.
  init(count: Int, of dataset: any Dataset, inputs: [Float], targets: [Float]) {
    self.init(
      inputs: Tensor([count] + dataset.exampleShape, inputs), targets: Tensor([count] + dataset.targetShape, targets))
  }
}
