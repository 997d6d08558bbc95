public import Tensors

/// Something that is done to an image on its way into a network: a value, the same for every image.
///
/// What is random is drawn from the generator that is handed in, so a seed, an epoch and an example's number give the same
/// image on any number of threads.
public protocol ImageTransformation: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The transformed image.
  ///
  /// - Throws: ``ImageTransformationError`` for an image that it cannot be done to.
  func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image

  /// The size of what comes out, where it is known beforehand.
  ///
  /// - Parameter input: the size of what goes in; nil where it varies from image to image.
  func outputSize(of input: ImageSize?) -> ImageSize?

  /// Throws where the step's values make no sense, as they may where they come from a file; steps that were made by their
  /// initializers are valid.
  ///
  /// - Throws: ``ImageTransformationError/invalid(_:)``.
  func validate() throws(ImageTransformationError)
}

extension ImageTransformation {
  func require(_ condition: Bool) throws(ImageTransformationError) {
    guard condition else { throw .invalid("\(self)") }
  }
}

/// Height and width in pixels.
public struct ImageSize: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The number of rows.
  public var height: Int
  /// The number of columns.
  public var width: Int

  /// Makes a size.
  public init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
  }

  /// Whether a step may make an image of this size: it has pixels, and at most 100 million.
  var isValid: Bool { height > 0 && width > 0 && height <= 100_000_000 / width }

  /// As in `224x224`: height, then width.
  public var description: String { "\(height)x\(width)" }
}

/// Why an image cannot be transformed.
public enum ImageTransformationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The image is smaller than the part that is to be cut out of it.
  case tooSmall(found: ImageSize, needed: ImageSize)
  /// The image would become too large: its proportions are too far from a square.
  case tooLong(found: ImageSize, becoming: ImageSize)
  /// The image has another size than the network's input, and no step brings it there.
  case size(found: ImageSize, expected: ImageSize)
  /// The image has another number of channels than the step works on.
  case channels(found: Int, expected: Int)
  /// The sizes of what comes out differ from image to image, which batches cannot hold.
  case varyingSize
  /// Something that is computed from the training images is needed, and was not given.
  case missingStatistics
  /// A step or an encoding from a file has values that make no sense.
  case invalid(String)
  /// The network's input is no image `[height, width, channels]` of 1 or 3 channels.
  case input(Shape)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .tooSmall(let found, let needed): "expected an image of at least \(needed), found \(found)"
    case .tooLong(let found, let becoming):
      "expected an image nearer to a square, found \(found), which would become \(becoming)"
    case .size(let found, let expected): "expected an image of \(expected), found \(found)"
    case .channels(let found, let expected): "expected an image of \(expected) channels, found \(found)"
    case .varyingSize: "expected steps that bring every image to one size (a crop at the end), found none that does"
    case .missingStatistics:
      "expected the statistics of the training images, which the preparation computes with, found none"
    case .invalid(let step): "expected a step that can be done, found: \(step)"
    case .input(let shape): "expected an input [height, width, channels] of 1 or 3 channels, found \(shape)"
    }
  }
}
