public import Tensors

/// What is wrong with a file of numbers, and where.
public struct MatrixFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Reason: Hashable, Sendable {
    /// The system refused to open or read the file.
    case file(FileError)
    /// There is nothing in the file.
    case empty
    /// The file is no MatrixMarket file.
    case noBanner
    /// The file is a MatrixMarket file of a kind that holds no real matrix.
    case unsupported
    /// What should be a number is none.
    case notANumber
    /// A number is infinite or not a number.
    case notFinite
    /// A line has not the parts it should have.
    case malformedLine
    /// An index lies outside the matrix, or is not larger than the one before it.
    case invalidIndex
    /// There are more or fewer entries than the header says.
    case entryCount
    /// More rows, columns or entries are claimed than a file of this size has a right to.
    case tooLarge
    /// A well-formed file holds a matrix of another shape than the caller needs.
    case shape
  }

  /// The path of the file.
  public let file: String
  /// The line, counted from 1; nil where the trouble is in no one line.
  public let line: Int?
  /// The kind of failure.
  public let reason: Reason
  /// What should have been there.
  public let expected: String
  /// What was there.
  public let found: String

  /// Describes a failure.
  public init(file: String, line: Int?, reason: Reason, expected: String, found: String) {
    self.file = file
    self.line = line
    self.reason = reason
    self.expected = expected
    self.found = found
  }

  init(_ error: FileError) {
    self.init(file: error.path, line: nil, reason: .file(error), expected: "a readable file", found: error.description)
  }

  /// One sentence: the file, the line, what was expected and what was found.
  public var description: String {
    if case .file(let error) = reason { return error.description }
    return "\(file)\(line.map { ", line \($0)" } ?? ""): expected \(expected), found \(found)"
  }
}
