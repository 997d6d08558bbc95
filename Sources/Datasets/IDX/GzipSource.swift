import CZlib

/// The unzipped bytes of a gzip file, inflated as they are asked for, so that nobody has to trust the size a file claims.
///
/// Several gzip members one after the other read as one, as `gzip -d` does (RFC 1952, section 2.2). Bytes after the last
/// member that are no further member are an error.
final class GzipSource: ByteSource {
  /// Deflate cannot expand a byte to more than this many (zlib's technical notes, "Maximum Compression Factor").
  static let maximumExpansion = 1032

  private let file: FileSource
  // zlib keeps a pointer to the stream inside its own state, so the stream must never move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var isFinished = false
  private var bytesTaken = 0

  init(_ file: FileSource) throws {
    self.file = file
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: 1 << 16, alignment: 16)
    let gzipOnly = MAX_WBITS + 16
    let code = inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw failure("zlib to start", "zlib's code \(code)") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count, !isFinished {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<min(buffer.count, filled + 1 << 30)])
      stream.pointee.next_out = piece.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(piece.count)
      try inflatePiece()
      filled += piece.count - Int(stream.pointee.avail_out)
    }
    return filled
  }

  /// Inflates until the output piece is full or the last member has ended.
  private func inflatePiece() throws {
    while stream.pointee.avail_out > 0, !isFinished {
      if stream.pointee.avail_in == 0, try refill() == 0 {
        throw failure("the rest of the gzip stream", "the end of the file", reason: .truncated)
      }
      switch inflate(stream, Z_NO_FLUSH) {
      case Z_OK, Z_BUF_ERROR: continue
      case Z_STREAM_END: try startNextMember()
      case let code:
        let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib's code \(code)"
        throw failure("a sound gzip stream", message)
      }
    }
  }

  /// After a member's checksum: the end of the file, another member, or garbage.
  private func startNextMember() throws {
    if stream.pointee.avail_in == 0, try refill() == 0 {
      isFinished = true
      return
    }
    guard stream.pointee.next_in.pointee == 0x1f else {
      throw failure("the end of the file", "further bytes that are no gzip stream")
    }
    inflateReset(stream)
  }

  private func refill() throws -> Int {
    let count = try file.read(into: input)
    bytesTaken += count
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = UInt32(count)
    return count
  }

  private func failure(_ expected: String, _ found: String, reason: IDXError.Reason = .corruptGzip) -> IDXError {
    let offset = bytesTaken - Int(stream.pointee.avail_in)
    return IDXError(file: file.path, offset: offset, reason: reason, expected: expected, found: found)
  }
}
