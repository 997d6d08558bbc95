import Foundation
public import Studies

extension InitializerFigures {
  /// The standard deviations of activations and of back-propagated gradients in each layer at initialisation, for all
  /// initializers, with theory's values drawn as lines under the measured symbols.
  public func layerDeviations(_ group: RunGroup) -> Figure? {
    let quantities = [LayerQuantity.activations, LayerQuantity.gradients]
    var table = CSVTable(columns: ["quantity", "initializer", "layer", "name", "mean", "low", "high", "predicted"])
    var panels: [Panel] = []
    for quantity in quantities {
      let drawn = group.drawable(group.initializers, quantity.measured)
      for initializer in group.initializers { append(group, initializer, quantity, to: &table) }
      guard !drawn.isEmpty else { continue }
      panels.append(panel(group, drawn, quantity, isLast: quantity.name == quantities.last?.name))
    }
    guard !panels.isEmpty else { return nil }
    let missing = group.initializers.filter { initializer in
      !quantities.contains { !group.drawable([initializer], $0.measured).isEmpty }
    }
    let omission = missing.isEmpty ? "" : " Not drawn, being 0 or not finite: \(Wording.names(missing))."
    let predictions = quantities.flatMap { quantity in
      group.initializers.flatMap { group.layerEstimates(of: $0, quantity.predicted).map(\.mean) }
    }
    let theory = predictions.contains(where: \.isFinite) ? "lines: what theory predicts; " : ""
    return Figure(
      name: Figure.stem("layer-deviations", group.model, group.dataset, group.activation),
      title: "Spread of activations and gradients by layer at initialisation (\(Self.name(group)))",
      conclusion: Self.conclusion(group),
      caption: "Symbols: measured, mean \(Self.interval(group)); \(theory)logarithmic scale.\(omission)",
      table: table, sheet: Sheet(title: "Spread by layer, \(Self.name(group))", panels: panels, boxHeight: 250))
  }

  private func append(_ group: RunGroup, _ initializer: String, _ quantity: LayerQuantity, to table: inout CSVTable) {
    let measured = group.layerEstimates(of: initializer, quantity.measured)
    let predicted = group.layerEstimates(of: initializer, quantity.predicted)
    for (index, layer) in group.layers(of: initializer).enumerated() {
      table.append([
        .text(quantity.name), .text(initializer), .integer(layer.layer), .text(layer.name ?? ""),
        .number(measured[index].mean), .number(max(measured[index].lower, measured[index].mean / 100)),
        .number(measured[index].upper), .number(predicted[index].mean),
      ])
    }
  }

  private func panel(_ group: RunGroup, _ initializers: [String], _ quantity: LayerQuantity, isLast: Bool) -> Panel {
    let layers = group.layers(of: initializers[0])
    let first = Double(layers.first?.layer ?? 1)
    let last = Double(layers.last?.layer ?? 1)
    let ticks = layers.map { Axis.Tick(value: Double($0.layer), label: $0.name ?? String($0.layer)) }
    let heights = initializers.flatMap { initializer in
      (group.layerEstimates(of: initializer, quantity.measured)
        + group.layerEstimates(of: initializer, quantity.predicted)).map(\.mean)
    }
    var panel = Panel(
      title: quantity.title,
      horizontal: Axis(isLast ? "layer, counted from the input" : "", from: first - 0.5, to: last + 0.4, ticks: ticks),
      vertical: Axis.logarithmic("standard deviation", heights))
    for (index, initializer) in initializers.enumerated() {
      let rows = [("quantity", quantity.name), ("initializer", initializer)].map { (column: $0.0, value: $0.1) }
      let number = looks[initializer]
      let shift = (Double(index) - Double(initializers.count - 1) / 2) * 0.075
      panel.curves.append(Curve(kind: .line, number: number, rows: rows, x: "layer", y: "predicted", shift: shift))
      panel.curves.append(Curve(kind: .bars, number: number, rows: rows, x: "layer", shift: shift))
      if let end = group.layerEstimates(of: initializer, quantity.measured).last?.mean, end > 0, end.isFinite {
        panel.labels.append(DirectLabel(text: initializer, x: last + shift, y: end, number: number))
      }
    }
    return panel
  }

  private static func conclusion(_ group: RunGroup) -> String {
    let trends = group.initializers.map { initializer in
      (
        name: initializer, activations: HistogramSubject.activations.trend(group, initializer),
        gradients: HistogramSubject.gradients.trend(group, initializer)
      )
    }
    let measured = trends.filter { $0.activations.factor.isFinite && $0.gradients.factor.isFinite }
    guard !measured.isEmpty else { return "No initializer gives activations and gradients with any spread." }
    let keeping = measured.filter { $0.activations.isSmall && $0.gradients.isSmall }.map(\.name)
    let kept =
      keeping.isEmpty
      ? "No initializer keeps both spreads within 15\u{A0}% from layer to layer"
      : "\(Wording.names(keeping)) \(keeping.count == 1 ? "keeps" : "keep") both spreads within 15\u{A0}% from layer to "
        + "layer"
    let worst = measured.max { abs(log($0.gradients.factor)) < abs(log($1.gradients.factor)) }
    guard let worst, !worst.gradients.isSmall else { return kept + "." }
    return
      "\(kept); the gradient changes most under \(Wording.name(worst.name)), where on its way back it \(worst.gradients.phrase)."
  }
}

/// A quantity with one value a layer, measured and predicted.
struct LayerQuantity: Sendable {
  let name: String
  let title: String
  let measured: @Sendable (LayerStatistics) -> Double
  let predicted: @Sendable (LayerStatistics) -> Double

  static let activations = LayerQuantity(
    name: "activation", title: "activations", measured: \.activationStandardDeviation,
    predicted: \.predictedActivationStandardDeviation)

  static let gradients = LayerQuantity(
    name: "gradient", title: "back-propagated gradients (nats)", measured: \.gradientStandardDeviation,
    predicted: \.predictedGradientStandardDeviation)
}
