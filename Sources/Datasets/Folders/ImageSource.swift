/// Numbered images with a class each, before they are prepared for a network: a folder, or a set in memory.
///
/// Images are asked for at random and from several threads at once.
public protocol ImageSource: Sendable {
  /// The number of images.
  var count: Int { get }

  /// The names of the classes in the order of their indices.
  var classNames: [String] { get }

  /// Image `index`, decoded.
  ///
  /// - Throws: What is wrong with its file, where it has one.
  func image(_ index: Int) throws -> Image

  /// The class of image `index`.
  func classIndex(of index: Int) -> Int

  /// What messages call image `index`: its file, or its number.
  func name(of index: Int) -> String
}
