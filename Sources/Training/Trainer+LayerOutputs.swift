import Autodiff
public import BLAS
import NeuralNetworks
public import Tensors

extension Trainer {
  /// What a layer gives for `inputs` [n] + the input shape, in inference: feature maps [n, rows, columns, maps] or rows
  /// [n, units].
  ///
  /// - Parameter layer: a full name, as `Sequential.layerNames` lists them.
  /// - Throws: ``TrainingError/unknownName(_:known:)``, ``TrainingError/inputShape(expected:found:)``; `GraphError` where the
  ///   batch needs more memory than there is.
  public func outputs(of layer: String, for inputs: Tensor<Float>) throws -> Tensor<Float> {
    let reader = try LayerReader(self, layer: layer)
    return try reader.outputs(for: inputs)
  }
}

/// Reads what one layer of a network gives, batch after batch; what lies behind the layer is not computed.
///
/// A reader sees the weights as they are when it reads.
public final class LayerReader {
  private let trainer: Trainer
  private let node: Node<Float>
  /// The last plan, which all batches of one size share.
  private var plan: (batch: Int, plan: Plan<Float>)?

  /// A reader of a layer.
  ///
  /// - Parameter layer: a full name, as `Sequential.layerNames` lists them.
  /// - Throws: ``TrainingError/unknownName(_:known:)``.
  public init(_ trainer: Trainer, layer: String) throws {
    let entries = trainer.inference.context.entries
    guard let entry = entries.first(where: { $0.name == layer }) else {
      throw TrainingError.unknownName(layer, known: entries.map(\.name))
    }
    (self.trainer, node) = (trainer, entry.output)
  }

  /// What the layer gives for `inputs` [n] + the input shape.
  ///
  /// - Throws: ``TrainingError/inputShape(expected:found:)``; `GraphError` where the batch needs more memory than there is.
  public func outputs(for inputs: Tensor<Float>) throws -> Tensor<Float> {
    let expected = trainer.inputShape
    guard inputs.shape.rank == expected.rank + 1, Array(inputs.shape.dimensions.dropFirst()) == expected.dimensions
    else { throw TrainingError.inputShape(expected: expected, found: inputs.shape) }
    return try inputs.withUnsafeBufferPointer { try outputs(for: $0, count: inputs.shape[0]) }
  }

  /// What the layer gives for the examples that lie in memory one after the other.
  ///
  /// - Precondition: There are `count` times the input shape's elements.
  public func outputs(for inputs: UnsafeBufferPointer<Float>, count: Int) throws -> Tensor<Float> {
    precondition(inputs.count == count * trainer.inputShape.count, "examples of the input shape")
    let plan = try plan(batch: count)
    try plan.withInput(trainer.inference.input) { _ = $0.update(from: inputs) }
    plan.run()
    return try plan.value(of: node)
  }

  private func plan(batch: Int) throws -> Plan<Float> {
    if let plan, plan.batch == batch { return plan.plan }
    let new = try trainer.inference.plan(of: [node], batch: batch)
    plan = (batch, new)
    return new
  }
}
