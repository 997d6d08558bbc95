public import Tensors

/// Cuts out a part at a random place, each as likely as the others; optionally of the image with a black border.
public struct RandomCrop: ImageTransformation {
  /// The size of the part.
  public let size: ImageSize
  /// The width of the border, in pixels of level 0 on every side.
  public let padding: Int

  /// Makes the step.
  ///
  /// - Precondition: `padding` is not negative.
  public init(height: Int, width: Int, padding: Int = 0) {
    precondition(padding >= 0, "a border has no negative width, found \(padding)")
    size = ImageSize(height: height, width: width)
    self.padding = padding
  }

  /// Makes the step for a square.
  public init(_ side: Int, padding: Int = 0) { self.init(height: side, width: side, padding: padding) }

  /// A part of the image; draws the row, then the column.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    let (rows, columns) = (image.height + 2 * padding - size.height, image.width + 2 * padding - size.width)
    guard rows >= 0, columns >= 0, size.height > 0, size.width > 0 else {
      let found = ImageSize(height: image.height + 2 * padding, width: image.width + 2 * padding)
      throw .tooSmall(found: found, needed: size)
    }
    let top = generator.next(upperBound: rows + 1) - padding
    let left = generator.next(upperBound: columns + 1) - padding
    return image.cropped(top: top, left: left, to: size)
  }

  /// The size of the part.
  public func outputSize(of input: ImageSize?) -> ImageSize? { size }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) {
    try require(size.isValid && (0...1 << 20).contains(padding))
  }

  /// As in "random 32x32 of the image with a border of 4".
  public var description: String { "random \(size)" + (padding > 0 ? " of the image with a border of \(padding)" : "") }
}
