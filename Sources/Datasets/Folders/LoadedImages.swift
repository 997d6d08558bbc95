import BLAS

/// Images decoded once and held in memory.
public struct LoadedImages: ImageSource {
  /// The names of the classes.
  public let classNames: [String]
  private let images: [Image]
  private let classes: [Int]
  private let names: [String]

  /// Decodes all images of a source, on several threads.
  ///
  /// - Throws: The error of the first image that cannot be read.
  public init(_ source: any ImageSource) throws {
    classNames = source.classNames
    images = try ThreadPool.shared.map(0..<source.count) { index in
      Result { try source.image(index) }
    }.map { try $0.get() }
    classes = (0..<source.count).map(source.classIndex(of:))
    names = (0..<source.count).map(source.name(of:))
  }

  /// The number of images.
  public var count: Int { images.count }

  /// Image `index`.
  public func image(_ index: Int) -> Image { images[index] }

  /// The class of image `index`.
  public func classIndex(of index: Int) -> Int { classes[index] }

  /// What the source called image `index`.
  public func name(of index: Int) -> String { names[index] }
}
