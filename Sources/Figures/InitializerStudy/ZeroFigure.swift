import Foundation
public import Studies

extension InitializerFigures {
  /// What zero weights do: the derivatives for single inputs at initialisation and the loss while training, beside an
  /// initializer that breaks the symmetry.
  ///
  /// - Returns: nil where `group` has no run named `zeros`.
  public func zeroInitialisation(_ group: RunGroup) -> Figure? {
    guard group.initializers.contains("zeros") else { return nil }
    let other = Self.pair(of: group).last { $0 != "zeros" }
    let shown = ["zeros"] + (other.map { [$0] } ?? [])
    var table = CSVTable(columns: ["quantity", "initializer", "unit", "input", "step", "mean", "low", "high"])
    let panels = [probePanel(group, shown, &table), lossPanel(group, shown, &table)].compactMap(\.self)
    guard !panels.isEmpty else { return nil }
    let layer = group.runs(of: "zeros").first?.derivativeProbe?.layer
    let probed = layer.map { "Above: derivatives of the cost by pre-activations of layer \($0), one input at a time. " }
    return Figure(
      name: Figure.stem("zero-initialisation", group.model, group.dataset, group.activation),
      title: "Zero initialisation (\(Self.name(group)))",
      conclusion: Self.zeroConclusion(group, other: other),
      caption: "\(probed ?? "")\(panels.count > 1 ? "Below: loss" : "Loss"), mean \(Self.interval(group)).",
      table: table, sheet: Sheet(title: "Zero initialisation, \(Self.name(group))", panels: panels, boxHeight: 190))
  }

  private func probePanel(_ group: RunGroup, _ shown: [String], _ table: inout CSVTable) -> Panel? {
    let probes = shown.compactMap { name in
      group.runs(of: name).first?.derivativeProbe.map { (name: name, rows: $0.rows) }
    }
    let values = probes.flatMap { $0.rows.joined() }.filter(\.isFinite)
    guard probes.contains(where: { $0.name == "zeros" }), !values.isEmpty else { return nil }
    let inputs = probes.map(\.rows.count).max() ?? 1
    var panel = Panel(
      title: "derivatives at initialisation", horizontal: Axis("input", from: 0.5, to: Double(inputs) + 0.5),
      vertical: Axis.covering("derivative (nats)", values + [0], tickCount: 5))
    for (index, probe) in probes.enumerated() {
      for (input, row) in probe.rows.enumerated() {
        for (unit, value) in row.enumerated() {
          table.append([
            "derivative", .text(probe.name), .integer(unit + 1), .integer(input + 1), "", .number(value), "", "",
          ])
        }
      }
      let rows = [("quantity", "derivative"), ("initializer", probe.name)].map { (column: $0.0, value: $0.1) }
      let shift = (Double(index) - Double(probes.count - 1) / 2) * 0.2
      panel.curves.append(
        Curve(kind: .points(every: 1, first: 0), number: looks[probe.name], rows: rows, x: "input", shift: shift))
      let last = probe.rows.last?.filter(\.isFinite) ?? []
      panel.labels.append(
        DirectLabel(
          text: probe.name, x: Double(inputs) + shift, y: Statistics.mean(last.isEmpty ? [0] : last),
          number: looks[probe.name]))
    }
    return panel
  }

  func lossPanel(_ group: RunGroup, _ shown: [String], _ table: inout CSVTable) -> Panel? {
    let curves = shown.map { (name: $0, points: group.curve(of: $0, \.loss)) }.filter { !$0.points.isEmpty }
    guard !curves.isEmpty else { return nil }
    let lastStep = curves.flatMap { $0.points.map(\.step) }.max() ?? 1
    var panel = Panel(
      title: "loss while training",
      horizontal: Axis(Self.stepsLabel, from: 0, to: Double(max(lastStep, 1))),
      vertical: TrainingSubject.loss.axis(curves.map(\.points), tickCount: 5))
    for (name, points) in curves {
      for point in points {
        table.append([
          "loss", .text(name), "", "", .integer(point.step), .number(point.estimate.mean),
          .number(point.estimate.lower), .number(point.estimate.upper),
        ])
      }
      let rows = [("quantity", "loss"), ("initializer", name)].map { (column: $0.0, value: $0.1) }
      panel.curves.append(Curve(kind: .band, number: looks[name], rows: rows, x: "step"))
      panel.curves.append(
        Curve(kind: .marked(every: max(1, points.count / 9)), number: looks[name], rows: rows, x: "step"))
      if let end = points.last {
        panel.labels.append(
          DirectLabel(text: name, x: Double(end.step), y: end.estimate.mean, number: looks[name]))
      }
    }
    return panel
  }

  private static func zeroConclusion(_ group: RunGroup, other: String?) -> String {
    var parts: [String] = []
    let probes = group.runs(of: "zeros").compactMap(\.derivativeProbe)
    if let inputs = probes.first?.rows.count, inputs > 0 {
      let difference = probes.map(\.largestDifferenceBetweenInputs).max() ?? .nan
      let contrast = other.flatMap { group.runs(of: $0).first?.derivativeProbe }.map {
        " (under \(Wording.name(other ?? "")) they differ by up to \(Wording.number($0.largestDifferenceBetweenInputs)))"
      }
      parts.append(
        difference == 0
          ? "With zero weights the derivatives are exactly the same for all \(inputs) inputs\(contrast ?? "")"
          : "With zero weights the derivatives differ between inputs, by up to \(Wording.number(difference))"
            + (contrast ?? ""))
    }
    let fall = LossFall(group.curve(of: "zeros", \.loss))
    let comparison =
      other.map { ", while under \(Wording.name($0)) it \(LossFall(group.curve(of: $0, \.loss)).phrase)" } ?? ""
    parts.append("\(parts.isEmpty ? "with zero weights " : "")the loss \(fall.phrase)\(comparison)")
    return Wording.sentence(parts.joined(separator: "; ")) + "."
  }
}

/// How far a loss came down, in words chosen by the number.
struct LossFall: Sendable {
  let start: Double
  let end: Double

  /// A loss that has come down by less than this fraction is stuck.
  static let stagnation = 0.05

  init(_ points: [CurvePoint]) {
    start = points.first?.estimate.mean ?? .nan
    end = points.last?.estimate.mean ?? .nan
  }

  /// The fraction of the first loss that is gone.
  var fraction: Double { (start - end) / start }

  /// Whether the loss has come down by less than 5 %, or is not finite.
  var isStuck: Bool { !(fraction >= Self.stagnation) }

  var phrase: String {
    guard fraction.isFinite else { return "is not finite" }
    // Up by less than a hundredth is noise of the batches.
    if (-0.01..<0).contains(fraction) { return "is stuck at \(Wording.number(start, digits: 4))" }
    if fraction < 0 { return "rises from \(Wording.number(start, digits: 4)) to \(Wording.number(end, digits: 4))" }
    let size = fraction < 0.0005 ? "less than 0.05\u{A0}%" : Wording.percent(fraction, digits: 2)
    return isStuck
      ? "is stuck at \(Wording.number(start, digits: 4)): it falls by \(size)"
      : "falls from \(Wording.number(start, digits: 4)) to \(Wording.number(end, digits: 4))"
  }
}
