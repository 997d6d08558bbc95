import Foundation
import Tensors

/// The lines of a file of numbers, cut into tokens at spaces and tabs.
struct TokenReader: ~Copyable {
  private var lines: LineReader
  /// What is left of the line.
  private var rest = 0..<0

  init(_ url: URL) throws(MatrixFileError) {
    do throws(FileError) {
      lines = try LineReader(url)
    } catch {
      throw MatrixFileError(error)
    }
  }

  var line: Int { lines.number }
  var size: Int { lines.size }

  /// Moves to the next line; false at the end of the file.
  mutating func advance() throws(MatrixFileError) -> Bool {
    do throws(FileError) {
      guard try lines.advance() else { return false }
    } catch {
      throw MatrixFileError(error)
    }
    rest = lines.line
    return true
  }

  /// Goes back to the beginning of the line.
  mutating func restart() { rest = lines.line }

  /// Whether nothing but blanks is left of the line.
  var isBlank: Bool { rest.allSatisfy { Self.isBlank(lines.bytes[$0]) } }

  /// Whether what is left of the line begins with a byte, blanks aside.
  mutating func begins(with byte: Character) -> Bool {
    skipBlanks()
    return rest.first.map { lines.bytes[$0] == byte.asciiValue } ?? false
  }

  /// Forgets the line from a byte on.
  mutating func drop(from byte: Character) {
    let wanted = byte.asciiValue
    for index in rest where lines.bytes[index] == wanted {
      rest = rest.lowerBound..<index
      return
    }
  }

  /// The next token of the line; nil at its end.
  mutating func next() -> Range<Int>? {
    skipBlanks()
    guard !rest.isEmpty else { return nil }
    var index = rest.lowerBound
    while index < rest.upperBound, !Self.isBlank(lines.bytes[index]) { index += 1 }
    let token = rest.lowerBound..<index
    rest = index..<rest.upperBound
    return token
  }

  /// The two sides of a token's first occurrence of a byte.
  func split(_ token: Range<Int>, at byte: Character) -> (Range<Int>, Range<Int>)? {
    let wanted = byte.asciiValue
    for index in token where lines.bytes[index] == wanted {
      return (token.lowerBound..<index, index + 1..<token.upperBound)
    }
    return nil
  }

  /// A finite number.
  func number(_ token: Range<Int>, _ meaning: @autoclosure () -> String) throws(MatrixFileError) -> Double {
    guard let value = DecimalNumber.value(lines.bytes, token) else {
      throw failure(.notANumber, "\(meaning()), a number", quoted(token))
    }
    guard value.isFinite else { throw failure(.notFinite, "\(meaning()), a finite number", quoted(token)) }
    return value
  }

  func integer(_ token: Range<Int>) -> Int? { DecimalNumber.integer(lines.bytes, token) }

  func text(_ token: Range<Int>) -> String { String(decoding: lines.bytes[token], as: UTF8.self) }

  /// A token for a message, which shows no more of a long one than its beginning.
  func quoted(_ token: Range<Int>) -> String {
    "'" + text(token.prefix(40)) + (token.count > 40 ? "'..." : "'")
  }

  /// An error in the current line.
  func failure(_ reason: MatrixFileError.Reason, _ expected: String, _ found: String) -> MatrixFileError {
    MatrixFileError(file: lines.path, line: lines.number, reason: reason, expected: expected, found: found)
  }

  /// An error at the end of the file.
  func failureAtEnd(_ reason: MatrixFileError.Reason, _ expected: String, _ found: String) -> MatrixFileError {
    MatrixFileError(file: lines.path, line: nil, reason: reason, expected: expected, found: found)
  }

  /// Refuses a number of rows or columns that would take memory out of proportion to the file.
  func checkProportion(_ count: Int, _ what: String) throws(MatrixFileError) {
    let most = min(1_000_000 + size, Int(Int32.max))
    guard count <= most else {
      throw failure(.tooLarge, "at most \(most) \(what) in a file of \(size) bytes", "\(count)")
    }
  }

  private mutating func skipBlanks() {
    var index = rest.lowerBound
    while index < rest.upperBound, Self.isBlank(lines.bytes[index]) { index += 1 }
    rest = index..<rest.upperBound
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
