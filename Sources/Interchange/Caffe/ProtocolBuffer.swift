/// The fields of a protocol buffer message, one after the other, as they stand in a file; what has a length is not read but
/// named by its place.
///
/// Source: "Encoding" of the protocol buffers documentation: keys, variable-length integers, wire types 0, 1, 2 and 5.
struct ProtocolBuffer {
  /// What a field holds.
  enum Value {
    /// An integer of variable length.
    case integer(UInt64)
    /// Four or eight bytes.
    case fixed
    /// A text, a message or packed numbers: where they stand in the file.
    case bytes(Range<Int>)
  }

  private let stream: BufferedStream
  private(set) var position: Int
  private let end: Int

  /// The message that stands in a range of a file's bytes.
  init(_ stream: BufferedStream, _ range: Range<Int>) {
    (self.stream, position, end) = (stream, range.lowerBound, range.upperBound)
  }

  /// Whether all has been read.
  var isAtEnd: Bool { position >= end }

  /// The message in a field's bytes.
  func inner(_ range: Range<Int>) -> ProtocolBuffer { ProtocolBuffer(stream, range) }

  /// The next field; nil at the end.
  mutating func next() throws(InterchangeError) -> (number: Int, value: Value)? {
    guard !isAtEnd else { return nil }
    let start = position
    let key = try integer()
    guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw malformed("a field's number", "\(key >> 3)", at: start) }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return (number, .integer(try integer()))
    case 1: return (number, try skip(8, .fixed))
    case 5: return (number, try skip(4, .fixed))
    case 2:
      let length = Int(clamping: try integer())
      guard length <= end - position else {
        throw error(.truncated(expected: length, found: end - position), at: start)
      }
      let range = position..<position + length
      position += length
      return (number, .bytes(range))
    default: throw malformed("a field of wire type 0, 1, 2 or 5", "\(key & 7)", at: start)
    }
  }

  private mutating func skip(_ count: Int, _ value: Value) throws(InterchangeError) -> Value {
    guard count <= end - position else { throw error(.truncated(expected: count, found: end - position), at: position) }
    position += count
    return value
  }

  /// An integer of one to ten bytes, seven bits each, the lowest first.
  mutating func integer() throws(InterchangeError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw error(.truncated(expected: 1, found: 0), at: position) }
      stream.seek(to: position)
      let byte = try stream.readByte()
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw malformed("an integer of at most ten bytes", "a longer one", at: start)
  }

  /// A text in UTF-8 of at most 64 KiB.
  func text(_ range: Range<Int>) throws(InterchangeError) -> String {
    guard range.count <= 1 << 16 else {
      throw malformed("a name of at most 65536 bytes", "\(range.count)", at: range.lowerBound)
    }
    stream.seek(to: range.lowerBound)
    guard let text = String(validating: try stream.read(range.count), as: UTF8.self) else {
      throw malformed("a text in UTF-8", "other bytes", at: range.lowerBound)
    }
    return text
  }

  func error(_ reason: InterchangeError.Reason, at offset: Int) -> InterchangeError { stream.error(reason, at: offset) }

  func malformed(_ expected: String, _ found: String, at offset: Int) -> InterchangeError {
    stream.malformed(expected, found, at: offset)
  }
}
