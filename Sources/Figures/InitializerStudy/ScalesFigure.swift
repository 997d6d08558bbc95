import Foundation
import Studies

extension InitializerFigures {
  /// Random weights from far too small to far too large: a row an activation, on the left the saturated fraction of
  /// each layer (the spread of the activations for a function without a bound), on the right the loss.
  public func scales() -> Figure? {
    let groups = results.groups(.scales)
    var table = CSVTable(
      columns: ["quantity", "model", "dataset", "activation", "initializer", "layer", "step", "mean", "low", "high"])
    let panels = groups.enumerated().flatMap { index, group in
      let isLast = index == groups.count - 1
      return [layerPanel(group, isLast: isLast, &table), trainingPanel(group, isLast: isLast, &table)]
    }
    guard !panels.isEmpty else { return nil }
    return Figure(
      name: "weight-scales", title: "Random weights, too small and too large",
      conclusion: "By the standard deviation σ of the weights: "
        + groups.map(Self.scaleConclusion).joined(separator: "; ") + ".",
      caption: "Left: the layers at initialisation; right: the loss; mean \(Self.interval(groups[0])). "
        + "\(Self.scaleNames(groups)) Saturated: \(results.study.saturation). A curve ends where a seed diverges; what is above the axis is cut off.",
      table: table, sheet: Sheet(title: "Random weights", panels: panels, columns: 2, boxHeight: 128))
  }

  private func layerPanel(_ group: RunGroup, isLast: Bool, _ table: inout CSVTable) -> Panel {
    let isBounded = Self.isBounded(group)
    let name = isBounded ? "saturated_fraction" : "activation_std"
    let quantity: (LayerStatistics) -> Double =
      isBounded ? { $0.saturatedFraction } : { $0.activationStandardDeviation }
    let layers = group.layers(of: group.initializers[0])
    let heights = group.initializers.flatMap { group.layerEstimates(of: $0, quantity).map(\.mean) }
    var panel = Panel(
      title: "\(group.activation): \(isBounded ? "saturation" : "activations")",
      horizontal: Axis(
        isLast ? "layer" : "", from: Double(layers.first?.layer ?? 1) - 0.4, to: Double(layers.last?.layer ?? 1) + 0.4,
        ticks: layers.map { Axis.Tick(value: Double($0.layer), label: $0.name ?? String($0.layer)) }),
      vertical: isBounded
        ? Axis("%", from: -4, to: 104, tickCount: 4)
        : Axis.logarithmic("deviation", heights))
    for (index, initializer) in group.initializers.enumerated() {
      let estimates = group.layerEstimates(of: initializer, quantity)
      for (layer, estimate) in zip(group.layers(of: initializer), estimates) {
        table.append([
          .text(name), .text(group.model), .text(group.dataset), .text(group.activation), .text(initializer),
          .integer(layer.layer), "", .number(estimate.mean),
          .number(isBounded ? estimate.lower : max(estimate.lower, estimate.mean / 100)), .number(estimate.upper),
        ])
      }
      panel.curves += Self.curves(
        group, initializer, name, x: "layer", number: scaleLooks[initializer], every: 1, scale: isBounded ? 100 : 1,
        shift: (Double(index) - Double(group.initializers.count - 1) / 2) * 0.06, bars: true)
    }
    return panel
  }

  private func trainingPanel(_ group: RunGroup, isLast: Bool, _ table: inout CSVTable) -> Panel {
    let curves = group.initializers.map { (initializer: $0, points: group.curve(of: $0, \.loss)) }
    let lastStep = curves.flatMap { $0.points.map(\.step) }.max() ?? 1
    var panel = Panel(
      title: "\(group.activation): loss",
      horizontal: Axis(isLast ? Self.stepsLabel : "", from: 0, to: Double(max(lastStep, 1)), tickCount: 4),
      vertical: TrainingSubject.loss.axis(curves.map(\.points).filter { !$0.isEmpty }, label: "nats", tickCount: 4))
    for (initializer, points) in curves {
      for point in points {
        table.append([
          "loss", .text(group.model), .text(group.dataset), .text(group.activation), .text(initializer), "",
          .integer(point.step), .number(point.estimate.mean), .number(point.estimate.lower),
          .number(point.estimate.upper),
        ])
      }
      guard let end = points.last else { continue }
      panel.curves += Self.curves(
        group, initializer, "loss", x: "step", number: scaleLooks[initializer], every: max(1, points.count / 7))
      let diverged = group.divergedCount(of: initializer) > 0 ? " (diverged)" : ""
      panel.labels.append(
        DirectLabel(
          text: Self.scaleName(group, initializer) + diverged, x: Double(end.step), y: end.estimate.mean,
          number: scaleLooks[initializer]))
    }
    return panel
  }

