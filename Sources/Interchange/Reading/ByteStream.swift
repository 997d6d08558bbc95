import Foundation
import Tensors

/// Bytes that are read front to back: a file, or a member of an archive.
protocol ByteStream: AnyObject {
  /// The path of the file.
  var path: String { get }
  /// The member of an archive.
  var member: String? { get }
  /// How many bytes there are.
  var size: Int { get }
  /// How many have been read.
  var position: Int { get }
  /// Reads the next bytes until `target` is full.
  func read(into target: UnsafeMutableRawBufferPointer) throws(InterchangeError)
}

extension ByteStream {
  /// How many bytes are left.
  var remaining: Int { size - position }

  /// The next bytes; refused before any memory is taken where there are not so many.
  func read(_ count: Int) throws(InterchangeError) -> [UInt8] {
    try require(count)
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { target throws(InterchangeError) in
      try read(into: UnsafeMutableRawBufferPointer(target))
    }
    return bytes
  }

  /// Throws where fewer than `count` bytes are left.
  func require(_ count: Int) throws(InterchangeError) {
    guard count >= 0, count <= remaining else { throw error(.truncated(expected: count, found: remaining)) }
  }

  /// Throws where bytes are left.
  func expectEnd() throws(InterchangeError) {
    guard remaining == 0 else { throw malformed("the end", "\(remaining) further bytes") }
  }

  func error(_ reason: InterchangeError.Reason, key: String? = nil, at offset: Int? = nil) -> InterchangeError {
    InterchangeError(file: path, member: member, key: key, offset: offset ?? position, reason: reason)
  }

  func malformed(_ expected: String, _ found: String, at offset: Int? = nil) -> InterchangeError {
    error(.malformed(expected: expected, found: found), at: offset)
  }
}

/// A regular file, read front to back or from anywhere.
final class FileStream: ByteStream {
  private let file: FileReader
  let path: String
  let size: Int
  let member: String? = nil
  private(set) var position = 0

  /// Opens a file; anything but a regular file is refused, and not waited for, should it be a pipe.
  init(_ url: URL) throws(InterchangeError) {
    do throws(FileError) {
      file = try FileReader(url)
    } catch {
      throw InterchangeError(file: url.path, reason: .file(error))
    }
    (path, size) = (file.path, file.size)
  }

  /// Goes on reading elsewhere.
  func seek(to offset: Int) { position = min(max(0, offset), size) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    try require(target.count)
    do throws(FileError) {
      try file.read(into: target, at: position)
    } catch {
      throw self.error(.file(error))
    }
    position += target.count
  }
}
