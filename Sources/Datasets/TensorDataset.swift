public import BLAS
public import Tensors

/// Examples held in two tensors whose first axis numbers them.
public struct TensorDataset: Dataset {
  /// The inputs, `[count] + exampleShape`.
  public let inputs: Tensor<Float>
  /// The targets, `[count] + targetShape`.
  public let targets: Tensor<Float>
  /// The names of the classes; empty where targets are not classes.
  public let classNames: [String]
  /// The shape of one input.
  public let exampleShape: Shape
  /// The shape of one target.
  public let targetShape: Shape

  /// The number of examples: the length of the first axis.
  public var count: Int { inputs.shape[0] }

  /// Pairs inputs with targets along their first axis.
  ///
  /// - Parameters:
  ///   - inputs: `[count] + exampleShape`.
  ///   - targets: `[count] + targetShape`; class indices have the shape `[count]`.
  ///   - classNames: Where given, every target must be the index of one of them.
  /// - Throws: ``DatasetError/missingExampleAxis``, ``DatasetError/countMismatch(inputs:targets:)`` or
  ///   ``DatasetError/invalidClass(index:value:classCount:)``.
  public init(inputs: Tensor<Float>, targets: Tensor<Float>, classNames: [String] = []) throws {
    guard inputs.shape.rank > 0, targets.shape.rank > 0 else { throw DatasetError.missingExampleAxis }
    guard inputs.shape[0] == targets.shape[0] else {
      throw DatasetError.countMismatch(inputs: inputs.shape[0], targets: targets.shape[0])
    }
    self.inputs = inputs
    self.targets = targets
    self.classNames = classNames
    exampleShape = Shape(Array(inputs.shape.dimensions.dropFirst()))
    targetShape = Shape(Array(targets.shape.dimensions.dropFirst()))
    if !classNames.isEmpty {
      guard targetShape.rank == 0 else { throw DatasetError.notClassification }
      for (index, value) in targets.elements.enumerated() { _ = try checkedClass(value, of: index) }
    }
  }

  /// Copies row `index` of both tensors.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    copyRow(index, of: inputs, into: input)
    copyRow(index, of: targets, into: target)
  }

  /// The target of row `index` as a class.
  public func classIndex(of index: Int) throws -> Int {
    guard isClassification else { throw DatasetError.notClassification }
    try checkIndex(index)
    return try checkedClass(targets.elements[index], of: index)
  }

  private func copyRow(_ row: Int, of tensor: Tensor<Float>, into out: UnsafeMutableBufferPointer<Float>) {
    tensor.withUnsafeBufferPointer { source in
      _ = out.update(fromContentsOf: source[row * out.count..<(row + 1) * out.count])
    }
  }
}