  private static func curves(
    _ group: RunGroup, _ initializer: String, _ quantity: String, x: String, number: Int, every: Int,
    scale: Double = 1, shift: Double = 0, bars: Bool = false
  ) -> [Curve] {
    let rows = [
      ("quantity", quantity), ("model", group.model), ("dataset", group.dataset), ("activation", group.activation),
      ("initializer", initializer),
    ].map { (column: $0.0, value: $0.1) }
    let interval = Curve(kind: bars ? .bars : .band, number: number, rows: rows, x: x, scale: scale, shift: shift)
    let line = Curve(kind: .marked(every: every), number: number, rows: rows, x: x, scale: scale, shift: shift)
    return [interval, line]
  }

  /// A function without a bound has no saturated fraction.
  private static func isBounded(_ group: RunGroup) -> Bool {
    group.runs.contains { $0.layers.contains { $0.saturatedFraction.isFinite } }
  }

  /// The weights' standard deviation where it is known: shorter than a name, and what the figure is about.
  private static func scaleName(_ group: RunGroup, _ initializer: String) -> String {
    let deviation = Statistics.mean(group.runs(of: initializer).map(\.weightStandardDeviation))
    return deviation.isFinite ? "σ\u{A0}=\u{A0}\(Wording.number(deviation, digits: 2))" : initializer
  }

  private static func scaleNames(_ groups: [RunGroup]) -> String {
    var seen: Set<String> = []
    let pairs = groups.flatMap { group in
      group.initializers.compactMap { initializer -> String? in
        let name = scaleName(group, initializer)
        return name != initializer && seen.insert(initializer).inserted ? "\(Wording.name(initializer)): \(name)" : nil
      }
    }
    return pairs.isEmpty
      ? "" : "σ is the standard deviation of the first layer's weights (\(pairs.joined(separator: ", ")))."
  }

  private static func scaleConclusion(_ group: RunGroup) -> String {
    // A loss that comes down from far above to somewhere above guessing has learnt nothing.
    let falls = group.initializers.map { (name: $0, fall: LossFall(group.curve(of: $0, \.loss))) }
    let guessing = guessingLoss(group)
    let outcomes = falls.map { initializer, fall in
      let saturated = group.layerEstimates(of: initializer, \.saturatedFraction).map(\.mean).filter(\.isFinite)
      let isStuck = fall.isStuck || fall.end > (1 - LossFall.stagnation) * guessing
      return (
        name: scaleName(group, initializer), saturated: saturated.max() ?? 0,
        isDiverging: group.divergedCount(of: initializer) > 0, isStuck: isStuck
      )
    }
    var parts: [String] = []
    let diverged = outcomes.filter(\.isDiverging).map(\.name)
    let stuck = outcomes.filter { $0.isStuck && !$0.isDiverging }.map(\.name)
    let learning = outcomes.filter { !$0.isStuck && !$0.isDiverging }.map(\.name)
    if !stuck.isEmpty { parts.append("stagnates with \(Wording.list(stuck))") }
    if !diverged.isEmpty { parts.append("diverges with \(Wording.list(diverged))") }
    if !learning.isEmpty { parts.append("learns with \(Wording.list(learning))") }
    let saturated = outcomes.filter { $0.saturated >= 0.5 }.map {
      "\(Wording.percent($0.saturated, digits: 2)) with \($0.name)"
    }
    let start =
      saturated.isEmpty ? "" : " (a layer starts out mostly saturated: \(Wording.list(saturated)))"
    return "\(Wording.name(group.activation)) \(Wording.list(parts))\(start)"
  }
}
