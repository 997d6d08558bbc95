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
    guard inputs.shape.rank == inputShape.rank + 1, Array(inputs.shape.dimensions.dropFirst()) == inputShape.dimensions
    else { throw TrainingError.inputShape(expected: inputShape, found: inputs.shape) }
    guard let entry = inference.context.entries.first(where: { $0.name == layer }) else {
      throw TrainingError.unknownName(layer, known: inference.context.entries.map(\.name))
    }
    let plan = try inference.plan(of: [entry.output], batch: inputs.shape[0])
    try plan.set(inference.input, to: inputs)
    plan.run()
    return try plan.value(of: entry.output)
  }
}
