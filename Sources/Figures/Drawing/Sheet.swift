import Foundation

/// Panels in a grid, and the gnuplot script that draws them.
///
/// Every box is placed here and not by gnuplot, in pixels, so that the labels beside the lines can be placed too.
struct Sheet: Sendable {
  /// Where a panel's labels stand.
  enum LabelColumn: Sendable {
    /// To the right of the box.
    case beside
    /// Inside the box, from this fraction of its width on.
    case inside(Double)
  }

  /// What the script says of itself in its first comment.
  var title: String
  var panels: [Panel]
  var columns = 1
  /// The height of a panel's box.
  var boxHeight = 230.0
  var labelColumn = LabelColumn.beside
  /// Series named once for all panels, in a line above them, where labels beside the curves would not fit.
  var key: [(text: String, number: Int)] = []

  private static let width = 720.0
  private static let fontSize = 14.0
  /// The height of a line of text.
  private static let lineHeight = 17.0
  private static let keyHeight = 30.0

  /// Room for the widest number on an upright axis, and for the axis's label beyond it.
  private var leftMargin: Double {
    max(76, 36 + (panels.flatMap(\.vertical.ticks).map { Self.textWidth($0.label) }.max() ?? 0))
  }

  private var rows: Int { (panels.count + columns - 1) / columns }

  private func topMargin(_ row: Int) -> Double {
    (cells(row).contains { !$0.title.isEmpty } ? 34 : 18) + (row == 0 && !key.isEmpty ? Self.keyHeight : 0)
  }

  private func bottomMargin(_ row: Int) -> Double { cells(row).contains { !$0.horizontal.label.isEmpty } ? 58 : 32 }

  private func cells(_ row: Int) -> ArraySlice<Panel> {
    panels[row * columns..<min((row + 1) * columns, panels.count)]
  }

  private var height: Double {
    (0..<rows).reduce(0) { $0 + topMargin($1) + boxHeight + bottomMargin($1) }
  }

  /// Room for the longest label beside the boxes of a column.
  private func rightMargin(_ column: Int) -> Double {
    guard case .beside = labelColumn else { return 18 }
    let labels = panels.indices.filter { $0 % columns == column }.flatMap { panels[$0].labels }
    return labels.map { 34 + Self.textWidth($0.text) }.max() ?? 18
  }

  /// About how wide a text is, in pixels. The reader's browser chooses the font; of the usual ones DejaVu Sans is the widest.
  static func textWidth(_ text: String) -> Double {
    text.reduce(0) { width, character in
      let share = "mwMW@%".contains(character) ? 0.98 : "fijlrt.,:;|'!()[] ".contains(character) ? 0.42 : 0.64
      return width + fontSize * share
    }
  }

  /// All boxes have the same width, whatever stands beside them.
  private var boxWidth: Double {
    let margins = (0..<columns).reduce(0) { $0 + leftMargin + rightMargin($1) }
    return max((Self.width - margins) / Double(columns), 60)
  }

  private func left(_ column: Int) -> Double {
    (0..<column).reduce(leftMargin) { $0 + boxWidth + rightMargin($1) + leftMargin }
  }

  /// The script of the figure `name`.
  func script(name: String) -> String {
    let header = [
      "# \(title.filter { !$0.isNewline })",
      "# Run in this folder: gnuplot \(name).gnuplot",
      "set encoding utf8",
      "set terminal svg size \(Int(Self.width)),\(Int(height)) fixed noenhanced font 'Helvetica,\(Int(Self.fontSize))' "
        + "background '#ffffff'",
      "set output '\(name).svg'",
      "data = '../data/\(name).csv'",
      "set datafile separator comma",
      "set datafile columnheaders",
      "set datafile commentschars ''",
    ]
    let axes = [
      "set border 3 linecolor rgb '#444444' linewidth 1",
      "set tics out nomirror scale 0.4",
      "set xtics offset 0,0.35",
      "set ytics offset 0.5,0",
      "set grid linecolor rgb '#E2E2E2' dashtype solid linewidth 0.8",
    ]
    let body = panels.indices.flatMap { [""] + script(panel: $0) }
    return
      (header + Look.definitions + ["unset key", "set multiplot"] + keyLines + axes + body
      + ["", "unset multiplot", "unset output"])
      .joined(separator: "\n") + "\n"
  }

  private func script(panel index: Int) -> [String] {
    let panel = panels[index]
    let (row, column) = (index / columns, index % columns)
    let left = left(column)
    let right = left + boxWidth
    let top = (0..<row).reduce(0) { $0 + topMargin($1) + boxHeight + bottomMargin($1) } + topMargin(row)
    var lines = [
      "set lmargin at screen \(Self.screen(left / Self.width))",
      "set rmargin at screen \(Self.screen(right / Self.width))",
      "set tmargin at screen \(Self.screen(1 - top / height))",
      "set bmargin at screen \(Self.screen(1 - (top + boxHeight) / height))",
      "set title \(GnuplotText.quoted(panel.title)) offset 0,-0.4",
    ]
    lines += ["set xlabel \(GnuplotText.quoted(panel.horizontal.label)) offset 0,0.6"]
    lines += Self.script(panel.horizontal, "x") + Self.script(panel.vertical, "y")
    lines += ["unset label", "unset arrow"] + references(panel) + marks(panel) + labels(panel)
    if !panel.vertical.label.isEmpty {
      // gnuplot's own label moves with the width of the numbers, and out of the picture with it.
      let place = Self.screen((left - leftMargin + 14) / Self.width)
      lines.append(
        "set label \(GnuplotText.quoted(panel.vertical.label)) at screen \(place), graph 0.5 center rotate by 90")
    }
    if !panel.note.isEmpty {
      lines.append(
        "set label \(GnuplotText.quoted(panel.note)) at graph 0.985, graph 0.94 right font ',12' "
          + "textcolor rgb '#444444'")
    }
    let clauses = panel.curves.map(\.clause)
    // gnuplot refuses a plot without a curve, so an empty panel draws one outside the axes.
    lines.append("plot \(clauses.isEmpty ? "NaN notitle" : clauses.joined(separator: ", \\\n  "))")
    return lines
  }

