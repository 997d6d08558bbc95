import BLAS

/// A fitted model of any family with its certificate.
public struct GeneralizedLinearFit: Sendable {
  /// What predictions are: means, or linear predictors.
  public enum PredictionScale: String, Sendable, Hashable, Codable, CaseIterable {
    /// μ: probabilities, expected counts.
    case response
    /// η = intercept + Xβ + offset.
    case link
  }

  /// The family.
  public let family: Family
  /// The coefficients on the scale of the inputs as they were given.
  public let coefficients: Coefficients
  /// The coefficients of the standardised columns, which are the ones the penalty sees.
  public internal(set) var standardizedCoefficients: Coefficients
  /// The intercept on the original scale; 0 without one.
  public let intercept: Double
  /// The weight of `Σ v_j |b_j|`, or of the group norms, beside the deviance.
  public let l1: Double
  /// The weight of `Σ v_j b_j²` beside the deviance.
  public let l2: Double
  /// Σ w_i d(y_i, μ_i); see ``Family``.
  public let deviance: Double
  /// The deviance of the intercept and the offsets alone.
  public let nullDeviance: Double
  /// The proof of how good the coefficients are, relative to half of the null deviance.
  public let certificate: Certificate
  /// Which algorithm made them.
  public let solver: SolverReport
  /// The means and scales of the columns.
  public internal(set) var statistics: ColumnStatistics

  /// (P − D) / (½ null deviance): see ``Certificate/dualityGap``.
  public var dualityGap: Double { certificate.dualityGap }
  /// Whether the gap is at most the tolerance, at a finite solution.
  public var isCertified: Bool { certificate.isCertified }
  /// 1 − deviance / null deviance; 0 where nothing was there to explain.
  public var explainedDeviance: Double { nullDeviance > 0 ? 1 - deviance / nullDeviance : 0 }

  /// The predictions for some inputs.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the fit, in their order.
  ///   - scale: Means (the default) or linear predictors.
  ///   - offsets: One for each row; none by default.
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)``.
  public func predict(
    _ x: DesignMatrix, scale: PredictionScale = .response, offsets: [Double]? = nil
  ) throws(LinearModelError) -> [Double] {
    try family.predict(x, coefficients, intercept, scale, offsets)
  }
}

extension Family {
  /// Means or linear predictors for some inputs.
  func predict(
    _ x: DesignMatrix, _ coefficients: Coefficients, _ intercept: Double, _ scale: GeneralizedLinearFit.PredictionScale,
    _ offsets: [Double]?
  ) throws(LinearModelError) -> [Double] {
    guard x.columns == coefficients.count else {
      throw .wrongLength(of: "a row of the inputs", expected: coefficients.count, found: x.columns)
    }
    if let offsets { try requireEntries(offsets, "the offsets", count: x.rows) }
    var predictions = [Double](repeating: intercept, count: x.rows)
    x.addProduct(coefficients, to: &predictions)
    if let offsets { for row in predictions.indices { predictions[row] += offsets[row] } }
    return scale == .link ? predictions : predictions.map(mean)
  }
}

extension GeneralizedLinearFit {
  /// Reports the standardised coefficients on another scale, which is right where no penalty depends on it.
  mutating func restandardise(scales: [Double]) {
    statistics = statistics.rescaled(to: scales)
    standardizedCoefficients = statistics.standardisedScale(coefficients)
  }

  /// Puts a fit together from a certified solution.
  ///
  /// - Parameter bounds: The bounds on the original scale, which rounding must not pass on the way back to it.
  init(
    _ problem: GeneralizedProblem, _ solution: ProximalNewton.Solution, l1: Double, l2: Double,
    solver: LinearSolver = .proximalNewton, bounds: (lower: [Double], upper: [Double])? = nil
  ) {
    family = problem.family
    standardizedCoefficients = Coefficients(names: problem.names, values: solution.coefficients)
    coefficients = problem.originalScale(standardizedCoefficients, bounds)
    intercept = problem.design.statistics.intercept(
      coefficients, targetMean: solution.intercept + problem.targetShift)
    (self.l1, self.l2) = (l1, l2)
    deviance = 2 * solution.halfDeviance
    nullDeviance = problem.nullDeviance
    certificate = solution.certificate
    self.solver = SolverReport(solver: solver, reciprocalCondition: nil)
    statistics = problem.design.statistics
  }
}

extension LinearFit {
  /// A fit of the Gaussian family, whose deviance is the residual sum of squares.
  init(_ fit: GeneralizedLinearFit) {
    (coefficients, standardizedCoefficients, intercept) = (
      fit.coefficients, fit.standardizedCoefficients, fit.intercept
    )
    (l1, l2, rss, totalSumOfSquares) = (fit.l1, fit.l2, fit.deviance, fit.nullDeviance)
    (certificate, solver, statistics) = (fit.certificate, fit.solver, fit.statistics)
  }
}

extension GeneralizedProblem {
  /// Coefficients on the original scale, held within their bounds.
  fileprivate func originalScale(
    _ standardized: Coefficients, _ bounds: (lower: [Double], upper: [Double])?
  ) -> Coefficients {
    let original = design.statistics.originalScale(standardized)
    guard let bounds else { return original }
    // A coefficient at its bound is the bound itself, not what scaling there and back has made of it.
    let values = zip(original.support, original.nonzero).map { column, value in
      let (scale, low, high) = (design.statistics.scales[column], bounds.lower[column], bounds.upper[column])
      if standardized[column] == low * scale { return low }
      return standardized[column] == high * scale ? high : min(max(value, low), high)
    }
    return Coefficients(names: original.names, support: original.support, nonzero: values)
  }
}
