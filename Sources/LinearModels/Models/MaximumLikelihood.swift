import BLAS
import RealModule

/// Logistic or Poisson regression without a penalty, with its inference: standard errors, z and p values, deviances, AIC.
///
/// ```swift
/// let fit = try MaximumLikelihood(.binomial).fit(x, isIll)
/// print(fit)                                  // the table a statistician knows
/// fit.terms[1].standardError; try fit.confidenceIntervals(level: 0.95)
/// ```
///
/// The link is canonical and the dispersion 1, as in R's `glm` with `binomial` and `poisson`.
public struct MaximumLikelihood: LinearModel {
  /// The family; the Gaussian one is refused, which ``LeastSquares`` answers.
  public var family: Family
  /// Whether there is an intercept; true by default.
  public var intercept: Bool
  /// The relative duality gap of the certificate; 1e-8 by default.
  public var tolerance: Double
  /// The scale of the standardised coefficients that are reported; nothing else depends on it.
  public var standardisation: Standardisation
  /// Whether the fit has an analysis of deviance, which takes a fit more for each column; true by default.
  public var analysesDeviance: Bool

  /// Makes a model.
  public init(
    _ family: Family, intercept: Bool = true, tolerance: Double = 1e-8, standardisation: Standardisation = .population,
    analysesDeviance: Bool = true
  ) {
    (self.family, self.intercept) = (family, intercept)
    (self.tolerance, self.standardisation) = (tolerance, standardisation)
    self.analysesDeviance = analysesDeviance
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  ///
  /// Without a finite solution, as with separated classes, the standard errors are infinite and the certificate says so.
  ///
  /// - Throws: ``LinearModelError/dependentColumns(_:)`` naming every column that the ones before it (or the intercept)
  ///   determine, or ``LinearModelError/tooFewObservations(expectedMoreThan:found:)`` for fewer observations than
  ///   coefficients.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> MaximumLikelihoodFit {
    guard family != .gaussian else {
      throw .unsupported("maximum likelihood of the Gaussian family; LeastSquares is it")
    }
    // A norm of 1 makes every column's dependence comparable; the answer does not depend on it.
    let settings = RegressionSettings(standardisation: .unitNorm, intercept: intercept, tolerance: tolerance)
    try settings.validate()
    let problem = try GeneralizedProblem(
      family, x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared)
    let (rows, count) = (problem.design.rows, x.columns + (intercept ? 1 : 0))
    guard rows.positiveCount >= count else {
      throw .tooFewObservations(expectedMoreThan: count - 1, found: rows.positiveCount)
    }
    let model = GeneralizedLinearModel(family, settings: settings)
    var solver = ProximalNewton(problem, settings: settings, pool: .shared)
    var fit = try model.fit(&solver)
    let covariance = try self.covariance(problem, fit)
    let inference = MaximumLikelihoodFit.Inference(
      covariance: covariance, saturated: family.saturatedLogLikelihood(y, rows), observations: rows.positiveCount,
      deviances: !analysesDeviance ? [] : try nestedDeviances(problem, fit, x, y, weights, offsets))
    if standardisation != .unitNorm {
      let choice = StandardisationChoice(standardisation: standardisation, centres: intercept)
      let reported = try StandardisedDesign(x, rows, choice, leavesConstants: true, pool: .shared)
      fit.restandardise(scales: reported.statistics.scales)
    }
    return MaximumLikelihoodFit(fit, inference, hasIntercept: intercept)
  }