  private static func script(_ axis: Axis, _ letter: String) -> [String] {
    let ticks = axis.ticks.map { "\(GnuplotText.quoted($0.label)) \($0.value)" }.joined(separator: ", ")
    return [
      "set \(letter)range [\(axis.lower):\(axis.upper)]",
      axis.isLogarithmic ? "set logscale \(letter)" : "unset logscale \(letter)",
      "set \(letter)tics nomirror (\(ticks))",
    ]
  }

  private func references(_ panel: Panel) -> [String] {
    panel.references.flatMap { reference in
      let height = Self.screen(panel.vertical.fraction(reference.height))
      return [
        "set arrow from graph 0, graph \(height) to graph 1, graph \(height) nohead linetype \(Look.theory)",
        "set label \(GnuplotText.quoted(reference.text)) at graph 0.015, graph \(height) left offset 0,0.5 "
          + "font ',12' textcolor rgb '#333333'",
      ]
    }
  }

  /// Upright lines, and words at places of their own.
  private func marks(_ panel: Panel) -> [String] {
    panel.verticals.map { position in
      let place = Self.screen(panel.horizontal.fraction(position))
      return "set arrow from graph \(place), graph 0 to graph \(place), graph 1 nohead back "
        + "linecolor rgb '#999999' dashtype (1.5,2.5) linewidth 1"
    }
      + panel.annotations.map { note in
        let offset =
          switch note.side {
          case .left: "-0.8,0"
          case .right: "0.8,0"
          case .above: "0,0.8"
          }
        return "set label \(GnuplotText.quoted(note.text)) at first \(note.x), first \(note.y) "
          + "\(note.side.rawValue) offset \(offset) font ',12' textcolor rgb '#222222' front"
      }
  }

  private func labels(_ panel: Panel) -> [String] {
    let wishes = panel.labels.map { min(max(panel.vertical.fraction($0.y), 0), 1) }
    var lowest = 0.02
    // Inside the box a label stands clear of the axis.
    if case .inside = labelColumn { lowest = 0.6 * Self.lineHeight / boxHeight }
    let heights = LabelPlacement.spread(wishes, gap: Self.lineHeight / boxHeight, within: lowest...1.04)
    return zip(panel.labels, zip(wishes, heights)).flatMap { label, places in
      let (wish, height) = places
      let start: Double
      let column: Double
      switch labelColumn {
      case .beside: (start, column) = (min(max(panel.horizontal.fraction(label.x), 0), 1), 1 + 18 / boxWidth)
      case .inside(let fraction): (start, column) = (panel.horizontal.fraction(label.x), fraction)
      }
      let symbol = label.number.map { "point linetype \($0) pointsize 0.9 offset 0.9,-0.3" } ?? ""
      let gap = label.number == nil ? 4.0 : 8.0
      return [
        "set arrow from graph \(Self.screen(start)), graph \(Self.screen(wish)) to graph "
          + "\(Self.screen(column - gap / boxWidth)), graph \(Self.screen(height)) nohead back "
          + "linecolor rgb '#AAAAAA' linewidth 0.7",
        "set label \(GnuplotText.quoted(label.text)) at graph \(Self.screen(column)), graph "
          + "\(Self.screen(height)) left \(symbol)",
      ]
    }
  }

  /// The key: a piece of each line with its symbol, and the name.
  private var keyLines: [String] {
    guard !key.isEmpty else { return [] }
    let height = Self.screen(1 - 15 / self.height)
    let step = (Self.width - leftMargin) / Double(key.count)
    // Columns of one width, unless a name is longer than its column.
    let widths = key.map { 56 + 7.2 * Double($0.text.count) }
    let isEven = widths.allSatisfy { $0 <= step }
    let starts = key.indices.map { isEven ? Double($0) * step : widths.prefix($0).reduce(0, +) }
    // Labels and arrows need a plot to be drawn with; this one has neither axes nor curves.
    return ["", "unset border", "unset tics", "unset grid"]
      + key.enumerated().flatMap { index, entry in
        let left = (leftMargin + starts[index]) / Self.width
        let right = left + 34 / Self.width
        return [
          "set arrow from screen \(Self.screen(left)), screen \(height) to screen \(Self.screen(right)), "
            + "screen \(height) nohead linetype \(entry.number)",
          "set label '' at screen \(Self.screen((left + right) / 2)), screen \(height) point linetype \(entry.number)",
          "set label \(GnuplotText.quoted(entry.text)) at screen \(Self.screen(right + 8 / Self.width)), "
            + "screen \(height) left",
        ]
      } + ["plot [0:1] [0:1] NaN notitle"]
  }

  /// A coordinate with as many digits as a picture needs.
  private static func screen(_ value: Double) -> String {
    String(format: "%.4f", locale: nil, value)
  }
}
