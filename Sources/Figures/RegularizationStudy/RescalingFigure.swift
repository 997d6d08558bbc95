import Foundation
import Studies

extension RegularizationFigures {
  /// What other units of one input do to the fitted values and to its effect, with and without standardising.
  public func rescaling() -> Figure? {
    guard let rescaling = results.rescaling, !rescaling.rows.isEmpty else { return nil }
    var table = CSVTable(columns: ["method", "standardised", "factor", "effect", "change"])
    for row in rescaling.rows {
      table.append([
        .text(row.method.rawValue), .text(row.isStandardised ? "yes" : "no"), .number(row.factor), .number(row.effect),
        .number(row.change),
      ])
    }
    let factors = Axis.logarithmic("numbers of \(rescaling.name) multiplied by", rescaling.rows.map(\.factor))
    var changes = Panel(
      title: "change of the fitted values", horizontal: factors,
      vertical: .covering("% of the target's deviation", rescaling.rows.map { 100 * $0.change }, from: -1, tickCount: 5)
    )
    var effects = Panel(
      title: "effect of one old unit of \(rescaling.name)", horizontal: factors,
      vertical: .covering("coefficient × factor", rescaling.rows.map(\.effect) + [0], tickCount: 5))
    for entry in Self.rescalingSeries {
      let rows = [("method", entry.method.rawValue), ("standardised", entry.standardised ? "yes" : "no")]
      changes.curves.append(
        Self.curve(.marked(every: 2), entry.number, rows, x: "factor", y: "change", scale: 100))
      effects.curves.append(Self.curve(.marked(every: 2), entry.number, rows, x: "factor", y: "effect"))
    }
    return Figure(
      name: "rescaling", title: "One input in other units", conclusion: Self.conclusion(rescaling),
      caption:
        "\(rescaling.name) of the data of the paths is multiplied by a factor, as when metres become millimetres. Ridge with λ = "
        + "\(Wording.number(rescaling.ridgeLambda)), lasso with λ = \(Wording.number(rescaling.lassoLambda)). Standardised: "
        + "divided by the 1/n standard deviation.",
      table: table,
      sheet: Sheet(
        title: "Units", panels: [changes, effects], columns: 2, boxHeight: 215,
        key: Self.rescalingSeries.map { (text: $0.name, number: $0.number) }))
  }

  private static let rescalingSeries: [(name: String, method: Regression, standardised: Bool, number: Int)] = [
    ("ridge raw", .ridge, false, 2), ("lasso raw", .lasso, false, 1), ("ridge standardised", .ridge, true, 6),
    ("lasso standardised", .lasso, true, 5),
  ]

  /// The numbers at a few factors.
  func rescalingTable() -> HTMLTable? {
    guard let rescaling = results.rescaling, !rescaling.rows.isEmpty else { return nil }
    let factors = [0.01, 0.1, 1, 10, 100].filter { wanted in
      rescaling.rows.contains { abs($0.factor / wanted - 1) < 1e-9 }
    }
    var table = HTMLTable(
      caption: "Effect of one old unit of \(rescaling.name), and in brackets the change of the fitted values",
      note: "The change is a root mean square, in % of the target's standard deviation. \"same\": below 10⁻⁹ of it.",
      headings: ["method", "inputs"] + factors.map { "× \(Wording.number($0))" }, textColumns: 2)
    for (method, standardised) in [
      (Regression.leastSquares, true), (.ridge, true), (.ridge, false), (.lasso, true), (.lasso, false),
    ] {
      let rows = rescaling.rows.filter { $0.method == method && $0.isStandardised == standardised }
      guard !rows.isEmpty else { continue }
      let cells = factors.map { wanted -> String in
        guard let row = rows.first(where: { abs($0.factor / wanted - 1) < 1e-9 }) else { return "–" }
        let change = row.change < 1e-9 ? "same" : Wording.number(100 * row.change, digits: 2) + "\u{A0}%"
        return "\(Wording.fixed(row.effect, decimals: 3)) (\(change))"
      }
      table.rows.append(
        [
          Self.name(method), method == .leastSquares ? "either" : standardised ? "standardised" : "as they are",
        ] + cells)
    }
    return table
  }

  private static func conclusion(_ rescaling: RescalingResults) -> String {
    func largest(_ method: Regression, _ standardised: Bool) -> Double {
      rescaling.rows.filter { $0.method == method && $0.isStandardised == standardised }.map(\.change).max() ?? 0
    }
    let raw = [Regression.ridge, .lasso].map { (name: possessive($0), change: largest($0, false)) }
    let standardised = max(largest(.ridge, true), largest(.lasso, true))
    let dropped = rescaling.rows.filter { $0.method == .lasso && !$0.isStandardised && $0.effect == 0 }.map(\.factor)
    let parts = raw.map { "\($0.name) by up to \(Wording.percent($0.change, digits: 2))" }
    var text =
      "Without standardising, other units change the fitted values, \(Wording.list(parts)) of the target's deviation"
    if let factor = dropped.max() {
      text +=
        " (the lasso drops \(rescaling.name) altogether when its numbers are \(Wording.number(1 / factor, digits: 2)) times smaller)"
    }
    text +=
      standardised < 1e-9
      ? "; with standardising they stay the same, to \(Wording.number(standardised, digits: 2)) of it"
      : "; with standardising by up to \(Wording.number(standardised, digits: 2)) of it"
    return text
      + ", as those of least squares do in any case (\(Wording.number(largest(.leastSquares, true), digits: 2)))."
  }
}
