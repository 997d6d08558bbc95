/// A figure as a value: what it says, its data, the gnuplot script that draws it and, once drawn, the picture.
public struct Figure: Sendable, Hashable {
  /// The stem of the figure's files: small letters, digits and hyphens.
  public let name: String
  /// A short title.
  public let title: String
  /// One sentence on what the figure shows, computed from its numbers.
  public let conclusion: String
  /// How to read the figure: symbols, lines, intervals, what is left out and why.
  public let caption: String
  /// The data behind the figure, with a line of column names.
  public let csv: String
  /// The gnuplot script. It reads `../data/<name>.csv` and writes `<name>.svg`, both relative to its own folder.
  public let script: String
  /// Whether the figure only adds to another one, and so is folded away in the report and left out of its summary.
  public internal(set) var isSupplement: Bool
  /// The picture; nil until `Gnuplot.draw(_:)` has drawn it.
  public var svg: String?

  init(
    name: String, title: String, conclusion: String, caption: String, table: CSVTable, sheet: Sheet,
    isSupplement: Bool = false
  ) {
    self.name = name
    self.title = title
    self.conclusion = conclusion
    self.caption = caption
    self.isSupplement = isSupplement
    csv = table.text
    script = sheet.script(name: name)
  }
}

extension Figure {
  /// A file stem out of any names: "Activations, leaky_relu" gives "activations-leaky-relu".
  static func stem(_ parts: String...) -> String {
    let words = parts.joined(separator: "-").lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "-")
  }
}
