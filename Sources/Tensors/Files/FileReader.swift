package import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A regular file that is read front to back, once.
///
/// Its size is that of the moment it was opened: what is added to it afterwards is not read, and what is taken away is an
/// error.
package struct FileReader: ~Copyable {
  /// The path of the file.
  package let path: String
  /// The file's length, in bytes.
  package let size: Int
  private let file: FileDescriptor
  private var position = 0

  /// Opens a file; anything but a regular file is refused, and not waited for, should it be a pipe.
  package init(_ url: URL) throws(FileError) {
    let path = url.path
    let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard isRegularFile(status) else { throw FileError(path: path, operation: .read, cause: .notRegularFile) }
    (self.path, self.size) = (path, Int(status.st_size))
    self.file = file
  }

  /// Puts the next bytes into `buffer`, from an index on, and returns how many: fewer than there is room for only at the
  /// end of the file.
  package mutating func read(into buffer: inout [UInt8], from index: Int = 0) throws(FileError) -> Int {
    let count = min(buffer.count - index, size - position)
    try Self.fill(&buffer, from: index, count, file, at: position)
    position += count
    return count
  }

  /// Fills `target` with the bytes that begin at `offset`, wherever the reader stands.
  package func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    try file.read(into: target, at: offset)
  }

  private static func fill(
    _ buffer: inout [UInt8], from index: Int, _ count: Int, _ file: borrowing FileDescriptor, at offset: Int
  ) throws(FileError) {
    try buffer.withUnsafeMutableBufferPointer { bytes throws(FileError) in
      let target = UnsafeMutableBufferPointer(rebasing: bytes[index..<index + count])
      try file.read(into: UnsafeMutableRawBufferPointer(target), at: offset)
    }
  }
}