  /// The inverse of the Fisher information X'WX with W = w f''(η), the intercept first.
  private func covariance(
    _ problem: GeneralizedProblem, _ fit: GeneralizedLinearFit
  ) throws(LinearModelError) -> Matrix<Double> {
    let (design, columns, statistics) = (problem.design, Array(0..<problem.names.count), problem.design.statistics)
    let (p, first) = (columns.count, intercept ? 1 : 0)
    let margins = problem.margins(fit.standardizedCoefficients.support, fit.standardizedCoefficients.nonzero)
    let point = problem.point(margins, problem.optimalIntercept(margins, from: problem.nullIntercept))
    // Scaled to a diagonal of 1: how dependent columns are does not depend on how far the means are from 0 and 1.
    var information = design.curvatureGram(columns, point.curvature, pool: .shared)
    let sizes = columns.map { information[$0, $0].squareRoot() }
    for i in columns {
      for j in columns {
        let scale = sizes[i] * sizes[j]
        information[i, j] = scale > 0 ? information[i, j] / scale : (i == j ? 0 : information[i, j])
      }
    }
    let dependent = information.dependentColumns
    guard dependent.isEmpty, let (factor, _) = try factored(p > 0 ? information : .identity(1)) else {
      guard fit.certificate.state == .noFiniteSolution else {
        // Where the two do not agree, the last column is the one that is nearest.
        throw .dependentColumns((dependent.isEmpty ? [p - 1] : dependent).map { problem.names[$0] })
      }
      return Matrix(
        rows: p + first, columns: p + first,
        elements: [Double](repeating: .infinity, count: (p + first) * (p + first)))
    }
    let inverse = p > 0 ? factor.solve(.identity(p)) : information
    var covariance = Matrix<Double>(rows: p + first, columns: p + first)
    for i in columns {
      for j in columns {
        covariance[i + first, j + first] =
          inverse[i, j] / (sizes[i] * sizes[j]) / (statistics.scales[i] * statistics.scales[j])
      }
    }
    guard intercept else { return covariance }
    // About the means with the weights w f'' the intercept is independent of the coefficients, with the variance 1 / Σ w f''.
    let weights = point.curvature.indices.map { (design.rows.roots?[$0] ?? 1) * point.curvature[$0] }
    let total = point.curvature.indices.reduce(0) { $0 + design.rows.weight($1) * point.curvature[$1] }
    let shifts = design.correlations(weights, pool: .shared)
    let means = columns.map { statistics.means[$0] + statistics.scales[$0] * shifts[$0] / total }
    var corner = 1 / total
    for i in columns {
      let product = columns.reduce(0) { $0 + covariance[i + 1, $1 + 1] * means[$1] }
      (covariance[0, i + 1], covariance[i + 1, 0]) = (-product, -product)
      corner += product * means[i]
    }
    covariance[0, 0] = corner
    return covariance
  }

  /// The deviance of the intercept and the offsets, and with one column after the other.
  private func nestedDeviances(
    _ problem: GeneralizedProblem, _ fit: GeneralizedLinearFit, _ x: DesignMatrix, _ y: [Double], _ weights: [Double]?,
    _ offsets: [Double]?
  ) throws(LinearModelError) -> [Double] {
    let settings = RegressionSettings(standardisation: .unitNorm, intercept: intercept, tolerance: tolerance)
    var deviances = [fit.nullDeviance]
    for count in 1..<max(x.columns, 1) {
      let nested = try GeneralizedLinearModel(family, settings: settings).fit(
        x.selectingColumns(Array(0..<count)), y, weights: weights, offsets: offsets)
      deviances.append(nested.deviance)
    }
    return x.columns > 0 ? deviances + [fit.deviance] : deviances
  }
}

extension Matrix<Double> {
  /// The columns of a symmetric matrix with a diagonal of 1 (or 0) that those before them determine, by Cholesky without them.
  fileprivate var dependentColumns: [Int] {
    var (kept, dependent, factor): ([Int], [Int], [[Double]]) = ([], [], [])
    for column in 0..<rows {
      var row: [Double] = []
      for (index, other) in kept.enumerated() {
        var value = self[column, other]
        for k in 0..<index { value -= row[k] * factor[index][k] }
        row.append(value / factor[index][index])
      }
      let left = self[column, column] - row.reduce(0) { $0 + $1 * $1 }
      // Squares lose half of the digits.
      if left > 1e-12 {
        kept.append(column)
        factor.append(row + [left.squareRoot()])
      } else {
        dependent.append(column)
      }
    }
    return dependent
  }
}

extension Family {
  /// The log-likelihood of means equal to the targets, which the deviance is measured from: for the binomial family that of
  /// w y successes in w trials.
  fileprivate func saturatedLogLikelihood(_ y: [Double], _ rows: RowWeights) -> Double {
    func xlogx(_ x: Double) -> Double { x > 0 ? x * Double.log(x) : 0 }
    return y.indices.reduce(0) { sum, row in
      let (w, y) = (rows.weight(row), y[row])
      guard w > 0 else { return sum }
      switch self {
      case .gaussian: return sum
      case .binomial:
        let choices =
          Double.logGamma(w + 1) - Double.logGamma(w * y + 1) - Double.logGamma(w * (1 - y) + 1)
        return sum + choices + w * (xlogx(y) + xlogx(1 - y))
      case .poisson: return sum + w * (xlogx(y) - y - Double.logGamma(y + 1))
      }
    }
  }
}
