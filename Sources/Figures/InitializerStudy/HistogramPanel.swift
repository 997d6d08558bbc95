import Foundation
import Studies

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
    let peaks = histograms.map { visible($0).max() ?? 0 }
    var panel = Panel(
      title: initializer, horizontal: Axis("", from: reach.lowerBound, to: reach.upperBound),
      vertical: Axis.covering("", peaks, from: 0, tickCount: 5))
    for (index, layer) in layers.enumerated() {
      let rows = [("initializer", initializer), ("layer", String(layer.layer))].map { (column: $0.0, value: $0.1) }
      let number = LookBook.number(index)
      // Symbols only where the curve stands clear of the axis, about six of them, elsewhere on each curve.
      let floor = 0.03 * panel.vertical.upper
      let count = visible(histograms[index]).count { $0 > floor }
      panel.curves += [
        Curve(kind: .line, number: number, rows: rows, x: "center", y: "density"),
        Curve(
          kind: .points(every: max(1, count / 6), first: index * count / 30), number: number, rows: rows,
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
      let own = members.compactMap { layers[$0].name }
      if own.count == members.count {
        return DirectLabel(
          text: Wording.list(members.sorted().compactMap { layers[$0].name }), x: x, y: y,
          number: members.count == 1 ? LookBook.number(first) : nil)
      }
      let names = isRun ? "\(numbers[0])–\(numbers[numbers.count - 1])" : Wording.list(numbers.map { String($0) })
      return DirectLabel(
        text: (numbers.count == 1 ? "layer " : "layers ") + names, x: x, y: y,
        number: members.count == 1 ? LookBook.number(first) : nil)
    }
  }

  /// The densities for which there is room on the axis: all but the exact zeros of a rectified half, which stand above it.
  private func visible(_ histogram: Histogram) -> [Double] {
    guard activation == "relu" else { return histogram.densities }
    return histogram.densities.enumerated().map { bin, density in
      let isZeros = abs(histogram.center(bin)) <= abs(histogram.center(1) - histogram.center(0))
      return isZeros ? 0 : density
    }
  }

  private func shoulder(_ histogram: Histogram) -> (x: Double, y: Double) {
    let densities = visible(histogram)
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
