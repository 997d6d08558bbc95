#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file operation that the system refused.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done.
  public enum Operation: String, Sendable, Hashable {
    /// Opening a file, or creating one.
    case open
    /// Asking for a file's kind and size.
    case examine
    /// Reading.
    case read
    /// Writing.
    case write
    /// Forcing what was written to the disk.
    case synchronize
    /// Closing.
    case close
    /// Putting the new file in the old one's place.
    case replace
  }

  /// Why it failed.
  public enum Cause: Sendable, Hashable {
    /// The system's error number (`errno`): `ENOSPC` on a full disk, `EACCES` in a folder that is not ours.
    case system(Int32)
    /// There is a folder, a device or a pipe where a file is expected.
    case notRegularFile
    /// The file ends before the byte that was asked for.
    case endOfFile(offset: Int)
  }

  /// The path of the file.
  public let path: String
  /// What was being done.
  public let operation: Operation
  /// Why it failed.
  public let cause: Cause

  /// Makes an error.
  public init(path: String, operation: Operation, cause: Cause) {
    self.path = path
    self.operation = operation
    self.cause = cause
  }

  init(errnoOf operation: Operation, _ path: String) {
    self.init(path: path, operation: operation, cause: .system(errno))
  }

  /// What was being done, where and why it failed.
  public var description: String {
    let reason =
      switch cause {
      case .system(let code): String(cString: strerror(code)) + " (errno \(code))"
      case .notRegularFile: "it is not a regular file"
      case .endOfFile(let offset): "the file ends at byte \(offset)"
      }
    return "could not \(operation) \(path): \(reason)"
  }
}
