package import Foundation

/// The lines of a text file one after the other, with the memory of the longest of them.
///
/// A line ends with LF, with CR LF or with the file; a byte-order mark at the start of the file belongs to no line.
package struct LineReader: ~Copyable {
  /// What the current line lies in; other bytes mean nothing.
  package private(set) var bytes: [UInt8]
  /// Where the current line lies in ``bytes``, without its end.
  package private(set) var line = 0..<0
  /// The number of the current line, counted from 1; 0 before the first.
  package private(set) var number = 0
  /// The path of the file.
  package var path: String { file.path }
  /// The file's length, in bytes.
  package var size: Int { file.size }

  private var file: FileReader
  /// The bytes that were read and belong to no line yet.
  private var rest = 0..<0

  /// Opens a file; see ``FileReader``.
  package init(_ url: URL, chunk: Int = 1 << 18) throws(FileError) {
    file = try FileReader(url)
    bytes = [UInt8](repeating: 0, count: max(chunk, 4))
  }

  /// Moves to the next line; false when there is none.
  package mutating func advance() throws(FileError) -> Bool {
    var searched = 0
    while true {
      if let end = Self.lineFeed(bytes, rest.dropFirst(searched)) {
        finish(rest.lowerBound..<end, next: end + 1)
        return true
      }
      searched = rest.count
      if try fill() == 0 { break }
    }
    guard !rest.isEmpty else { return false }
    finish(rest, next: rest.upperBound)
    return true
  }

  private mutating func finish(_ range: Range<Int>, next: Int) {
    var range = range
    if number == 0, bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) { range = range.dropFirst(3) }
    if let last = range.last, bytes[last] == 0x0D { range = range.dropLast() }
    line = range
    number += 1
    rest = next..<max(rest.upperBound, next)
  }

  /// Reads more behind what is there, which moves to the front; the room doubles where a line takes all of it.
  private mutating func fill() throws(FileError) -> Int {
    let count = rest.count
    if rest.lowerBound > 0 {
      bytes.withUnsafeMutableBytes { bytes in
        bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[rest]))
      }
      rest = 0..<count
    }
    if count == bytes.count { bytes += [UInt8](repeating: 0, count: count) }
    let more = try file.read(into: &bytes, from: count)
    rest = 0..<count + more
    return more
  }

  private static func lineFeed(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    bytes.withUnsafeBytes { bytes in
      // memchr, since most bytes of a large file are looked at here for nothing but this.
      guard !range.isEmpty, let start = bytes.baseAddress else { return nil }
      return memchr(start + range.lowerBound, 0x0A, range.count).map { UnsafeRawPointer($0) - start }
    }
  }
}
