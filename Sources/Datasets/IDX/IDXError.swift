/// What is wrong with an IDX file, and where.
public struct IDXError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Reason: Hashable, Sendable {
    /// There is no file at the path.
    case missing
    /// The path names a directory, a pipe or a device.
    case notARegularFile
    /// The operating system refused to open or read the file.
    case unreadable
    /// The file ends before the values its header promises.
    case truncated
    /// The file goes on after the values its header promises.
    case trailingBytes
    /// The first two bytes are not zero, so this is not an IDX file.
    case wrongMagic
    /// The third byte names no element type of the format.
    case unknownElementType
    /// The fourth byte promises no dimension at all.
    case noDimensions
    /// The dimensions overflow, pass the caller's limit or cannot come out of a gzip file this small.
    case tooLarge
    /// The gzip stream is damaged: a bad header, a bad code or a checksum that does not match.
    case corruptGzip
    /// A well-formed file holds another element type than the caller needs.
    case unexpectedElementType
    /// A well-formed file holds other dimensions than the caller needs.
    case unexpectedDimensions
  }

  /// The path of the file.
  public let file: String
  /// The byte where the trouble shows: of the IDX data once unzipped, of the file itself for `corruptGzip`.
  public let offset: Int
  /// The kind of failure.
  public let reason: Reason
  /// What should have been there.
  public let expected: String
  /// What was there.
  public let found: String

  /// Describes a failure in `file` at byte `offset`.
  public init(file: String, offset: Int, reason: Reason, expected: String, found: String) {
    self.file = file
    self.offset = offset
    self.reason = reason
    self.expected = expected
    self.found = found
  }

  /// One sentence: the file, the byte, what was expected and what was found.
  public var description: String { "\(file), byte \(offset): expected \(expected), found \(found)" }
}
