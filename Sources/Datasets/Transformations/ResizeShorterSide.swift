public import Tensors

/// Brings an image's shorter side to a length and keeps its proportions; the longer side is rounded down, as in torchvision.
///
/// The interpolation is bilinear with antialias (``Image/resized(to:)``).
public struct ResizeShorterSide: ImageTransformation {
  /// The length of the shorter side.
  public let side: Int

  /// Makes the step.
  ///
  /// - Precondition: `side` is positive.
  public init(_ side: Int) {
    precondition(side > 0, "an image's side has pixels, found \(side)")
    self.side = side
  }

  /// The resized image.
  ///
  /// - Throws: ``ImageTransformationError/tooLong(found:becoming:)`` beyond 100 million pixels.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    let size = size(for: image.size)
    guard size.isValid else { throw .tooLong(found: image.size, becoming: size) }
    return image.resized(to: size)
  }

  /// The input's size in its proportions.
  public func outputSize(of input: ImageSize?) -> ImageSize? { input.map(size(for:)) }

  private func size(for input: ImageSize) -> ImageSize {
    let (height, width) = (input.height, input.width)
    // In doubles: a side of a pixel and one of a hundred million must not overflow.
    func longer(_ long: Int, _ short: Int) -> Int { Int(Double(side) * Double(long) / Double(short)) }
    return height <= width
      ? ImageSize(height: side, width: longer(width, height)) : ImageSize(height: longer(height, width), width: side)
  }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) { try require((1...10_000).contains(side)) }

  /// As in "shorter side to 256".
  public var description: String { "shorter side to \(side)" }
}
