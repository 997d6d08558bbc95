/// A table for a terminal: aligned columns between rules, no wider than it may be.
public struct TextTable: Sendable {
  /// A column: its heading, on which side its cells stand, and how readily it is left out.
  public struct Column: Sendable, Hashable {
    /// The heading.
    public var heading: String
    /// Whether the cells stand at the right, as numbers do.
    public var isNumeric: Bool
    /// Where the table is too wide, columns of the lowest rank go first; columns of the same rank from the right.
    public var rank: Int

    /// A column.
    public init(_ heading: String, isNumeric: Bool = false, rank: Int = 0) {
      self.heading = heading
      self.isNumeric = isNumeric
      self.rank = rank
    }
  }

  /// The characters of the rules.
  public enum Style: Sendable, Hashable {
    /// Box-drawing characters.
    case unicode
    /// Nothing but ASCII, also inside the cells.
    case ascii

    /// The style that a terminal with this environment can show: `LC_ALL`, `LC_CTYPE` and `LANG`, the first that is
    /// set, must name UTF-8 for Unicode.
    public static func suited(to environment: [String: String]) -> Style {
      let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
      let name = locale.uppercased()
      return name.contains("UTF-8") || name.contains("UTF8") ? .unicode : .ascii
    }
  }

  /// The columns.
  public var columns: [Column]
  private var groups: [(title: String, rows: [[String]])] = []

  /// A table without rows.
  public init(columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty and cells beyond the last column are left out.
  public mutating func append(_ cells: [String]) {
    let padded = cells + [String](repeating: "", count: max(0, columns.count - cells.count))
    if groups.isEmpty { appendGroup("") }
    groups[groups.count - 1].rows.append(Array(padded.prefix(columns.count)))
  }

  /// Adds a rule that carries the title of the rows to come.
  public mutating func appendGroup(_ title: String) { groups.append((title, [])) }

  /// The lines of the table, each at most `width` characters wide, with a newline after each.
  ///
  /// Columns are left out by rank until the others fit; what still does not fit is cut with an ellipsis.
  public func text(width: Int = 120, style: Style = .unicode) -> String {
    guard !columns.isEmpty else { return "" }
    let clean = groups.map { group in
      (title: Self.clean(group.title, style), rows: group.rows.map { $0.map { Self.clean($0, style) } })
    }
    let headings = columns.map { Self.clean($0.heading, style) }
    var widths = headings.indices.map { column in
      (clean.flatMap(\.rows).map { Self.width($0[column]) } + [Self.width(headings[column])]).max() ?? 0
    }
    var shown = Array(columns.indices)
    while shown.count > 1, total(shown, widths) > width {
      let lowest = shown.map { columns[$0].rank }.min() ?? 0
      guard let victim = shown.last(where: { columns[$0].rank == lowest }) else { break }
      shown.removeAll { $0 == victim }
    }
    if let only = shown.first, shown.count == 1 { widths[only] = max(1, min(widths[only], width - 4)) }
    let rules = Self.rules(style)
    func rule(_ ends: Ends, title: String = "") -> String {
      let line = shown.map { String(repeating: rules.line, count: widths[$0] + 2) }.joined(separator: ends.1)
      let room = max(0, line.count - 4)
      guard !title.isEmpty, room > 0 else { return ends.0 + line + ends.2 }
      let text = " " + Self.cut(title, room, style) + " "
      return ends.0 + rules.line + text + line.dropFirst(1 + Self.width(text)) + ends.2
    }
    func row(_ cells: [String]) -> String {
      let texts = shown.map { column in
        Self.pad(Self.cut(cells[column], widths[column], style), widths[column], right: columns[column].isNumeric)
      }
      return rules.side + " " + texts.joined(separator: " \(rules.side) ") + " " + rules.side
    }
    var lines = [rule(rules.top), row(headings)]
    for group in clean where !group.rows.isEmpty {
      lines += [rule(rules.middle, title: group.title)] + group.rows.map { row($0) }
    }
    lines.append(rule(rules.bottom))
    return lines.joined(separator: "\n") + "\n"
  }

  private func total(_ shown: [Int], _ widths: [Int]) -> Int { shown.reduce(1) { $0 + widths[$1] + 3 } }

  private typealias Ends = (String, String, String)

  private static func rules(_ style: Style) -> (line: String, side: String, top: Ends, middle: Ends, bottom: Ends) {
    switch style {
    case .unicode: ("─", "│", ("┌", "┬", "┐"), ("├", "┼", "┤"), ("└", "┴", "┘"))
    case .ascii: ("-", "|", ("+", "+", "+"), ("+", "+", "+"), ("+", "+", "+"))
    }
  }

  /// A cell without control characters, which could move the cursor, and in ASCII without anything else.
  static func clean(_ text: String, _ style: Style) -> String {
    let visible = String(
      text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) })
    guard style == .ascii else { return visible }
    let spelled: [Character: String] = [
      "±": "+-", "×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "√": "sqrt ", "σ": "sigma", "\u{A0}": " ",
      "⁻": "^-",
      "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9",
    ]
    return visible.map { spelled[$0] ?? ($0.isASCII ? String($0) : "?") }.joined()
  }

  private static func cut(_ text: String, _ width: Int, _ style: Style) -> String {
    guard Self.width(text) > width else { return text }
    let mark = style == .ascii ? "~" : "…"
    var result = ""
    for character in text {
      guard Self.width(result) + Self.width(String(character)) < width else { break }
      result.append(character)
    }
    return result + mark
  }

  private static func pad(_ text: String, _ width: Int, right: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - Self.width(text)))
    return right ? space + text : text + space
  }

  /// How many columns of a terminal a text takes: two for the wide characters of East Asia and for emoji.
  static func width(_ text: String) -> Int {
    text.reduce(0) { sum, character in
      let value = character.unicodeScalars.first?.value ?? 0
      let isWide =
        (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value) || (0xAC00...0xD7A3).contains(value)
        || (0xF900...0xFAFF).contains(value) || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
        || (0x1F300...0x1FAFF).contains(value)
      return sum + (isWide ? 2 : 1)
    }
  }
}
