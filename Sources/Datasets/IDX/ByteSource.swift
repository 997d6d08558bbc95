import Foundation

/// Bytes that are read front to back, once.
protocol ByteSource: AnyObject {
  /// Fills `buffer` from the current position and returns how many bytes it wrote: fewer than asked only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A regular file, read front to back.
final class FileSource: ByteSource {
  let path: String
  /// The file's length when it was opened, in bytes.
  let size: Int
  private let handle: FileHandle
  private var position = 0

  /// Opens the file at `url`; refuses anything but a regular file, because opening a pipe would wait for ever.
  init(_ url: URL) throws {
    let path = url.path
    self.path = path
    func failure(_ reason: IDXError.Reason, _ found: String) -> IDXError {
      IDXError(file: path, offset: 0, reason: reason, expected: "a readable file", found: found)
    }
    let resolved = url.resolvingSymlinksInPath()
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: resolved.path, isDirectory: &isDirectory) else {
      throw failure(.missing, "no file at this path")
    }
    guard !isDirectory.boolValue else { throw failure(.notARegularFile, "a directory") }
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: resolved.path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw failure(.notARegularFile, "a pipe, a socket or a device")
      }
      handle = try FileHandle(forReadingFrom: resolved)
      size = Int(try handle.seekToEnd())
      try handle.seek(toOffset: 0)
    } catch let error as IDXError {
      throw error
    } catch {
      throw failure(.unreadable, error.localizedDescription)
    }
  }

  deinit { try? handle.close() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      let data: Data?
      do {
        data = try handle.read(upToCount: min(buffer.count - filled, 1 << 20))
      } catch {
        throw IDXError(
          file: path, offset: position, reason: .unreadable, expected: "a readable file",
          found: error.localizedDescription)
      }
      guard let data, !data.isEmpty else { break }
      data.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      filled += data.count
      position += data.count
    }
    return filled
  }

  /// Moves back to the first byte.
  func rewind() throws {
    try handle.seek(toOffset: 0)
    position = 0
  }
}
