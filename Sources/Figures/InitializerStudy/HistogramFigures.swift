import Foundation
public import Studies

extension InitializerFigures {
  /// Densities of the activations of each layer at initialisation, a panel an initializer, with the normal density of
  /// theory's standard deviation as a thin line: figure 6 of Glorot and Bengio (2010).
  ///
  /// - Parameter initializers: the panels from top to bottom; the paper's two unless told.
  public func activationHistograms(_ group: RunGroup, initializers: [String]? = nil) -> Figure? {
    histograms(group, initializers, HistogramSubject.activations)
  }

  /// Densities of the cost's gradients by each layer's pre-activations at initialisation: figure 7 of the paper.
  ///
  /// - Parameter initializers: the panels from top to bottom; the paper's two unless told.
  public func gradientHistograms(_ group: RunGroup, initializers: [String]? = nil) -> Figure? {
    histograms(group, initializers, HistogramSubject.gradients)
  }

  private func histograms(_ group: RunGroup, _ initializers: [String]?, _ subject: HistogramSubject) -> Figure? {
    let wanted = initializers ?? Self.pair(of: group)
    let panels = wanted.compactMap { HistogramPanel(group, $0, subject) }
    let drawn = panels.filter(\.hasSpread)
    guard !drawn.isEmpty else { return nil }
    var table = CSVTable(columns: ["initializer", "layer", "center", "density", "predicted_density"])
    for panel in drawn { panel.append(to: &table) }
    let reach = subject.reach(drawn)
    let isGrid = drawn.count > 2
    var sheet = Sheet(
      title: "\(subject.title), \(Self.name(group))",
      panels: drawn.map { $0.panel(reach: reach, hasLabels: !isGrid) }, columns: isGrid ? 2 : 1,
      boxHeight: isGrid ? 150 : 200)
    if isGrid { sheet.key = Self.layerKey(drawn[0].layers) }
    for index in sheet.panels.indices {
      let isLow = index / sheet.columns == (sheet.panels.count - 1) / sheet.columns
      sheet.panels[index].horizontal.label = isLow ? subject.axis : ""
      sheet.panels[index].vertical.label = index % sheet.columns == 0 ? "density" : ""
    }
    sheet.labelColumn = .inside(0.7)
    let missing = panels.filter { !$0.hasSpread }.map(\.initializer)
    let omission =
      missing.isEmpty ? "" : " Not drawn: \(Wording.names(missing)), under which they are all the same number."
    let theory =
      drawn.flatMap(\.predicted).contains(where: \.isFinite)
      ? "; dotted lines: \(subject.walksBack ? Self.normal : Self.prediction(group.activation))" : ""
    return Figure(
      name: Figure.stem(
        subject.stem, initializers == nil ? "" : "all", group.model, group.dataset, group.activation),
      title: "\(subject.title)\(initializers == nil ? "" : ", other initializers") (\(Self.name(group)))",
      conclusion: Self.conclusion(group, drawn.map(\.initializer), subject),
      caption: "Densities \(Self.merging(group)), a curve a layer\(theory).\(omission)",
      table: table, sheet: sheet, isSupplement: initializers != nil)
  }

  private static let normal = "normal densities with the standard deviation that theory predicts"

  /// What is drawn for the activations: a normal density where they are nearly one.
  private static func prediction(_ activation: String) -> String {
    switch activation {
    case "sigmoid": normal + ", about ½"
    case "relu": "the positive halves of the pre-activations' normal densities as theory predicts them"
    default: normal
    }
  }

  private static func merging(_ group: RunGroup) -> String {
    group.seedCount > 1 ? "of \(group.seedCount) seeds together" : "of one seed"
  }

  private static func conclusion(_ group: RunGroup, _ initializers: [String], _ subject: HistogramSubject) -> String {
    let trends = initializers.map { (name: $0, trend: subject.trend(group, $0)) }
    return "From \(subject.direction) the standard deviation of the \(subject.noun) \(Trend.sentence(trends))."
  }
}

/// What a figure of histograms is about.
struct HistogramSubject: Sendable {
  let stem: String
  let title: String
  let noun: String
  let axis: String
  let direction: String
  /// Whether the sentence walks from the output to the input, as back-propagation does.
  let walksBack: Bool
  let histogram: @Sendable (LayerStatistics) -> Histogram?
  let measured: @Sendable (LayerStatistics) -> Double
  let predicted: @Sendable (LayerStatistics) -> Double

  static let activations = HistogramSubject(
    stem: "activation-histograms", title: "Activations at initialisation", noun: "activations", axis: "activation",
    direction: "the input to the output", walksBack: false, histogram: \.activationHistogram,
    measured: \.activationStandardDeviation, predicted: \.predictedActivationStandardDeviation)

  static let gradients = HistogramSubject(
    stem: "gradient-histograms", title: "Back-propagated gradients at initialisation", noun: "gradients",
    axis: "derivative of the cost by the pre-activation (nats)", direction: "the output back to the input",
    walksBack: true, histogram: \.gradientHistogram, measured: \.gradientStandardDeviation,
    predicted: \.predictedGradientStandardDeviation)

  /// The change a layer in the direction of `direction`.
  func trend(_ group: RunGroup, _ initializer: String) -> Trend {
    let factor = group.factorPerLayer(of: initializer, measured)
    let theory = group.factorPerLayer(of: initializer, predicted)
    return walksBack ? Trend(factor: 1 / factor, theory: 1 / theory) : Trend(factor: factor, theory: theory)
  }

