/// Reads the JSON of a safetensors header: an object of objects, with text and whole numbers at the leaves.
///
/// A general JSON reader keeps the last of two equal keys and forgets where things stood; this one names the byte.
struct SafetensorsHeaderScanner {
  let file: String
  private var cursor: HeaderCursor
  /// The key being read, for errors.
  private var key: String?

  /// Where the header begins in the file.
  static let start = 8

  init(file: String, bytes: [UInt8]) {
    self.file = file
    cursor = HeaderCursor(bytes: bytes)
  }

  /// A tensor as the header tells of it, not yet checked against the data.
  struct Claim {
    var name = ""
    var offset = 0
    var type = ""
    var dimensions: [Int] = []
    var begin = 0
    var end = 0
  }

  /// Reads the whole header.
  mutating func read() throws(SafetensorsError) -> (claims: [Claim], metadata: [String: String]) {
    guard cursor.bytes.first == UInt8(ascii: "{") else { throw unexpected("the header to begin with {") }
    var claims: [Claim] = []
    var metadata: [String: String] = [:]
    try readObject { scanner, name, offset throws(SafetensorsError) in
      scanner.key = name
      if name == "__metadata__" {
        metadata = try scanner.readMetadata()
      } else {
        claims.append(try scanner.readClaim(name, offset))
      }
      scanner.key = nil
    }
    cursor.skipSpaces()
    guard cursor.position == cursor.bytes.count else {
      throw unexpected("nothing but spaces after the header's object")
    }
    return (claims, metadata)
  }

  private mutating func readMetadata() throws(SafetensorsError) -> [String: String] {
    var metadata: [String: String] = [:]
    try readObject { scanner, name, _ throws(SafetensorsError) in metadata[name] = try scanner.readText() }
    return metadata
  }

  private mutating func readClaim(_ name: String, _ offset: Int) throws(SafetensorsError) -> Claim {
    var claim = Claim(name: name, offset: offset)
    var missing = ["dtype", "shape", "data_offsets"]
    try readObject { scanner, field, offset throws(SafetensorsError) in
      missing.removeAll { $0 == field }
      switch field {
      case "dtype": claim.type = try scanner.readText()
      case "shape": claim.dimensions = try scanner.readNumbers()
      case "data_offsets":
        let offsets = try scanner.readNumbers()
        guard offsets.count == 2 else {
          throw scanner.malformed("two numbers in data_offsets", "\(offsets.count)", at: offset)
        }
        (claim.begin, claim.end) = (offsets[0], offsets[1])
      default: throw scanner.error(.unknownField(field), at: offset)
      }
    }
    if let field = missing.first { throw error(.missingField(field), at: offset) }
    return claim
  }

  /// Reads `{"key": value, ...}`; `readValue` reads each value, after its key and the key's place in the file.
  private mutating func readObject(
    _ readValue: (inout SafetensorsHeaderScanner, String, Int) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try expect("{")
    if cursor.accept("}") { return }
    var names: Set<String> = []
    repeat {
      cursor.skipSpaces()
      let offset = self.offset
      let name = try readText()
      guard names.insert(name).inserted else {
        throw SafetensorsError(file: file, key: key ?? name, offset: offset, reason: .duplicateKey)
      }
      try expect(":")
      try readValue(&self, name, offset)
    } while cursor.accept(",")
    try expect("}")
  }

  /// Reads `[1, 2, 3]`.
  private mutating func readNumbers() throws(SafetensorsError) -> [Int] {
    try expect("[")
    if cursor.accept("]") { return [] }
    var numbers: [Int] = []
    repeat { numbers.append(try readNumber()) } while cursor.accept(",")
    try expect("]")
    return numbers
  }

  private mutating func readNumber() throws(SafetensorsError) -> Int {
    cursor.skipSpaces()
    let (start, place) = (cursor.position, offset)
    switch cursor.readNumber() {
    case .tooLarge: throw malformed("a number that fits in 63 bits", "a larger one", at: place)
    case .value(let value) where cursor.position - start == 1 || cursor.bytes[start] != UInt8(ascii: "0"): return value
    default: throw unexpected("a whole number that is not negative")
    }
  }

  /// Reads `"text"` with its escapes.
  private mutating func readText() throws(SafetensorsError) -> String {
    try expect("\"")
    let start = offset - 1
    var text: [UInt8] = []
    while let byte = cursor.peek() {
      cursor.position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else { throw error(.invalidUTF8, at: start) }
        return valid
      case UInt8(ascii: "\\"): text += try readEscape()
      case 0..<0x20:
        cursor.position -= 1
        throw unexpected("a text without control characters")
      default: text.append(byte)
      }
    }
    throw unexpected("the end of the text")
  }

  private mutating func readEscape() throws(SafetensorsError) -> [UInt8] {
    guard let letter = cursor.peek() else { throw unexpected("an escape") }
    cursor.position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      let first = try readHexadecimal()
      guard (0xD800..<0xDC00).contains(first) else {
        guard let scalar = Unicode.Scalar(first) else { throw unexpected("a character before this place") }
        return Array(String(scalar).utf8)
      }
      guard cursor.bytes[cursor.position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw unexpected("the second half of a surrogate pair")
      }
      cursor.position += 2
      let second = try readHexadecimal()
      guard (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00)))
      else { throw unexpected("the second half of a surrogate pair before this place") }
      return Array(String(scalar).utf8)
    default:
      cursor.position -= 1
      throw unexpected("an escape")
    }
  }

  private mutating func readHexadecimal() throws(SafetensorsError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = cursor.peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      cursor.position += 1
    }
    return value
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsError) {
    guard cursor.accept(character) else { throw unexpected(String(character)) }
  }

  private func unexpected(_ expected: String) -> SafetensorsError { malformed(expected, cursor.found, at: offset) }

  /// Where the cursor stands in the file.
  private var offset: Int { SafetensorsHeaderScanner.start + cursor.position }

  private func malformed(_ expected: String, _ found: String, at offset: Int) -> SafetensorsError {
    error(.malformedHeader(expected: expected, found: found), at: offset)
  }

  private func error(_ reason: SafetensorsError.Reason, at offset: Int) -> SafetensorsError {
    SafetensorsError(file: file, key: key, offset: offset, reason: reason)
  }
}
