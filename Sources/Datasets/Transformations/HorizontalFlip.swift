public import Tensors

/// Exchanges left and right with a probability.
public struct HorizontalFlip: ImageTransformation {
  /// How often.
  public let probability: Double

  /// Makes the step.
  ///
  /// - Precondition: `probability` is in 0...1.
  public init(probability: Double = 0.5) {
    precondition((0...1).contains(probability), "a probability is in 0...1, found \(probability)")
    self.probability = probability
  }

  /// The image or its mirror image; draws one number.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    generator.uniform() < probability ? image.flippedHorizontally() : image
  }

  /// The input's size.
  public func outputSize(of input: ImageSize?) -> ImageSize? { input }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) { try require((0...1).contains(probability)) }

  /// As in "flip with probability 0.5".
  public var description: String { "flip with probability \(probability.formatted)" }
}
