import Foundation
public import Studies

extension InitializerFigures {
  /// The standard deviation of the weight gradients of each layer while training, a panel an initializer: figure 9 of
  /// Glorot and Bengio (2010).
  ///
  /// - Parameter initializers: the panels from top to bottom; the paper's two unless told.
  public func weightGradients(_ group: RunGroup, initializers: [String]? = nil) -> Figure? {
    let all = (initializers ?? Self.pair(of: group)).map { WeightGradientPanel(group, $0) }
    let drawn = all.filter { $0.heights.contains { $0 > 0 } }
    guard !drawn.isEmpty else { return nil }
    var table = CSVTable(columns: ["initializer", "layer", "step", "mean", "low", "high", "predicted"])
    for panel in drawn { panel.append(to: &table) }
    let heights = drawn.flatMap(\.heights)
    let lastStep = drawn.flatMap { $0.layers.flatMap { $0.points.map(\.step) } }.max() ?? 1
    let columns = drawn.count > 2 ? 2 : 1
    let panels = drawn.enumerated().map { index, panel in
      var result = panel.panel(lastStep: Double(lastStep), heights: heights)
      result.horizontal.label = index / columns == (drawn.count - 1) / columns ? Self.stepsLabel : ""
      result.vertical.label = index % columns == 0 ? "standard deviation" : ""
      if columns > 1 { result.labels = [] }
      return result
    }
    var sheet = Sheet(
      title: "Weight gradients while training, \(Self.name(group))", panels: panels, columns: columns,
      boxHeight: columns == 1 ? 215 : 165)
    if columns > 1 { sheet.key = Self.layerKey(drawn[0].layers.map(\.layer)) }
    let missing = all.filter { panel in !drawn.contains { $0.initializer == panel.initializer } }.map(\.initializer)
    let omission = missing.isEmpty ? "" : " Not drawn, being 0 or not finite: \(Wording.names(missing))."
    let theory = drawn.flatMap(\.predicted).contains(where: \.isFinite) ? "crosses at the start: theory; " : ""
    return Figure(
      name: Figure.stem(
        "weight-gradients", initializers == nil ? "" : "all", group.model, group.dataset, group.activation),
      title:
        "Weight gradients while training\(initializers == nil ? "" : ", other initializers") (\(Self.name(group)))",
      conclusion: Self.conclusion(drawn, lastStep: lastStep),
      caption: "Standard deviation of the cost's derivatives by each layer's weights, mean \(Self.interval(group)); "
        + "\(theory)logarithmic scale.\(omission)",
      table: table, sheet: sheet, isSupplement: initializers != nil)
  }

  private static func conclusion(_ panels: [WeightGradientPanel], lastStep: Int) -> String {
    let spreads = panels.map { (name: Wording.name($0.initializer), spread: $0.spreads) }
      .filter { $0.spread.start.isFinite && $0.spread.end.isFinite }
    guard let first = spreads.first else { return "The weight gradients of the layers cannot be compared." }
    if spreads.count > 2 {
      func range(_ value: ((start: Double, end: Double)) -> Double) -> String {
        let sorted = spreads.sorted { value($0.spread) < value($1.spread) }
        let ends = [sorted[0], sorted[sorted.count - 1]].map { "\(Wording.number(value($0.spread))) (\($0.name))" }
        return Wording.list(ends)
      }
      return "The largest layer's weight gradients are between \(range(\.start)) times the smallest's at the start and "
        + "between \(range(\.end)) times after \(Wording.count(lastStep, "update"))."
    }
    let rest = spreads.dropFirst().map { entry in
      "under \(entry.name) \(Wording.number(entry.spread.start)) and \(Wording.number(entry.spread.end)) times"
    }
    return
      "Under \(first.name) the largest layer's weight gradients are \(Wording.number(first.spread.start)) times the "
      + "smallest's at the start and \(Wording.number(first.spread.end)) times after "
      + Wording.count(lastStep, "update") + rest.map { "; " + $0 }.joined() + "."
  }
}

/// The weight gradients of one initializer's layers over training.
struct WeightGradientPanel: Sendable {
  let initializer: String
  let layers: [(layer: LayerStatistics, points: [CurvePoint])]
  let predicted: [Double]

  init(_ group: RunGroup, _ initializer: String) {
    self.initializer = initializer
    predicted = group.layerEstimates(of: initializer, \.predictedWeightGradientStandardDeviation).map(\.mean)
    layers = group.layers(of: initializer).enumerated().map { index, layer in
      let points = group.curve(of: initializer) { run in
        run.weightGradientDeviations.map { entry in
          let deviations = entry.deviations
          return StepValue(step: entry.step, value: deviations.indices.contains(index) ? deviations[index] : .nan)
        }
      }
      return (layer, points)
    }
  }

  var heights: [Double] { layers.flatMap { $0.points.map(\.estimate.mean) } + predicted }

  /// The largest over the smallest layer's deviation, at the first step and at the last.
  var spreads: (start: Double, end: Double) {
    func spread(_ values: [Double]) -> Double {
      guard values.count == layers.count, let low = values.min(), let high = values.max(), low > 0 else { return .nan }
      return high / low
    }
    return (
      spread(layers.compactMap { $0.points.first?.estimate.mean }),
      spread(layers.compactMap { $0.points.last?.estimate.mean })
    )
  }

  func append(to table: inout CSVTable) {
    for (index, entry) in layers.enumerated() {
      for (position, point) in entry.points.enumerated() {
        let mean = point.estimate.mean
        table.append([
          .text(initializer), .integer(entry.layer.layer), .integer(point.step), .number(mean),
          .number(max(point.estimate.lower, mean / 100)), .number(point.estimate.upper),
          .number(position == 0 ? predicted[index] : .nan),
        ])
      }
    }
  }

  func panel(lastStep: Double, heights: [Double]) -> Panel {
    var panel = Panel(
      title: initializer, horizontal: Axis("", from: 0, to: max(lastStep, 1), tickCount: 5),
      vertical: Axis.logarithmic("", heights))
    for (index, entry) in layers.enumerated() {
      let rows = [("initializer", initializer), ("layer", String(entry.layer.layer))].map {
        (column: $0.0, value: $0.1)
      }
      let number = LookBook.number(index)
      panel.curves.append(Curve(kind: .band, number: number, rows: rows, x: "step"))
      panel.curves.append(
        Curve(kind: .marked(every: max(1, entry.points.count / 8)), number: number, rows: rows, x: "step"))
      if predicted[index].isFinite {
        panel.curves.append(
          Curve(kind: .points(every: 1, first: 0), number: Look.theory, rows: rows, x: "step", y: "predicted"))
      }
      if let end = entry.points.last, end.estimate.mean > 0 {
        panel.labels.append(
          DirectLabel(
            text: entry.layer.name ?? "layer \(entry.layer.layer)", x: Double(end.step), y: end.estimate.mean,
            number: number))
      }
    }
    return panel
  }
}
