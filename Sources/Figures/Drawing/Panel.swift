/// One pair of axes with what is drawn between them.
struct Panel: Sendable {
  var title: String
  var horizontal: Axis
  var vertical: Axis
  var curves: [Curve] = []
  var labels: [DirectLabel] = []
  /// Heights at which a thin line is drawn across, each with a few words above its left end.
  var references: [(height: Double, text: String)] = []
  /// Places at which a thin line is drawn upright.
  var verticals: [Double] = []
  /// A few words at a place in the units of the axes.
  var annotations: [Annotation] = []
  /// A few words in the upper right corner.
  var note = ""
}

/// A curve of a panel: which rows and columns of the figure's table it shows, and how.
struct Curve: Sendable {
  enum Kind: Sendable {
    /// A line.
    case line
    /// A line with a symbol at every so many points.
    case marked(every: Int)
    /// Symbols alone, at every so many rows of the table, counted from a first one.
    case points(every: Int, first: Int)
    /// Symbols with the interval from `low` to `high` as a bar.
    case bars
    /// The interval from `low` to `high` as a pale band.
    case band
    /// Theory's prediction: a thin dotted line.
    case prediction
    /// A pale surface whose rim the rows go around.
    case surface
  }

  var kind: Kind
  /// The line type.
  var number: Int
  /// The rows: those with these texts in these columns; all where none are named.
  var rows: [(column: String, value: String)]
  var x: String
  var y = "mean"
  var low = "low"
  var high = "high"
  /// What the heights are multiplied by: 100 for a percentage.
  var scale = 1.0
  /// What is added to x, so that symbols beside each other do not hide each other.
  var shift = 0.0
  /// Heights at or below this are left out.
  var floor: Double?

  var clause: String {
    var chosen = rows.map { "strcol('\($0.column)') eq \(GnuplotText.quoted(CSVTable.cellText($0.value)))" }
    if let floor { chosen.append("column('\(y)') > \(floor)") }
    if case .points(let every, let first) = kind, every > 1 {
      chosen.append("int(column(0)) % \(every) == \(first % every)")
    }
    let factor = scale == 1 ? "" : " * \(scale)"
    func height(_ column: String) -> String { "(column('\(column)')\(factor))" }
    let horizontal = shift == 0 ? "'\(x)'" : "(column('\(x)') + \(shift))"
    // A row that is not chosen becomes NaN, which gnuplot leaves out.
    func only(_ column: String) -> String {
      chosen.isEmpty ? height(column) : "(\(chosen.joined(separator: " && ")) ? column('\(column)')\(factor) : NaN)"
    }
    let title = GnuplotText.quoted(rows.map(\.value).joined(separator: " "))
    let columns: String
    let style: String
    switch kind {
    case .line: (columns, style) = (only(y), "lines linetype \(number)")
    case .prediction: (columns, style) = (only(y), "lines linetype \(Look.theory)")
    case .marked(let every): (columns, style) = (only(y), "linespoints linetype \(number) pointinterval \(every)")
    case .points: (columns, style) = (only(y), "points linetype \(number)")
    case .surface:
      (columns, style) = (
        only(y), "filledcurves closed linetype \(number) fillstyle transparent solid 0.18 border"
      )
    case .bars:
      (columns, style) = (
        "\(only(y)):\(height(low)):\(height(high))", "yerrorbars linetype \(number) dashtype solid linewidth 1.2"
      )
    case .band:
      (columns, style) = (
        "\(only(low)):\(height(high))",
        "filledcurves linetype \(number) fillstyle transparent solid 0.12 noborder"
      )
    }
    return "data using \(horizontal):\(columns) with \(style) title \(title)"
  }
}

/// A series' name written beside its line, with its symbol and a thin leader where it had to be moved.
struct DirectLabel: Sendable {
  var text: String
  /// The point that the label belongs to, in the units of the axes.
  var x: Double
  var y: Double
  /// The line type whose symbol stands before the text; nil for none.
  var number: Int?
}

/// A few words beside a point of a panel.
struct Annotation: Sendable {
  /// On which side of the point the words stand.
  enum Side: String, Sendable {
    case left = "right"
    case right = "left"
    case above = "center"
  }

  var text: String
  var x: Double
  var y: Double
  var side = Side.right
}

/// Text as gnuplot takes it.
enum GnuplotText {
  /// A string in single quotes, inside which gnuplot interprets nothing at all: no escapes, no commands.
  static func quoted(_ text: String) -> String {
    let line = String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
    return "'" + line.replacing("'", with: "''") + "'"
  }
}
