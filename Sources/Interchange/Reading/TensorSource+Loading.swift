import Autodiff
import BLAS
import Tensors
public import Training

extension TensorSource {
  /// Puts the tensors in the place of a trainer's weights, whose names they have; they are read one at a time and those of more
  /// precision rounded.
  ///
  /// - Throws: ``InterchangeError`` where one is missing, of another shape or not finite; the weights are then as they were.
  public func load(into trainer: Trainer) throws(InterchangeError) {
    var loaded: [String: Tensor<Float>] = [:]
    for name in trainer.variableNames {
      let tensor: Tensor<Float> = try tensor(name, allowingRounding: true)
      guard let expected = trainer.state[shapeOf: name], tensor.shape == expected else {
        throw InterchangeError(
          file: path, key: name,
          reason: .malformed(expected: "the shape \(trainer.state[shapeOf: name] ?? [])", found: "\(tensor.shape)"))
      }
      if let index = tensor.elements.firstIndex(where: { !$0.isFinite }) {
        throw InterchangeError(
          file: path, key: name,
          reason: .malformed(expected: "finite numbers", found: "\(tensor.elements[index]) as element \(index)"))
      }
      loaded[name] = tensor
    }
    trainer.restore(loaded)
  }
}
