/// A table of the page: texts at the left, numbers at the right.
struct HTMLTable: Sendable {
  var caption: String
  var note = ""
  var headings: [String]
  /// How many columns from the left hold text.
  var textColumns = 1
  var rows: [[String]] = []
  /// Headings across the table, by the row that they stand above.
  var groups: [Int: String] = [:]

  var markup: Markup {
    let head = headings.enumerated().map { index, heading -> Markup in
      "<th scope=\"col\"\(cellClass(index))>\(heading)</th>"
    }
    let body = rows.enumerated().map { index, row -> Markup in
      let cells = row.enumerated().map { column, cell -> Markup in "<td\(cellClass(column))>\(cell)</td>" }
      let group = groups[index].map { title -> Markup in
        "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"\(headings.count)\">\(title)</th></tr>\n"
      }
      return "\(group ?? "")<tr>\(cells)</tr>\n"
    }
    let remark: Markup = note.isEmpty ? "" : "<p class=\"note\">\(note)</p>\n"
    return """
      <div class="table"><table>
      <caption>\(caption)</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody>
      </table>
      \(remark)</div>

      """
  }

  private func cellClass(_ column: Int) -> Markup { column < textColumns ? "" : " class=\"number\"" }
}
