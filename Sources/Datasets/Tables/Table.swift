public import Foundation
import Tensors

/// Rows of named columns out of a CSV file.
///
/// ```swift
/// let table = try Table(contentsOf: url)
/// let rows = try table.rows(withoutMissing: ["age", "region", "income"])
/// let income = try table.numbers("income", rows: rows)
/// ```
///
/// The file is read as RFC 4180 describes it, strictly: a header, one field for each of its names in every row, quotes around
/// fields that hold separators, quotes (doubled) or line ends. Lines end with LF or CR LF; a byte-order mark is passed over,
/// spaces around fields without quotes count for nothing, and blank lines may stand at the end only (but in a table of one
/// column a blank line is a row without a value). Everything else is a ``TableError`` that names the line.
///
/// A field holds no value when it is empty, `?`, or in letters of either case `NA`, `NaN` or `null`.
public struct Table: Sendable {
  /// What stands between fields.
  public enum Separator: String, Sendable, Hashable, CaseIterable {
    /// `,`
    case comma
    /// `;`
    case semicolon
    /// The tabulator.
    case tab

    /// The character.
    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      }
    }
  }

  /// The path of the file.
  public let file: String
  /// The names of the columns, all different.
  public let names: [String]
  /// The number of rows below the header.
  public var rowCount: Int { lines.count }

  private let columns: [TableColumn]
  private let lines: [Int]
  private let positions: [String: Int]

  /// Reads a file piece by piece.
  ///
  /// - Throws: ``TableError``.
  public init(contentsOf url: URL, separator: Separator = .comma) throws(TableError) {
    var scanner = CSVScanner(file: url.path, separator: separator)
    do throws(FileError) {
      var reader = try FileReader(url)
      var bytes = [UInt8](repeating: 0, count: min(max(reader.size, 1), 1 << 20))
      while true {
        let count = try reader.read(into: &bytes)
        if count == 0 { break }
        scanner.read(bytes, count)
        if scanner.error != nil { break }
      }
    } catch {
      throw TableError(error)
    }
    try self.init(&scanner, url.path)
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - csv: A header and rows, as they would stand in a file.
  ///   - separator: What stands between fields.
  ///   - name: What errors call the text.
  /// - Throws: ``TableError``.
  public init(csv: String, separator: Separator = .comma, name: String = "table") throws(TableError) {
    var scanner = CSVScanner(file: name, separator: separator)
    let bytes = Array(csv.utf8)
    scanner.read(bytes, bytes.count)
    try self.init(&scanner, name)
  }

  private init(_ scanner: inout CSVScanner, _ file: String) throws(TableError) {
    try scanner.finish()
    (self.file, names, columns, lines) = (file, scanner.names, scanner.columns, scanner.lines)
    positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
  }

  /// Whether there is a column of a name.
  public func hasColumn(_ name: String) -> Bool { positions[name] != nil }

  /// The line of the file, counted from 1, in which a row begins.
  public func line(ofRow row: Int) -> Int { lines[row] }

  /// Whether a row of a column holds no value.
  ///
  /// - Throws: ``TableError`` if there is no such column.
  public func isMissing(_ name: String, row: Int) throws(TableError) -> Bool { try column(name).isMissing(row) }

  /// The rows that hold a value in each of some columns, ascending.
  ///
  /// - Throws: ``TableError`` if one of the columns does not exist.
  public func rows(withoutMissing names: [String]) throws(TableError) -> [Int] {
    var columns: [TableColumn] = []
    for name in names { columns.append(try column(name)) }
    return lines.indices.filter { row in !columns.contains { $0.isMissing(row) } }
  }

  /// The numbers of a column.
  ///
  /// - Parameters:
  ///   - name: The column.
  ///   - rows: Which rows, in which order; all by default.
  /// - Throws: ``TableError`` naming line and column where a value is missing, is no number or is not finite.
  public func numbers(_ name: String, rows: [Int]? = nil) throws(TableError) -> [Double] {
    let column = try column(name)
    var numbers: [Double] = []
    numbers.reserveCapacity(rows?.count ?? rowCount)
    for row in rows ?? Array(lines.indices) {
      let number = column.number(row)
      if let number, number.isFinite {
        numbers.append(number)
        continue
      }
      if column.isMissing(row) { throw missing(name, row, "a number") }
      throw TableError(
        file: file, line: lines[row], column: name, reason: number == nil ? .notANumber : .notFinite,
        expected: number == nil ? "a number" : "a finite number", found: column.quoted(row))
    }
    return numbers
  }

  /// The texts of a column.
  ///
  /// - Parameters:
  ///   - name: The column.
  ///   - rows: Which rows, in which order; all by default.
  /// - Throws: ``TableError`` naming line and column where a value is missing or is not UTF-8.
  public func texts(_ name: String, rows: [Int]? = nil) throws(TableError) -> [String] {
    let column = try column(name)
    var texts: [String] = []
    texts.reserveCapacity(rows?.count ?? rowCount)
    for row in rows ?? Array(lines.indices) {
      if column.isMissing(row) { throw missing(name, row, "a value") }
      guard let text = column.text(row) else {
        throw TableError(
          file: file, line: lines[row], column: name, reason: .notText, expected: "text in UTF-8",
          found: column.quoted(row))
      }
      texts.append(text)
    }
    return texts
  }

  /// Whether none of the values of a column is a number; false where every value is missing.
  ///
  /// - Throws: ``TableError`` if there is no such column.
  public func holdsNoNumbers(_ name: String, rows: [Int]? = nil) throws(TableError) -> Bool {
    let column = try column(name)
    var hasText = false
    for row in rows ?? Array(lines.indices) where !column.isMissing(row) {
      if column.number(row) != nil { return false }
      hasText = true
    }
    return hasText
  }

  private func column(_ name: String) throws(TableError) -> TableColumn {
    guard let position = positions[name] else {
      throw TableError(
        file: file, line: nil, column: nil, reason: .missingColumn, expected: "a column called '\(name)'",
        found: Self.list(names))
    }
    return columns[position]
  }

  private func missing(_ name: String, _ row: Int, _ expected: String) -> TableError {
    TableError(
      file: file, line: lines[row], column: name, reason: .missingValue, expected: expected,
      found: columns[positions[name]!][row].isEmpty ? "nothing" : columns[positions[name]!].quoted(row))
  }

  /// Names for a message, not more than a dozen.
  static func list(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
