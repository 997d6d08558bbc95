public import BLAS

/// A least-squares fit with its inference.
public struct LeastSquaresFit: Sendable {
  /// One line of the table: an estimate and how far it is from 0.
  public struct Term: Sendable, Hashable {
    /// The column, or `(Intercept)`.
    public let name: String
    /// The coefficient on the original scale.
    public let estimate: Double
    /// Its standard error, √(σ² (X'WX)⁻¹_jj).
    public let standardError: Double
    /// Estimate divided by standard error.
    public let tValue: Double
    /// P(|T| >= |t|) with the residual degrees of freedom.
    public let pValue: Double
  }

  /// Coefficients, predictions and certificate.
  public let fit: LinearFit
  /// The intercept (if there is one) and the coefficients in the order of the columns.
  public let terms: [Term]
  /// The residual degrees of freedom: observations of positive weight minus coefficients.
  public let degreesOfFreedom: Int
  /// σ, the residual standard error √(RSS / degrees of freedom).
  public let residualStandardError: Double
  /// 1 − RSS / total sum of squares, the latter around 0 without an intercept.
  public let rSquared: Double
  /// R² corrected for the number of coefficients.
  public let adjustedRSquared: Double
  /// The F statistic of all coefficients but the intercept; nil without any.
  public let fStatistic: Double?
  /// P(F >= fStatistic).
  public let fPValue: Double?
  /// (X'WX)⁻¹ of the coefficients and, first, the intercept: times σ² their covariance.
  public let unscaledCovariance: Matrix<Double>

  private let hasIntercept: Bool

  /// - Parameter inverse: (Z'Z)⁻¹ of the standardised columns.
  init(_ problem: RegressionProblem, _ fit: LinearFit, inverse: Matrix<Double>) {
    let (statistics, rows) = (problem.design.statistics, problem.design.rows)
    let p = inverse.rows
    let first = problem.design.choice.centres ? 1 : 0
    hasIntercept = first == 1
    var covariance = Matrix<Double>(rows: p + first, columns: p + first)
    for i in 0..<p {
      for j in 0..<p {
        covariance[i + first, j + first] = inverse[i, j] / (statistics.scales[i] * statistics.scales[j])
      }
    }
    if hasIntercept {
      // intercept = mean y − Σ β_j mean_j, and mean y is independent of β: its variance is σ² / Σw.
      var corner = 1 / rows.total
      for i in 0..<p {
        var product = 0.0
        for j in 0..<p { product += covariance[i + 1, j + 1] * statistics.means[j] }
        (covariance[0, i + 1], covariance[i + 1, 0]) = (-product, -product)
        corner += product * statistics.means[i]
      }
      covariance[0, 0] = corner
    }
    let degrees = rows.positiveCount - p - first
    let variance = fit.rss / Double(degrees)
    let estimates = (hasIntercept ? [fit.intercept] : []) + fit.coefficients.values
    let names = (hasIntercept ? ["(Intercept)"] : []) + problem.names
    terms = estimates.indices.map { index in
      let error = (variance * covariance[index, index]).squareRoot()
      let t = estimates[index] / error
      return Term(
        name: names[index], estimate: estimates[index], standardError: error, tValue: t,
        pValue: StudentT.twoSidedTail(t, degrees: Double(degrees)))
    }
    self.fit = fit
    degreesOfFreedom = degrees
    residualStandardError = variance.squareRoot()
    rSquared = fit.rSquared
    adjustedRSquared = 1 - (1 - fit.rSquared) * Double(rows.positiveCount - first) / Double(degrees)
    unscaledCovariance = covariance
    if p > 0, fit.totalSumOfSquares > 0 {
      let f = (fit.totalSumOfSquares - fit.rss) / Double(p) / variance
      (fStatistic, fPValue) = (f, FisherF.upperTail(f, Double(p), Double(degrees)))
    } else {
      (fStatistic, fPValue) = (nil, nil)
    }
  }

  /// Confidence intervals of ``terms``, estimate ± t · standard error.
  ///
  /// - Parameter level: The probability that an interval covers, between 0 and 1, both excluded.
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)``.
  public func confidenceIntervals(level: Double = 0.95) throws(LinearModelError) -> [ClosedRange<Double>] {
    let t = try quantile(level)
    return terms.map { Self.interval($0.estimate, t * $0.standardError) }
  }

  /// Intervals around predictions: of the mean at each row, or of a new observation of weight 1 there.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the fit.
  ///   - level: The probability that an interval covers.
  ///   - ofObservation: Whether the scatter of an observation, σ², is part of the interval.
  /// - Throws: ``LinearModelError``; ``LinearModelError/entryNotFinite(of:index:)`` for a row whose prediction leaves the
  ///   range of numbers.
  public func predictionIntervals(
    _ x: DesignMatrix, level: Double = 0.95, ofObservation: Bool = true
  ) throws(LinearModelError) -> [ClosedRange<Double>] {
    let t = try quantile(level)
    let predictions = try fit.predict(x)
    // Inputs near the end of the range leave it; an interval has no ends then.
    try requireEntries(predictions, "the predictions", count: x.rows)
    let first = hasIntercept ? 1 : 0
    // Row by row x C x', through one column of C X' at a time, which sparse inputs give without being dense.
    var variances = [Double](repeating: ofObservation ? 1 : 0, count: x.rows)
    let size = unscaledCovariance.rows
    for j in 0..<size {
      let weights = (first..<size).map { unscaledCovariance[j, $0] }
      var product = [Double](repeating: hasIntercept ? unscaledCovariance[j, 0] : 0, count: x.rows)
      x.addProduct(Coefficients(names: x.names, values: weights), to: &product)
      var column = [Double](repeating: hasIntercept && j == 0 ? 1 : 0, count: x.rows)
      if j >= first {
        x.addProduct(Coefficients(names: x.names, support: [j - first], nonzero: [1]), to: &column)
      }
      for row in variances.indices { variances[row] += product[row] * column[row] }
    }
    // A variance of infinite terms that cancel is not known at all.
    return zip(predictions, variances).map {
      Self.interval($0, t * residualStandardError * ($1.isNaN ? .infinity : max($1, 0).squareRoot()))
    }
  }

  private func quantile(_ level: Double) throws(LinearModelError) -> Double {
    guard level > 0, level < 1 else {
      throw .invalidParameter(name: "the level", expected: "between 0 and 1, both excluded", found: level)
    }
    return StudentT.twoSidedQuantile(tail: 1 - level, degrees: Double(degreesOfFreedom))
  }

  private static func interval(_ centre: Double, _ half: Double) -> ClosedRange<Double> {
    half >= 0 ? centre - half...centre + half : centre...centre
  }
}
