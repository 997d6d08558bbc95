public import Tensors

/// What is wrong with a table, and where.
public struct TableError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Reason: Hashable, Sendable {
    /// The system refused to open or read the file.
    case file(FileError)
    /// The file is not UTF-8 text.
    case notText
    /// There is no header.
    case empty
    /// There is a header and nothing below it.
    case noRows
    /// The header leaves a column without a name.
    case emptyName
    /// Two columns have one name.
    case duplicateName
    /// A row has more or fewer fields than the header.
    case ragged
    /// A quote is in the wrong place or has no partner.
    case quote
    /// A line ends with CR alone.
    case lineEnd
    /// There is no column of the name that was asked for.
    case missingColumn
    /// A field holds no value.
    case missingValue
    /// A field that should hold a number does not.
    case notANumber
    /// A number is infinite or not a number.
    case notFinite
    /// A category that the encoding does not know.
    case unknownCategory
    /// The numbers would take more memory than there is.
    case tooLarge
  }

  /// The path of the file.
  public let file: String
  /// The line, counted from 1, in which the row begins; nil where the trouble is in no one line.
  public let line: Int?
  /// The name of the column, or its number where the names are not known yet.
  public let column: String?
  /// The kind of failure.
  public let reason: Reason
  /// What should have been there.
  public let expected: String
  /// What was there.
  public let found: String

  /// Describes a failure.
  public init(file: String, line: Int?, column: String?, reason: Reason, expected: String, found: String) {
    self.file = file
    self.line = line
    self.column = column
    self.reason = reason
    self.expected = expected
    self.found = found
  }

  init(_ error: FileError) {
    self.init(
      file: error.path, line: nil, column: nil, reason: .file(error), expected: "a readable file",
      found: error.description)
  }

  /// One sentence: the file, the line, the column, what was expected and what was found.
  public var description: String {
    if case .file(let error) = reason { return error.description }
    let place = file + (line.map { ", line \($0)" } ?? "") + (column.map { ", column \($0)" } ?? "")
    return "\(place): expected \(expected), found \(found)"
  }
}
