/// Ten views of an image: the four corners and the centre, then their mirror images.
///
/// A network's answer is the mean of its softmax outputs over the ten. Krizhevsky, Sutskever and Hinton, "ImageNet classification
/// with deep convolutional neural networks", 2012, section 4.1.
public struct TenCrop: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The size of a view.
  public let size: ImageSize

  /// How many views there are.
  public static let count = 10

  /// Makes views of a size.
  public init(height: Int, width: Int) { size = ImageSize(height: height, width: width) }

  /// The views: top left, top right, bottom left, bottom right, centre, and the same five flipped.
  ///
  /// - Throws: ``ImageTransformationError/tooSmall(found:needed:)``.
  public func callAsFunction(_ image: Image) throws(ImageTransformationError) -> [Image] {
    let room = try image.room(for: size)
    let places = [
      (0, 0), (0, room.width), (room.height, 0), (room.height, room.width), (room.height / 2, room.width / 2),
    ]
    let views = places.map { image.cropped(top: $0.0, left: $0.1, to: size) }
    return views + views.map { $0.flippedHorizontally() }
  }

  /// As in "ten views of 224x224".
  public var description: String { "ten views of \(size)" }
}
