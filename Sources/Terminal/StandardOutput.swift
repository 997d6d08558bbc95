#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Results on standard output. A result that cannot be written is an error: a full disk must not look like success.
public enum StandardOutput {
  /// Writes a text and a line feed, all of it.
  ///
  /// - Throws: ``StandardOutputError`` where the system refuses, as when the disk behind it is full.
  public static func line(_ text: String) throws(StandardOutputError) {
    // What `print` has left in its buffer comes first.
    guard fflush(nil) == 0 else { throw StandardOutputError(code: errno) }
    let code = writeAll(text + "\n", to: STDOUT_FILENO)
    guard code == 0 else { throw StandardOutputError(code: code) }
  }

  /// How many columns the terminal behind standard output has; nil where there is none or it does not say.
  public static var columns: Int? {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }
}

/// Why a result did not reach standard output.
public struct StandardOutputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system's error number (`errno`): `ENOSPC` on a full disk, `EPIPE` where the reader has ended.
  public let code: Int32

  /// What failed and why.
  public var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}

/// Writes all of a text to a descriptor.
///
/// - Returns: 0, or the error number of the system's refusal.
func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count > 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if count < 0 && errno == EAGAIN {
        // Another program has made the pipe or the terminal that it shares with us answer instead of wait.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, 1_000)
      } else if count == 0 || errno != EINTR {
        return count == 0 ? EIO : errno
      }
    }
    return 0
  }
}
