/// Cells in columns with two blanks between: the first column stands at the left, the others at the right.
struct PlainTable {
  private var rows: [[String]] = []

  init(_ header: [String]) { rows = [header] }

  mutating func append(_ cells: [String]) { rows.append(cells) }

  /// The lines, without control characters that could move the cursor.
  var lines: [String] {
    let clean = rows.map { $0.map(Self.visible) }
    let widths = clean[0].indices.map { column in clean.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return clean.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (column == 0 ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  static func visible(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) })
  }
}
