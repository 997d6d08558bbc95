public import Tensors

/// What is wrong with a folder of IDX files that should be a labelled set.
public enum MNISTError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A file is there under none of its names.
  case missingFile(directory: String, names: [String])
  /// Images and labels differ in number.
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// The files hold no example.
  case noExamples(file: String)
  /// The images are not as large as is asked for; both shapes are those of examples, with `padding` on every side.
  case imageSize(file: String, expected: Shape, found: Shape, padding: Int)
  /// A label names no class: label number `index`, at byte `offset` of the unzipped file.
  case labelOutOfRange(file: String, offset: Int, index: Int, label: UInt8, expected: Range<Int>)

  /// What was expected and what was found, and for a missing file where to get it.
  public var description: String {
    switch self {
    case .missingFile(let directory, let names):
      "\(directory): expected a file named \(names.joined(separator: " or ")), found none of them "
        + "(scripts/fetch-mnist downloads MNIST)"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(labels): expected a label for each of the \(imageCount) images of \(images), found \(labelCount)"
    case .noExamples(let file):
      "\(file): expected at least one image, found none"
    case .imageSize(let file, let expected, let found, let padding):
      "\(file): expected images of \(Self.size(expected, padding)), found \(Self.size(found, padding))"
    case .labelOutOfRange(let file, let offset, let index, let label, let expected):
      "\(file), byte \(offset): expected a label in \(expected), found \(label) for example \(index)"
    }
  }

  /// "28x28", as the file has them; with channels where there is more than one.
  private static func size(_ shape: Shape, _ padding: Int) -> String {
    let sizes = shape.dimensions.enumerated().map { $0.offset < 2 ? $0.element - 2 * padding : $0.element }
    return (sizes.last == 1 ? sizes.dropLast() : sizes).map(String.init).joined(separator: "x")
  }
}
