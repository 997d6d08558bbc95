import Foundation
import Ridgeline

/// The result of a regression for a reader.
struct RegressionText {
  let result: RegressionResult
  let data: RegressionData
  let options: RegressionOptions
  let uncertainty: UncertaintyOptions

  var text: String {
    let lines =
      switch result.kind {
      case .leastSquares(let fit): leastSquares(fit)
      case .likelihood(let fit): likelihood(fit)
      case .single(let fit): penalised(fit)
      case .path(let fits): path(fits)
      case .crossValidation(let validation, let fits, let chosen):
        validated(validation, fits) + [""] + penalised(fits[chosen])
      case .stability(let stability, _): stable(stability)
      }
    return ([headline, ""] + lines + uncertain(result.uncertainty)).joined(separator: "\n")
  }

  private var headline: String {
    let name =
      switch options.penalty {
      case .leastSquares, nil: options.family == .squared ? "Least squares" : "Maximum likelihood"
      case .ridge: "Ridge regression"
      case .lasso: "Lasso"
      case .elasticNet: "Elastic net, mixing \(number(options.share)),"
      }
    let family = options.family == .squared ? "" : " (\(options.family.rawValue), \(options.family.family.link) link)"
    let intercept = options.noIntercept ? ", no intercept" : ""
    let weights = data.weightsColumn.map { ", weights \($0)" } ?? ""
    let offset = data.offsetColumn.map { ", offset \($0)" } ?? ""
    return PlainTable.visible(
      "\(name)\(family) of \(data.target) on \(data.x.columns) columns, \(data.x.rows) rows\(intercept)\(weights)\(offset)"
    )
  }

  private var standardising: String {
    switch options.standardize {
    case .population: "divided by their 1/n standard deviation"
    case .sample: "divided by their 1/(n - 1) standard deviation"
    case .unitNorm: "divided by their norm"
    case .none: "as they are"
    }
  }

  private func leastSquares(_ fit: LeastSquaresFit) -> [String] {
    // The level is between 0 and 1, so there are intervals.
    let intervals = (try? fit.confidenceIntervals()) ?? []
    let table = inference(fit.terms.map(\.name), intervals, fit.fit.standardizedCoefficients.values)
    return [fit.description, ""] + table + [""] + summary(RegressionFit(fit.fit), nil)
  }

  private func likelihood(_ fit: MaximumLikelihoodFit) -> [String] {
    let intervals = (try? fit.confidenceIntervals()) ?? []
    let table = inference(fit.terms.map(\.name), intervals, fit.fit.standardizedCoefficients.values)
    let explained = "explained \(String(format: "%.4f", fit.fit.explainedDeviance)) of the deviance"
    return [fit.description, ""] + table + ["", explained] + summary(RegressionFit(fit.fit), nil)
  }

  /// Intervals and standardised coefficients of the terms of a fit with inference.
  private func inference(
    _ names: [String], _ intervals: [ClosedRange<Double>], _ standardised: [Double]
  ) -> [String] {
    var table = PlainTable(["", "95 % from", "to", "standardised"])
    for (index, (name, interval)) in zip(names, intervals).enumerated() {
      let column = index - (names.count - standardised.count)
      table.append([
        name, number(interval.lowerBound), number(interval.upperBound), column < 0 ? "" : number(standardised[column]),
      ])
    }
    return table.lines
  }

  /// Coefficients that are shown; of more, those that are 0 are counted.
  static let mostZeros = 100

  private func penalised(_ fit: PenalisedFit) -> [String] {
    var table = PlainTable(["", "coefficient", "standardised"])
    if !options.noIntercept { table.append(["(Intercept)", number(fit.fit.intercept), ""]) }
    let (original, standardised) = (fit.fit.coefficients, fit.fit.standardizedCoefficients)
    let showsZeros = original.count <= Self.mostZeros
    for column in showsZeros ? Array(0..<original.count) : original.support {
      table.append([original.names[column], number(original[column]), number(standardised[column])])
    }
    var lines = table.lines
    if !showsZeros { lines.append("and \(original.count - original.support.count) that are 0") }
    return lines + ["---"] + summary(fit.fit, fit)
  }

  /// Everything about a fit but its coefficients.
  private func summary(_ fit: RegressionFit, _ penalised: PenalisedFit?) -> [String] {
    var lines: [String] = []
    if let penalised, options.penalty != .leastSquares { lines.append("lambda: " + scales(fit, penalised)) }
    lines.append("standardised: columns \(standardising)")
    if let penalised {
      let degrees = penalised.degreesOfFreedom.map(number) ?? "not computed"
      lines.append("degrees of freedom: \(degrees)" + (options.noIntercept ? "" : ", and the intercept"))
      lines.append(
        options.family == .squared
          ? "RSS \(number(fit.loss)), R-squared \(String(format: "%.4f", fit.explained))"
          : "deviance \(number(fit.loss)) of \(number(fit.nullLoss)), explained \(String(format: "%.4f", fit.explained))"
      )
    }
    let certificate = fit.certificate
    lines.append(
      "relative duality gap \(number(certificate.dualityGap)), largest KKT violation \(number(certificate.kktViolation)): "
        + (fit.isCertified ? "certified" : "NOT certified, \(certificate.state.rawValue)")
        + " at tolerance \(number(certificate.tolerance))")
    let condition = fit.solver.reciprocalCondition.map { ", reciprocal condition about \(number($0))" } ?? ""
    lines.append(
      "solver: \(fit.solver.solver.rawValue)\(condition), " + String(format: "%.3g s", result.seconds)
        + (result.fit == nil || isValidated ? " for all" : ""))
    return lines
  }

