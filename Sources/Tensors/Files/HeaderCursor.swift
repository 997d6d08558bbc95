/// A place in the bytes of a file's header that is text, and the steps that readers of such headers take from it.
package struct HeaderCursor {
  /// What stands where a number was looked for.
  package enum Number {
    /// No digit.
    case none
    case value(Int)
    /// Digits of a number beyond 63 bits.
    case tooLarge
  }

  package let bytes: [UInt8]
  /// The next byte's.
  package var position = 0

  package init(bytes: [UInt8]) { self.bytes = bytes }

  package func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  package mutating func skipSpaces() {
    while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Passes spaces and then the character, if it is there.
  package mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Passes the digits that stand here; where they are too large it stays before the digit that makes them so.
  package mutating func readNumber() -> Number {
    let start = position
    var value = 0
    while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) = shifted.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflow, !overflowToo else { return .tooLarge }
      value = sum
      position += 1
    }
    return position > start ? .value(value) : .none
  }

  /// What stands here, for a message.
  package var found: String {
    switch peek() {
    case nil: "the end of the header"
    case .some(let byte) where (0x20..<0x7F).contains(byte): "\"\(Unicode.Scalar(byte))\""
    case .some(let byte): "the byte \(byte)"
    }
  }
}
