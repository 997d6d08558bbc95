public import Tensors

/// Cuts out the middle; where a row or a column is left over, it stays below and to the right.
public struct CentreCrop: ImageTransformation {
  /// The size of the part.
  public let size: ImageSize

  /// Makes the step.
  public init(height: Int, width: Int) { size = ImageSize(height: height, width: width) }

  /// Makes the step for a square.
  public init(_ side: Int) { self.init(height: side, width: side) }

  /// The middle of the image.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    let room = try image.room(for: size)
    return image.cropped(top: room.height / 2, left: room.width / 2, to: size)
  }

  /// The size of the part.
  public func outputSize(of input: ImageSize?) -> ImageSize? { size }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) { try require(size.isValid) }

  /// As in "centre 224x224".
  public var description: String { "centre \(size)" }
}

extension Image {
  /// How many rows and columns are left over when a part is cut out.
  func room(for size: ImageSize) throws(ImageTransformationError) -> ImageSize {
    guard size.height > 0, size.width > 0, height >= size.height, width >= size.width else {
      throw .tooSmall(found: self.size, needed: size)
    }
    return ImageSize(height: height - size.height, width: width - size.width)
  }
}
