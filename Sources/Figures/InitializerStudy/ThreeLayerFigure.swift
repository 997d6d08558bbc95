import Foundation
public import Studies

extension InitializerFigures {
  /// The net of three layers with ReLU and a sigmoid output: from zero weights the loss stays at ln 2 when the classes
  /// are balanced, because no hidden unit and not even the output's bias has a gradient.
  ///
  /// - Returns: nil where `group` has no run named `zeros`.
  public func threeLayers(_ group: RunGroup) -> Figure? {
    guard group.initializers.contains("zeros") else { return nil }
    var table = CSVTable(columns: ["quantity", "initializer", "unit", "input", "step", "mean", "low", "high"])
    guard var panel = lossPanel(group, group.initializers, &table) else { return nil }
    panel.title = ""
    panel.references = [(height: log(2), text: "ln 2")]
    return Figure(
      name: Figure.stem("three-layers", group.dataset, group.activation),
      title: "Three layers, \(group.activation) and a sigmoid output (\(group.dataset))",
      conclusion: Self.constancy(group),
      caption: "Loss, mean \(Self.interval(group)); the dotted line is ln 2.",
      table: table,
      sheet: Sheet(title: "Three layers, \(group.activation) and a sigmoid output", panels: [panel], boxHeight: 240))
  }

  private static func constancy(_ group: RunGroup) -> String {
    let losses = group.runs(of: "zeros").flatMap { $0.loss.map(\.value) }
    let departure = losses.map { abs($0 - log(2)) }.max() ?? .nan
    let others = group.initializers.filter { $0 != "zeros" }.map { name in
      "under \(Wording.name(name)) it \(LossFall(group.curve(of: name, \.loss)).phrase)"
    }
    let comparison = others.isEmpty ? "" : ", while \(Wording.list(others))"
    // Single precision gives ln 2 itself to 6e-8; a mean over updates may add a few roundings to that.
    let isConstant = departure <= 1e-5
    let start =
      isConstant
      ? "From zero weights the loss stays at ln 2 = 0.6931 for \(updates(group)), to within "
        + (departure == 0 ? "the last digit" : Wording.number(departure, digits: 2))
      : "From zero weights the loss does not stay at ln 2 = 0.6931: in \(updates(group)) it departs by up to "
        + Wording.number(departure)
    return start + comparison + "."
  }
}
