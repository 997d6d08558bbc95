import Tensors

/// The fields of one column, as they stand in the file.
struct TableColumn: Sendable {
  /// The bytes of all fields, one after the other.
  private(set) var bytes: [UInt8] = []
  /// Where each field ends.
  private var ends: [Int] = []

  var count: Int { ends.count }

  mutating func append(_ field: [UInt8]) {
    bytes += field
    ends.append(bytes.count)
  }

  /// Where a field lies in ``bytes``.
  subscript(row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }

  /// The number in a field; nil if it is none.
  func number(_ row: Int) -> Double? { DecimalNumber.value(bytes, self[row]) }

  /// The text of a field; nil if it is not UTF-8.
  func text(_ row: Int) -> String? { String(validating: bytes[self[row]], as: UTF8.self) }

  /// A field for a message, which shows no more of a long one than its beginning.
  func quoted(_ row: Int) -> String {
    let field = self[row]
    return "'" + String(decoding: bytes[field.prefix(40)], as: UTF8.self) + (field.count > 40 ? "'..." : "'")
  }

  /// Whether a field holds no value: it is empty, `?`, or in letters of either case `NA`, `NaN` or `null`.
  func isMissing(_ row: Int) -> Bool {
    let field = self[row]
    guard field.count <= 4 else { return false }
    switch field.count {
    case 0: return true
    case 1: return bytes[field.lowerBound] == UInt8(ascii: "?")
    default:
      // Setting this bit makes letters small.
      let word = bytes[field].map { $0 | 0x20 }
      return word.elementsEqual("na".utf8) || word.elementsEqual("nan".utf8) || word.elementsEqual("null".utf8)
    }
  }
}
