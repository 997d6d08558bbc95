/// A file that is read in pieces of 64 KiB.
final class BufferedStream: ByteStream {
  private let file: FileStream
  private var buffer: [UInt8] = []
  /// The byte of the file at which the buffer begins.
  private var start = 0
  private(set) var position = 0

  var path: String { file.path }
  var member: String? { nil }
  var size: Int { file.size }

  init(_ file: FileStream) { self.file = file }

  /// Goes on reading elsewhere.
  func seek(to offset: Int) { position = min(max(0, offset), size) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    try require(target.count)
    if target.count > 1 << 15 {
      file.seek(to: position)
      try file.read(into: target)
    } else {
      try fill(target.count)
      buffer.withUnsafeBytes {
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[position - start..<position - start + target.count]))
      }
    }
    position += target.count
  }

  /// The next byte, for messages of many small fields.
  func readByte() throws(InterchangeError) -> UInt8 {
    try require(1)
    try fill(1)
    position += 1
    return buffer[position - 1 - start]
  }

  /// Has the next bytes in the buffer.
  private func fill(_ count: Int) throws(InterchangeError) {
    guard position < start || position + count > start + buffer.count else { return }
    file.seek(to: position)
    buffer = try file.read(min(1 << 16, file.remaining))
    start = position
  }
}
