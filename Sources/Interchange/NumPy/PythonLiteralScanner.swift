/// Reads the dictionary of an `.npy` header: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct PythonLiteralScanner {
  /// What such a header says.
  struct Fields {
    var type = ""
    var isFortranOrder = false
    var shape: [Int] = []
  }

  /// What does not belong there, with its place in the header.
  struct Failure: Error {
    let expected: String
    let found: String
    let position: Int
  }

  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads the whole header.
  mutating func read() throws(Failure) -> Fields {
    var fields = Fields()
    var missing = ["descr", "fortran_order", "shape"]
    try expect("{")
    while !accept("}") {
      let start = position
      let key = try readText()
      guard let index = missing.firstIndex(of: key) else {
        throw Failure(expected: "descr, fortran_order and shape, once each", found: "'\(key)'", position: start)
      }
      missing.remove(at: index)
      try expect(":")
      switch key {
      case "descr": fields.type = try readType()
      case "fortran_order": fields.isFortranOrder = try readTruth()
      default: fields.shape = try readExtents()
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpaces()
    guard position == bytes.count else { throw unexpected("nothing but spaces after the dictionary") }
    if let key = missing.first { throw Failure(expected: "the key '\(key)'", found: "none", position: 0) }
    return fields
  }

  private mutating func readType() throws(Failure) -> String {
    skipSpaces()
    guard peek() != UInt8(ascii: "[") else {
      throw Failure(expected: "one element type", found: "a record of several", position: position)
    }
    return try readText()
  }

  private mutating func readText() throws(Failure) -> String {
    skipSpaces()
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw unexpected("a text in quotes")
    }
    position += 1
    let start = position
    while let byte = peek(), byte != quote, byte != UInt8(ascii: "\\") { position += 1 }
    guard peek() == quote, let text = String(validating: bytes[start..<position], as: UTF8.self) else {
      throw unexpected("the end of the text")
    }
    position += 1
    return text
  }

  private mutating func readTruth() throws(Failure) -> Bool {
    skipSpaces()
    for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw unexpected("True or False")
  }

  /// `(3, 4)`, `(3,)` or `()`; Python 2 wrote `3L`.
  private mutating func readExtents() throws(Failure) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !accept(")") {
      skipSpaces()
      let start = position
      var value = 0
      while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflowToo) = shifted.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
        guard !overflow, !overflowToo else {
          throw Failure(expected: "an extent that fits in 63 bits", found: "a larger one", position: start)
        }
        value = sum
        position += 1
      }
      guard position > start else { throw unexpected("an extent") }
      if peek() == UInt8(ascii: "L") { position += 1 }
      extents.append(value)
      guard extents.count <= 64 else { throw Failure(expected: "at most 64 axes", found: "more", position: start) }
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return extents
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpaces() {
    while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard accept(character) else { throw unexpected(String(character)) }
  }

  private func unexpected(_ expected: String) -> Failure {
    let found =
      switch peek() {
      case nil: "the end of the header"
      case .some(let byte) where (0x20..<0x7F).contains(byte): "\"\(Unicode.Scalar(byte))\""
      case .some(let byte): "the byte \(byte)"
      }
    return Failure(expected: expected, found: found, position: position)
  }
}
