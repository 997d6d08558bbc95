import Tensors

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

  private var cursor: HeaderCursor

  init(bytes: [UInt8]) { cursor = HeaderCursor(bytes: bytes) }

  /// Reads the whole header.
  mutating func read() throws(Failure) -> Fields {
    var fields = Fields()
    var missing = ["descr", "fortran_order", "shape"]
    try expect("{")
    while !cursor.accept("}") {
      let start = cursor.position
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
      if !cursor.accept(",") {
        try expect("}")
        break
      }
    }
    cursor.skipSpaces()
    guard cursor.position == cursor.bytes.count else { throw unexpected("nothing but spaces after the dictionary") }
    if let key = missing.first { throw Failure(expected: "the key '\(key)'", found: "none", position: 0) }
    return fields
  }

  private mutating func readType() throws(Failure) -> String {
    cursor.skipSpaces()
    guard cursor.peek() != UInt8(ascii: "[") else {
      throw Failure(expected: "one element type", found: "a record of several", position: cursor.position)
    }
    return try readText()
  }

  private mutating func readText() throws(Failure) -> String {
    cursor.skipSpaces()
    guard let quote = cursor.peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw unexpected("a text in quotes")
    }
    cursor.position += 1
    let start = cursor.position
    while let byte = cursor.peek(), byte != quote, byte != UInt8(ascii: "\\") { cursor.position += 1 }
    guard cursor.peek() == quote, let text = String(validating: cursor.bytes[start..<cursor.position], as: UTF8.self)
    else {
      throw unexpected("the end of the text")
    }
    cursor.position += 1
    return text
  }

  private mutating func readTruth() throws(Failure) -> Bool {
    cursor.skipSpaces()
    for (word, value) in [("True", true), ("False", false)]
    where cursor.bytes[cursor.position...].starts(with: word.utf8) {
      cursor.position += word.utf8.count
      return value
    }
    throw unexpected("True or False")
  }

  /// `(3, 4)`, `(3,)` or `()`; Python 2 wrote `3L`.
  private mutating func readExtents() throws(Failure) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !cursor.accept(")") {
      cursor.skipSpaces()
      let start = cursor.position
      switch cursor.readNumber() {
      case .tooLarge: throw Failure(expected: "an extent that fits in 63 bits", found: "a larger one", position: start)
      case .none: throw unexpected("an extent")
      case .value(let value): extents.append(value)
      }
      if cursor.peek() == UInt8(ascii: "L") { cursor.position += 1 }
      guard extents.count <= 64 else { throw Failure(expected: "at most 64 axes", found: "more", position: start) }
      if !cursor.accept(",") {
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard cursor.accept(character) else { throw unexpected(String(character)) }
  }

  private func unexpected(_ expected: String) -> Failure {
    Failure(expected: expected, found: cursor.found, position: cursor.position)
  }
}
