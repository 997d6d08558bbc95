import BLAS
public import Foundation

/// A folder with a folder of images for each class, as in `train/cat/001.png`.
///
/// Classes are the folders in it, in the order of their names' bytes; a class's images are its files named `.png`, `.jpg`, `.jpeg` or
/// `.jpe` in whatever depth, in the order of their paths. Names that begin with a dot are passed over. Symbolic links are followed; a
/// folder that is reached twice, as by a link to one above, is refused. Only names are held in memory: an image is decoded when it is
/// asked for.
public struct ImageFolder: ImageSource {
  /// The folder.
  public let directory: URL
  /// The names of the classes.
  public let classNames: [String]
  /// How files become images.
  public let decoding: ImageDecoding
  /// Images that were left out because they cannot be read, each with the reason.
  public private(set) var skipped: [ImageError] = []
  /// How many files in the classes' folders have names of other kinds and were passed over.
  public let otherFileCount: Int

  private var paths: [String]
  private var classes: [Int32]

  /// Looks through a folder; nothing is decoded.
  ///
  /// - Parameters:
  ///   - directory: The folder of the classes' folders.
  ///   - classNames: The classes there are, in the order of their indices, as for a test set of those that were trained; some may be
  ///     absent here. Nil takes the folders that there are.
  ///   - decoding: How files become images.
  /// - Throws: ``ImageFolderError``, for a class without images and for a single class too.
  public init(
    _ directory: URL, classNames: [String]? = nil, decoding: ImageDecoding = ImageDecoding()
  ) throws(ImageFolderError) {
    var scan = ImageFolderScan()
    let found = try scan.classes(in: directory.path)
    guard !found.isEmpty else { throw .noClasses(directory.path) }
    let names = classNames ?? found
    if classNames == nil, found.count == 1 { throw .oneClass(directory.path, name: found[0]) }
    (paths, classes) = ([], [])
    for name in found {
      let path = "\(directory.path)/\(name)"
      guard let number = names.firstIndex(of: name) else { throw .unknownClass(path, known: names) }
      let files = try scan.images(under: path)
      paths += files
      classes += [Int32](repeating: Int32(number), count: files.count)
    }
    self.directory = directory
    self.classNames = names
    self.decoding = decoding
    otherFileCount = scan.otherFileCount
  }

  /// The training and the test set of a folder: those named `train`, and `test`, `val` or `validation`, where there are such.
  ///
  /// Without a folder `train` all of it is for training, and there is no test set.
  ///
  /// - Throws: ``ImageFolderError``.
  public static func split(
    _ directory: URL, decoding: ImageDecoding = ImageDecoding()
  ) throws(ImageFolderError) -> (train: ImageFolder, test: ImageFolder?) {
    guard let train = existing(["train"], in: directory) else {
      return (try ImageFolder(directory, decoding: decoding), nil)
    }
    let training = try ImageFolder(train, decoding: decoding)
    guard let test = existing(testNames, in: directory) else { return (training, nil) }
    return (training, try ImageFolder(test, classNames: training.classNames, decoding: decoding))
  }

  /// The set to evaluate on: the folder's own named `test`, `val` or `validation`, or the whole folder where there is none.
  ///
  /// - Parameter classNames: the classes that were trained; nil takes the folders that there are.
  /// - Throws: ``ImageFolderError``.
  public static func forEvaluation(
    _ directory: URL, classNames: [String]?, decoding: ImageDecoding = ImageDecoding()
  ) throws(ImageFolderError) -> ImageFolder {
    try ImageFolder(existing(testNames, in: directory) ?? directory, classNames: classNames, decoding: decoding)
  }

  private static let testNames = ["test", "val", "validation"]

  private static func existing(_ names: [String], in directory: URL) -> URL? {
    names.map { directory.appendingPathComponent($0) }.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The number of images.
  public var count: Int { paths.count }

  /// The file of image `index`.
  public func name(of index: Int) -> String { paths[index] }

  /// The class of image `index`.
  public func classIndex(of index: Int) -> Int { Int(classes[index]) }

  /// Reads and decodes image `index`.
  ///
  /// - Throws: ``ImageError``.
  public func image(_ index: Int) throws -> Image {
    try Image(contentsOf: URL(fileURLWithPath: paths[index], isDirectory: false), decoding: decoding)
  }

  /// The same folder without the images that cannot be read, which are then in ``skipped``; decodes each once, on several threads.
  ///
  /// - Throws: ``ImageFolderError/emptyClass(_:other:)`` where a class has no other images.
  public func skippingCorrupt() throws(ImageFolderError) -> ImageFolder {
    let errors = corruptImages()
    let bad = Set(errors.map(\.index))
    var result = self
    let good = paths.indices.filter { !bad.contains($0) }
    result.paths = good.map { paths[$0] }
    result.classes = good.map { classes[$0] }
    result.skipped = errors.map(\.error)
    let left = Set(result.classes)
    if let lost = errors.first(where: { !left.contains(classes[$0.index]) }) {
      throw .emptyClass(
        "\(directory.path)/\(classNames[Int(classes[lost.index])])", other: paths[lost.index])
    }
    return result
  }

  /// Throws where an image cannot be read, naming all that cannot; decodes each once, on several threads.
  ///
  /// - Throws: ``ImageFolderError/corrupt(_:count:)``.
  public func refuseCorrupt() throws(ImageFolderError) {
    let errors = corruptImages()
    guard errors.isEmpty else { throw .corrupt(errors.map(\.error), count: count) }
  }

  private func corruptImages() -> [(index: Int, error: ImageError)] {
    let errors = ThreadPool.shared.map(0..<count) { index in
      do throws(ImageError) {
        _ = try Image(contentsOf: URL(fileURLWithPath: paths[index], isDirectory: false), decoding: decoding)
        return nil as ImageError?
      } catch {
        return error
      }
    }
    return errors.enumerated().compactMap { index, error in error.map { (index, $0) } }
  }

  /// One line an image, for messages; the first ten.
  public static func list(_ errors: [ImageError]) -> String {
    let lines = errors.prefix(10).map { "  \($0)" }
    return (lines + (errors.count > 10 ? ["  and \(errors.count - 10) more"] : [])).joined(separator: "\n")
  }
}

extension ImageSource {
  /// The colours of all images, after each got so many channels; decodes each once, on several threads.
  ///
  /// - Parameter channels: 1 or 3.
  /// - Throws: The error of the first image that cannot be read.
  public func statistics(channels: Int = 3) throws -> ImageStatistics {
    var total = ColourSums(channels: channels)
    // In pieces, whose sums are then added in the order of the images, whichever thread made them.
    for start in stride(from: 0, to: count, by: 1_024) {
      let sums = ThreadPool.shared.map(start..<min(count, start + 1_024)) { index in
        Result { ColourSums(try self.image(index).converted(channels: channels)) }
      }
      for sum in sums { total += try sum.get() }
    }
    return total.statistics
  }
}

extension ThreadPool {
  /// The results of `body` for every number of a range, in their order.
  func map<Result>(_ range: Range<Int>, _ body: (Int) -> Result) -> [Result] {
    guard !range.isEmpty else { return [] }
    return [Result](unsafeUninitializedCapacity: range.count) { buffer, count in
      // Each task initialises the element of its number and no other.
      let first = buffer.baseAddress!
      run(range.count) { (first + $0).initialize(to: body(range.lowerBound + $0)) }
      count = range.count
    }
  }
}