  /// How far the horizontal axis reaches: all of the activations' range, 3.5 of the largest deviation for gradients.
  func reach(_ panels: [HistogramPanel]) -> ClosedRange<Double> {
    let bounds = panels.flatMap(\.histograms)
    let low = bounds.map(\.lowerBound).min() ?? -1
    let high = bounds.map(\.upperBound).max() ?? 1
    let deviation = panels.flatMap(\.deviations).filter(\.isFinite).max() ?? .infinity
    guard walksBack, deviation > 0, deviation.isFinite else { return low...high }
    return max(low, -3.5 * deviation)...min(high, 3.5 * deviation)
  }
}

/// The densities of one initializer's layers.
struct HistogramPanel: Sendable {
  let initializer: String
  let layers: [LayerStatistics]
  let histograms: [Histogram]
  let deviations: [Double]
  let predicted: [Double]
  /// The activation whose values are shown; empty for gradients.
  private let activation: String

  /// The panel of `initializer`, or nil where a layer has no histogram.
  init?(_ group: RunGroup, _ initializer: String, _ subject: HistogramSubject) {
    let merged = group.layerHistograms(of: initializer, subject.histogram)
    let histograms = merged.compactMap(\.self)
    guard !histograms.isEmpty, histograms.count == merged.count else { return nil }
    self.initializer = initializer
    self.histograms = histograms
    activation = subject.walksBack ? "" : group.activation
    layers = group.layers(of: initializer)
    deviations = group.layerEstimates(of: initializer, subject.measured).map(\.mean)
    predicted = group.layerEstimates(of: initializer, subject.predicted).map(\.mean)
  }

  /// Whether there is anything but one number to show.
  var hasSpread: Bool { deviations.contains { $0 > 0 } }

  func append(to table: inout CSVTable) {
    for index in histograms.indices {
      let histogram = histograms[index]
      for (bin, density) in histogram.densities.enumerated() {
        let center = histogram.center(bin)
        table.append([
          .text(initializer), .integer(layers[index].layer), .number(center), .number(density),
          .number(predictedDensity(center, deviation: predicted[index])),
        ])
      }
    }
  }

  func panel(reach: ClosedRange<Double>, hasLabels: Bool) -> Panel {
    let peaks = histograms.map { $0.densities.max() ?? 0 }
    var panel = Panel(
      title: initializer, horizontal: Axis("", from: reach.lowerBound, to: reach.upperBound),
      vertical: Axis.covering("", peaks, from: 0, tickCount: 5))
    for (index, layer) in layers.enumerated() {
      let rows = [("initializer", initializer), ("layer", String(layer.layer))].map { (column: $0.0, value: $0.1) }
      let number = LookBook.number(index)
      // Symbols only where the curve stands clear of the axis, about six of them, elsewhere on each curve.
      let floor = 0.03 * panel.vertical.upper
      let visible = histograms[index].densities.count { $0 > floor }
      panel.curves += [
        Curve(kind: .line, number: number, rows: rows, x: "center", y: "density"),
        Curve(
          kind: .points(every: max(1, visible / 6), first: index * visible / 30), number: number, rows: rows,
          x: "center", y: "density", floor: floor),
        Curve(kind: .prediction, number: Look.theory, rows: rows, x: "center", y: "predicted_density"),
      ]
    }
    if hasLabels { panel.labels = labels(peaks) }
    return panel
  }

  /// A label a curve, on its right shoulder; curves of nearly the same height share one.
  private func labels(_ peaks: [Double]) -> [DirectLabel] {
    let top = peaks.max() ?? 1
    var groups: [[Int]] = []
    for index in peaks.indices.sorted(by: { peaks[$0] > peaks[$1] }) {
      if let last = groups.last?.last, peaks[last] - peaks[index] < 0.04 * top {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups.map { members in
      let first = members.min() ?? 0
      let (x, y) = shoulder(histograms[first])
      let numbers = members.map { layers[$0].layer }.sorted()
      let isRun = numbers.count > 2 && numbers.last == numbers[0] + numbers.count - 1
      let names = isRun ? "\(numbers[0])–\(numbers[numbers.count - 1])" : Wording.list(numbers.map { String($0) })
      return DirectLabel(
        text: (numbers.count == 1 ? "layer " : "layers ") + names, x: x, y: y,
        number: members.count == 1 ? LookBook.number(first) : nil)
    }
  }

  private func shoulder(_ histogram: Histogram) -> (x: Double, y: Double) {
    let densities = histogram.densities
    let peak = densities.max() ?? 0
    let start = densities.firstIndex(of: peak) ?? 0
    let bin = densities[start...].firstIndex { $0 < 0.85 * peak } ?? start
    return (histogram.center(bin), densities[bin])
  }

  /// Theory's density at x where the values have this standard deviation; NaN where theory has no simple one.
  private func predictedDensity(_ x: Double, deviation: Double) -> Double {
    switch activation {
    case "sigmoid": return Self.normalDensity(x - 0.5, deviation: deviation)
    case "relu":
      // A rectified normal of variance q has the variance q (1/2 - 1/(2π)).
      let underlying = deviation / (0.5 - 1 / (2 * Double.pi)).squareRoot()
      return x > 0 ? Self.normalDensity(x, deviation: underlying) : .nan
    case "leaky_relu": return .nan
    default: return Self.normalDensity(x, deviation: deviation)
    }
  }

  private static func normalDensity(_ x: Double, deviation: Double) -> Double {
    guard deviation > 0 else { return .nan }
    return exp(-x * x / (2 * deviation * deviation)) / (deviation * (2 * Double.pi).squareRoot())
  }
}
