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
    case "relu":
      "the positive halves of the pre-activations' normal densities as theory predicts them; the exact zeros "
        + "of the rectified half rise above the axis"
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
