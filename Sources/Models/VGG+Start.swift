public import BLAS
public import Tensors
public import Training

extension VGG {
  /// Puts the layers of a trained A that the paper's deeper networks start from (``layersFromA``) in the place of a trainer's
  /// drawn ones: section 3.1.
  ///
  /// The batch normalization beside a convolution comes with it. fc8 stays as drawn where the numbers of classes differ, and
  /// fc6 where the sizes of the images do.
  ///
  /// - Parameter weights: the variables of a trained A or A-LRN by name, as `Trainer.weights` gives them.
  /// - Returns: the names of the variables that were taken over, sorted.
  /// - Throws: ``VGGStartError`` where one of the four convolutions is missing or has another shape on either side; nothing
  ///   is changed then.
  @discardableResult
  public static func initialize(
    _ trainer: Trainer, fromA weights: [String: Tensor<Float>]
  ) throws(VGGStartError) -> [String] {
    let own = trainer.weights
    for layer in layersFromA.prefix(4) {
      let name = "\(layer).kernel"
      guard let theirs = weights[name]?.shape, let ours = own[name]?.shape, theirs == ours else {
        throw VGGStartError(variable: name, found: weights[name]?.shape, expected: own[name]?.shape)
      }
    }
    let layers = layersFromA + layersFromA.map { $0.replacing("conv", with: "bn") }
    let taken = weights.filter { name, tensor in
      layers.contains { name.hasPrefix("\($0).") } && own[name]?.shape == tensor.shape
    }
    trainer.restore(taken)
    return taken.keys.sorted()
  }
}

/// Why a network cannot start from another one's weights.
public struct VGGStartError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The variable.
  public let variable: String
  /// Its shape among the weights, or `nil` where they have none of that name.
  public let found: Shape?
  /// Its shape in the network, or `nil` where that has none of that name.
  public let expected: Shape?

  /// What was expected and what was found.
  public var description: String {
    guard let expected else { return "the network has no '\(variable)': it is no VGG" }
    return "the weights are expected to be a trained VGG A's, with a '\(variable)' of shape \(expected), found "
      + (found.map { "shape \($0)" } ?? "none")
  }
}
