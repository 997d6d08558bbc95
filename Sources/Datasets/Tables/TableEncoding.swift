import Foundation

/// How the columns of a table become the numbers of a regression's inputs; it is kept with a model, so that new tables are
/// encoded as the first one was.
public struct TableEncoding: Sendable, Hashable {
  /// The columns, in their order.
  public let columns: [ColumnEncoding]

  /// Makes an encoding of given columns.
  public init(columns: [ColumnEncoding]) { self.columns = columns }

  /// Makes an encoding after a table.
  ///
  /// A column is categorical if it is named in `categorical` or none of its values is a number; its categories are sorted by
  /// their UTF-8 bytes, and the first is the baseline. A column that mixes numbers with text is taken as numbers, so that the
  /// text is an error that names its line, unless it is named.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - names: The columns to encode.
  ///   - categorical: Those of them whose values are categories although they look like numbers.
  ///   - rows: The rows whose values count; all by default.
  /// - Throws: ``TableError`` for a column that does not exist, a missing value, or two columns that get one name.
  public init(
    of table: Table, columns names: [String], categorical: Set<String> = [], rows: [Int]? = nil
  ) throws(TableError) {
    var columns: [ColumnEncoding] = []
    for name in names {
      let noNumbers = try table.holdsNoNumbers(name, rows: rows)
      guard categorical.contains(name) || noNumbers else {
        columns.append(ColumnEncoding(name: name, kind: .numeric))
        continue
      }
      let categories = Set(try table.texts(name, rows: rows)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      guard !categories.isEmpty else {
        throw TableError(
          file: table.file, line: nil, column: name, reason: .noRows, expected: "at least one category", found: "none")
      }
      columns.append(ColumnEncoding(name: name, kind: .categorical(categories)))
    }
    self.init(columns: columns)
    var seen: Set<String> = []
    for name in featureNames where !seen.insert(name).inserted {
      throw TableError(
        file: table.file, line: nil, column: name, reason: .duplicateName,
        expected: "different names after the categories are encoded", found: "'\(name)' twice")
    }
  }

  /// The names of the encoded columns.
  public var featureNames: [String] { columns.flatMap(\.featureNames) }

  /// The encoded numbers of a table, row after row: rows x ``featureNames``.
  ///
  /// - Parameters:
  ///   - table: A table with the columns of the encoding, in any order and among others.
  ///   - rows: Which rows, in which order; all by default.
  /// - Throws: ``TableError`` for a column that does not exist, a missing value, a text where a number should be, a category
  ///   that the encoding does not know, or more numbers than memory holds.
  public func encode(_ table: Table, rows: [Int]? = nil) throws(TableError) -> [Double] {
    let rows = rows ?? Array(0..<table.rowCount)
    let width = columns.reduce(0) { $0 + $1.featureCount }
    let bytes = Double(rows.count) * Double(width) * 8
    guard bytes < 0.5 * Double(ProcessInfo.processInfo.physicalMemory) else {
      throw TableError(
        file: table.file, line: nil, column: columns.max { $0.featureCount < $1.featureCount }?.name,
        reason: .tooLarge, expected: "inputs that take at most half of the memory",
        found: "\(rows.count) rows of \(width) columns, most of them categories of this one")
    }
    var elements = [Double](repeating: 0, count: rows.count * width)
    var first = 0
    for column in columns {
      switch column.kind {
      case .numeric:
        for (row, value) in try table.numbers(column.name, rows: rows).enumerated() {
          elements[row * width + first] = value
        }
      case .categorical(let categories):
        let positions = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($0.element, $0.offset) })
        for (row, text) in try table.texts(column.name, rows: rows).enumerated() {
          guard let position = positions[text] else {
            throw TableError(
              file: table.file, line: table.line(ofRow: rows[row]), column: column.name, reason: .unknownCategory,
              expected: "one of the categories \(Table.list(categories))", found: "'\(text.prefix(40))'")
          }
          if position > 0 { elements[row * width + first + position - 1] = 1 }
        }
      }
      first += column.featureCount
    }
    return elements
  }
}

extension ColumnEncoding {
  /// How many columns it becomes.
  var featureCount: Int {
    switch kind {
    case .numeric: 1
    case .categorical(let categories): categories.count - 1
    }
  }
}
