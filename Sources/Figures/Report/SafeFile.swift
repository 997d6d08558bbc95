import Foundation

/// Writes files that are either the old ones or the new ones, never half of the new.
enum SafeFile {
  /// Writes `data` beside `url`, makes sure that it has reached the disk, and puts it in the place of `url`.
  ///
  /// - Throws: `ReportError` that names the file; the old file is then untouched and nothing is left beside it.
  static func write(_ data: Data, to url: URL) throws(ReportError) {
    let temporary = url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: url.path, reason: reason(errno)) }
    do {
      try fill(descriptor, data)
    } catch {
      close(descriptor)
      unlink(temporary.path)
      throw .cannotWrite(path: url.path, reason: reason(error.number))
    }
    guard close(descriptor) == 0, rename(temporary.path, url.path) == 0 else {
      let number = errno
      unlink(temporary.path)
      throw .cannotWrite(path: url.path, reason: reason(number))
    }
  }

  /// The system's number of a failure.
  struct SystemError: Error { let number: Int32 }

  /// Writes all of `data` to an open file and waits until the disk has it.
  static func fill(_ descriptor: Int32, _ data: Data) throws(SystemError) {
    var rest = data
    while !rest.isEmpty {
      let count = writeSome(descriptor, rest)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw SystemError(number: count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemError(number: errno) }
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// The system's `write`, which the method of that name hides inside `SafeFile`.
private func writeSome(_ descriptor: Int32, _ data: Data) -> Int {
  data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}

/// Why a report was not written.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A folder could not be made.
  case cannotMakeFolder(path: String, reason: String)
  /// A file could not be written; whatever stood in its place still does.
  case cannotWrite(path: String, reason: String)

  /// What could not be written, where and why.
  public var description: String {
    switch self {
    case .cannotMakeFolder(let path, let reason): "The report's folder '\(path)' cannot be made: \(reason)"
    case .cannotWrite(let path, let reason): "The report's file '\(path)' cannot be written: \(reason)"
    }
  }
}