  private var isValidated: Bool { if case .crossValidation = result.kind { true } else { false } }

  /// Lambda in everyone's units, where they exist.
  private func scales(_ fit: RegressionFit, _ penalised: PenalisedFit) -> String {
    guard let context = result.context else { return "" }
    let programs: [(LambdaScale, String)] = [
      (.rss, options.family == .squared ? "RSS + lambda" : "deviance + lambda"),
      (.sklearn, options.family == .logistic ? "1/C of scikit-learn" : "scikit-learn alpha"),
      (.glmnet, "glmnet lambda"), (.lars, "lars"),
    ]
    var parts: [String] = []
    for (scale, name) in programs {
      func convert(_ value: Double, _ term: PenaltyTerm) -> Double? {
        try? Lambda.rss(value).converted(to: scale, term: term, in: context).value
      }
      if options.share == 0 {
        if let value = convert(fit.l2, .l2) { parts.append("\(number(value)) (\(name))") }
      } else if options.share == 1 {
        if let value = convert(fit.l1, .l1) { parts.append("\(number(value)) (\(name))") }
      } else if let l1 = convert(fit.l1, .l1), let l2 = convert(fit.l2, .elasticNetL2) {
        let mixing = l1 + l2 > 0 ? l1 / (l1 + l2) : options.share
        parts.append("\(number(l1 + l2)) with mixing \(number(mixing)) (\(name))")
      }
    }
    return parts.joined(separator: ", ")
  }

  private func path(_ fits: [PenalisedFit]) -> [String] {
    let isSquared = options.family == .squared
    var table = PlainTable([
      "lambda (\(options.lambdaScale.rawValue))", "nonzero", "df", isSquared ? "R-squared" : "explained",
      isSquared ? "RSS" : "deviance", "AIC", "BIC", "gap", "",
    ])
    for fit in fits {
      table.append([
        number(fit.lambda.value), "\(fit.fit.coefficients.support.count)", fit.degreesOfFreedom.map(number) ?? "",
        String(format: "%.4f", fit.fit.explained), number(fit.fit.loss), fit.criteria.map { number($0.akaike) } ?? "",
        fit.criteria.map { number($0.bayes) } ?? "", number(fit.fit.certificate.dualityGap),
        fit.fit.isCertified ? "" : "NOT certified, \(fit.fit.certificate.state.rawValue)",
      ])
    }
    let solvers = Set(fits.map(\.fit.solver.solver.rawValue)).sorted().joined(separator: ", ")
    return table.lines + [
      "---", "standardised: columns \(standardising)",
      "largest gap \(number(fits.map(\.fit.certificate.dualityGap).max() ?? 0)), tolerance \(number(options.tolerance)); "
        + "solver: \(solvers); " + String(format: "%.3g s", result.seconds),
      "coefficients: with --json, or with --lambda at one of these",
    ]
  }

  /// Rows that a table of cross-validation shows of a long grid.
  private static let mostRows = 20

  private func validated(_ validation: any LambdaValidation, _ fits: [PenalisedFit]) -> [String] {
    var table = PlainTable([
      "lambda (\(options.lambdaScale.rawValue))", "nonzero",
      options.family == .squared ? "mean error" : "mean deviance",
      "std. error", "",
    ])
    let (minimum, simple) = (validation.minimum, validation.oneStandardError)
    let step = max(1, (fits.count + Self.mostRows - 1) / Self.mostRows)
    for index in fits.indices where index % step == 0 || [minimum, simple, fits.count - 1].contains(index) {
      var marks: [String] = []
      if index == minimum { marks.append("minimum") }
      if index == simple { marks.append("one standard error") }
      table.append([
        number(fits[index].lambda.value), "\(fits[index].fit.coefficients.support.count)",
        number(validation.meanError[index]), number(validation.standardError[index]),
        marks.isEmpty ? "" : "<- " + marks.joined(separator: ", "),
      ])
    }
    let shown = step > 1 ? ", every \(step). lambda of \(fits.count)" : ""
    return table.lines + [
      "---", "\(options.crossValidate ?? 0) folds, seed \(options.seed)\(shown)",
      "the fit at the " + (options.choose == .oneStandardError ? "one-standard-error choice:" : "minimum:"),
    ]
  }

  func number(_ value: Double) -> String { String(format: "%.6g", value) }
}
