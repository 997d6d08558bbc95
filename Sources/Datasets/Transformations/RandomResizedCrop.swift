public import Tensors

/// Cuts out a part of random size, proportions and place, and brings it to one size.
///
/// The part's share of the image's area is uniform in `area`, and its proportions (width over height) are log-uniform in
/// 3/4...4/3; after ten draws that do not fit, the middle is taken. Szegedy et al., "Going deeper with convolutions", 2015,
/// section 6; the draws are torchvision's.
public struct RandomResizedCrop: ImageTransformation {
  /// The size of what comes out.
  public let size: ImageSize
  /// The smallest share of the image's area.
  public let smallestArea: Double

  /// Makes the step.
  ///
  /// - Precondition: `smallestArea` is in 0...1.
  public init(height: Int, width: Int, smallestArea: Double = 0.08) {
    precondition((0...1).contains(smallestArea), "a share is in 0...1, found \(smallestArea)")
    size = ImageSize(height: height, width: width)
    self.smallestArea = smallestArea
  }

  /// The part, resized.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    guard size.height > 0, size.width > 0 else { throw .tooSmall(found: image.size, needed: size) }
    let area = Double(image.height) * Double(image.width)
    for _ in 0..<10 {
      let share = area * generator.uniform(in: smallestArea...1)
      let proportion = exponential(generator.uniform(in: -Self.widest...Self.widest))
      let width = Int((share * proportion).squareRoot().rounded())
      let height = Int((share / proportion).squareRoot().rounded())
      guard (1...image.width).contains(width), (1...image.height).contains(height) else { continue }
      let top = generator.next(upperBound: image.height - height + 1)
      let left = generator.next(upperBound: image.width - width + 1)
      return image.cropped(top: top, left: left, to: ImageSize(height: height, width: width)).resized(to: size)
    }
    // In whole numbers: 3/4 <= width / height <= 4/3.
    let part = ImageSize(
      height: min(image.height, max(1, image.width * 4 / 3)), width: min(image.width, max(1, image.height * 4 / 3)))
    let (top, left) = ((image.height - part.height) / 2, (image.width - part.width) / 2)
    return image.cropped(top: top, left: left, to: part).resized(to: size)
  }

  /// log(4/3).
  private static let widest = 0.287_682_072_451_780_9

  /// The exponential function within ±0.3 to the last bits, without the platform's library: the same everywhere.
  private func exponential(_ x: Double) -> Double {
    var sum = 1.0
    for order in stride(from: 14.0, to: 0, by: -1) { sum = 1 + x / order * sum }
    return sum
  }

  /// The size of what comes out.
  public func outputSize(of input: ImageSize?) -> ImageSize? { size }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) {
    try require(size.isValid && (0...1).contains(smallestArea))
  }

  /// As in "random part of 8 % or more, to 224x224".
  public var description: String { "random part of \((100 * smallestArea).formatted) % or more, to \(size)" }
}
