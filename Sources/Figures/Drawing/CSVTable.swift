/// A table of comma-separated values with a line of column names (RFC 4180, lines ending in a newline).
struct CSVTable: Sendable {
  /// A cell: a text, a whole number or a number, which is left empty where it is not finite.
  enum Cell: Sendable, ExpressibleByStringLiteral {
    case text(String)
    case integer(Int)
    case number(Double)

    init(stringLiteral value: String) { self = .text(value) }

    fileprivate var text: String {
      switch self {
      case .text(let text): CSVTable.quoted(CSVTable.cellText(text))
      case .integer(let value): String(value)
      case .number(let value): value.isFinite ? String(value) : ""
      }
    }
  }

  /// The column names.
  let columns: [String]
  private var lines: [String]

  /// A table without rows.
  init(columns: [String]) {
    self.columns = columns
    lines = [columns.joined(separator: ",")]
  }

  /// Adds a row, one cell a column.
  mutating func append(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "\(columns.count) columns, \(cells.count) cells")
    lines.append(cells.map(\.text).joined(separator: ","))
  }

  /// The whole table.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// A text as it stands in a cell: gnuplot reads a line a row and has no escape for a quote, so neither may occur.
  static func cellText(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 == "\"" ? "'" : $0 })
  }

  private static func quoted(_ text: String) -> String {
    text.contains(",") ? "\"\(text)\"" : text
  }
}
