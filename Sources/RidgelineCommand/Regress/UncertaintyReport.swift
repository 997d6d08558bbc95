import Foundation
import Ridgeline

/// Stability selection as JSON; the names are the keys.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct StabilityReport: Encodable {
  let selected: [String]
  let selectionFrequencies: [String: Double]
  let threshold: Double
  let expectedFalseSelections: Double
  let averageSelected: Double
  let subsamples: Int
  let lambdas: [Double]
  let certified: Bool
  let seconds: Double

  init(
    _ stability: StabilitySelection, threshold: Double, lambdas: [Lambda], names: RegressionReport.Names,
    seconds: Double
  ) throws {
    selected = stability.selected(threshold: threshold).map { stability.frequencies.names[$0] }
    selectionFrequencies = names.dictionary(stability.frequencies)
    self.threshold = threshold
    expectedFalseSelections = try stability.expectedFalseSelections(threshold: threshold)
    averageSelected = stability.averageSelected
    subsamples = stability.subsampleCount
    self.lambdas = lambdas.map(\.value)
    certified = stability.isCertified
    self.seconds = seconds
  }
}

/// Bootstrap and conformal intervals as JSON; the names are the keys.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct UncertaintyReport: Encodable {
  struct BootstrapReport: Encodable {
    let resamples: Int
    let level: Double
    let percentileIntervals: [String: [Double]]
    let basicIntervals: [String: [Double]]
    let standardErrors: [String: Double]
    let selectionFrequencies: [String: Double]

    init(_ bootstrap: Bootstrap, level: Double, names: RegressionReport.Names) throws {
      let coefficients = bootstrap.fit.coefficients
      // Of many columns those that were ever in.
      let frequencies = bootstrap.selectionFrequencies
      let columns = names == .all ? Array(0..<coefficients.count) : frequencies.support
      func intervals(_ kind: Bootstrap.Interval) throws -> [String: [Double]] {
        let found = try bootstrap.intervals(level: level, kind)
        var values: [String: [Double]] = [:]
        for column in columns {
          let interval = found.coefficients[column]
          values[coefficients.names[column]] = [interval.lowerBound, interval.upperBound]
        }
        // A column may be called as the intercept is, which comes first.
        values["(Intercept)"] = [found.intercept.lowerBound, found.intercept.upperBound]
        return values
      }
      (resamples, self.level) = (bootstrap.coefficients.count, level)
      (percentileIntervals, basicIntervals) = (try intervals(.percentile), try intervals(.basic))
      let errors = bootstrap.standardErrors
      standardErrors = Dictionary(uniqueKeysWithValues: columns.map { (coefficients.names[$0], errors[$0]) })
      selectionFrequencies = names.dictionary(frequencies)
    }
  }

  struct ConformalReport: Encodable {
    let folds: Int
    let level: Double
    let guaranteedCoverage: Double
    let medianResidual: Double

    init(_ conformal: ConformalIntervals, level: Double) {
      (folds, self.level) = (conformal.fits.count, level)
      guaranteedCoverage = conformal.guaranteedCoverage(level: level)
      medianResidual = conformal.residuals.sorted()[conformal.residuals.count / 2]
    }
  }

  let bootstrap: BootstrapReport?
  let conformal: ConformalReport?

  init(_ uncertainty: RegressionUncertainty, names: RegressionReport.Names) throws {
    bootstrap = try uncertainty.bootstrap.map { try BootstrapReport($0, level: uncertainty.level, names: names) }
    conformal = uncertainty.conformal.map { ConformalReport($0, level: uncertainty.level) }
  }
}

extension RegressionText {
  /// The table of a stability selection.
  func stable(_ stability: StabilitySelection) -> [String] {
    var table = PlainTable(["", "frequency", ""])
    let (frequencies, threshold) = (stability.frequencies, uncertainty.chosenThreshold)
    let stable = Set(stability.selected(threshold: threshold))
    let order = frequencies.support.sorted { (frequencies[$1], $0) < (frequencies[$0], $1) }
    for column in order.prefix(Self.mostZeros) {
      table.append([
        frequencies.names[column], String(format: "%.3f", frequencies[column]), stable.contains(column) ? "stable" : "",
      ])
    }
    let bound = (try? stability.expectedFalseSelections(threshold: threshold)) ?? .nan
    let rest = frequencies.count - min(order.count, Self.mostZeros)
    let others = rest > 0 ? ["and \(rest) that are selected less often, or never"] : []
    return table.lines + others + [
      "---",
      "\(stability.subsampleCount) halves, seed \(options.seed), select \(number(stability.averageSelected)) of "
        + "\(stability.penalisedCount) columns on average along \(stability.lambdas.count) lambdas",
      "at least \(number(threshold)) of them select \(stable.count); of these at most \(number(bound)) by mistake, as is "
        + "to be expected",
      (stability.isCertified ? "every fit certified" : "NOT every fit certified")
        + " at tolerance \(number(options.tolerance)); " + String(format: "%.3g s", result.seconds),
    ]
  }

  /// The intervals of a bootstrap, and what the conformal ones promise.
  func uncertain(_ found: RegressionUncertainty) -> [String] {
    var lines: [String] = []
    if let bootstrap = found.bootstrap, let intervals = try? bootstrap.intervals(level: found.level),
      let basic = try? bootstrap.intervals(level: found.level, .basic)
    {
      var table = PlainTable(["", "\(number(100 * found.level)) % from", "to", "basic from", "to", "nonzero"])
      func append(_ name: String, _ first: ClosedRange<Double>, _ second: ClosedRange<Double>, _ share: String) {
        table.append([
          name, number(first.lowerBound), number(first.upperBound), number(second.lowerBound),
          number(second.upperBound), share,
        ])
      }
      if !options.noIntercept { append("(Intercept)", intervals.intercept, basic.intercept, "") }
      let frequencies = bootstrap.selectionFrequencies
      for column in frequencies.support.prefix(Self.mostZeros) {
        append(
          intervals.names[column], intervals.coefficients[column], basic.coefficients[column],
          String(format: "%.3f", frequencies[column]))
      }
      let hidden = frequencies.count - min(frequencies.support.count, Self.mostZeros)
      lines += ["", "Pairs bootstrap, \(bootstrap.coefficients.count) resamples, seed \(options.seed)"] + table.lines
      if hidden > 0 { lines.append("and \(hidden) that are not shown or never in") }
    }
    if let conformal = found.conformal {
      let residuals = conformal.residuals.sorted()
      lines += [
        "",
        "CV+ prediction intervals: \(conformal.fits.count) folds, half of the held-out residuals below "
          + number(residuals[residuals.count / 2]),
        "a new row is covered with a probability of at least \(number(conformal.guaranteedCoverage(level: found.level))), "
          + "mostly near \(number(found.level))"
          + (options.crossValidate == nil ? "" : "; that lambda was chosen by the same rows is not accounted for"),
      ]
    }
    return lines
  }
}
