import BLAS

/// Ridge regression: `RSS + λ Σ v_j β_j²` on standardised inputs, with a free intercept.
///
/// ```swift
/// let fit = try Ridge(lambda: 23.1).fit(x, y)
/// fit.coefficients["lcavol"]; fit.solver.solver; fit.solver.reciprocalCondition; fit.dualityGap
/// ```
///
/// With λ = 0 it is least squares; where the columns are dependent, the solution of smallest norm. Many lambdas of one
/// problem, leave-one-out and generalised cross-validation: ``RidgeAnalysis``.
public struct Ridge: LinearModel {
  /// Which system is solved, and how.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cholesky of the smaller system, and singular values where that is too badly conditioned or λ = 0.
    case automatic
    /// Cholesky of Z'Z + λV, p x p.
    case choleskyPrimal
    /// Cholesky of Z V⁻¹ Z' + λI, n x n; needs λ > 0.
    case choleskyDual
    /// Eigenvalues of the smaller of Z'Z and ZZ'.
    case eigen
    /// Singular values of Z; eigenvalues for a sparse design.
    case singularValues
  }

  /// The strength of the penalty.
  public var lambda: Lambda
  /// Which system is solved.
  public var method: Method
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, method: Method = .automatic, settings: RegressionSettings = RegressionSettings()) {
    self.lambda = lambda
    self.method = method
    self.settings = settings
  }

  /// The condition below which the squares of a design are not trusted.
  static let smallestCondition = 1e-13

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LinearFit {
    try settings.validate()
    if settings.bounds != nil {
      guard method == .automatic else { throw .unsupported("ridge by \(method.rawValue) within bounds") }
      // A ridge of its own kind: scikit-learn's alpha has other units in an elastic net.
      return try ElasticNet(lambda: lambda, mixing: 0, settings: settings)
        .boundedFit(x, y, weights: weights, offsets: offsets)
    }
    return try fit(
      RegressionProblem(x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared))
  }

  /// Fits the model to a problem that is already standardised.
  func fit(_ problem: RegressionProblem) throws(LinearModelError) -> LinearFit {
    let pool = ThreadPool.shared
    let penalty = CoordinatePenalty(
      l1: 0, l2: try lambda.rssValue(.l2, in: problem.lambdaContext), factors: problem.factors)
    let direct = try cholesky(problem, penalty, pool)
    if let direct, direct.isTrusted { return direct.fit }
    let spectrum = try RidgeSpectrum(problem, singularValues: method != .eigen, pool: pool)
    let fit = spectrum.fit(penalty.l2, tolerance: settings.tolerance, pool: pool)
    // The better proof, where neither road is good.
    if let direct, !fit.isCertified, direct.fit.dualityGap < fit.dualityGap { return direct.fit }
    return fit
  }

  /// The fit by Cholesky, if that is asked for or chosen, and whether its condition and its gap are good enough.
  private func cholesky(
    _ problem: RegressionProblem, _ penalty: CoordinatePenalty, _ pool: ThreadPool
  ) throws(LinearModelError) -> (fit: LinearFit, isTrusted: Bool)? {
    let isDual: Bool
    switch method {
    case .eigen, .singularValues: return nil
    case .choleskyPrimal: isDual = false
    case .choleskyDual:
      guard penalty.l2 > 0 else {
        throw .invalidParameter(name: "lambda of the dual system", expected: "positive", found: penalty.l2)
      }
      isDual = true
    case .automatic:
      if penalty.l2 == 0 { return nil }
      isDual = problem.design.columnCount > problem.design.rowCount
    }
    let (b, refinements, solver, reciprocal): ([Double], Int, LinearSolver, Double)
    if isDual {
      guard let system = try RidgeDualCholesky(problem, lambda: penalty.l2, pool: pool) else { return nil }
      ((b, refinements), solver, reciprocal) = (system.solve(pool: pool), .choleskyDual, system.reciprocalCondition)
    } else {
      let curvatures = problem.factors.map { $0 * penalty.l2 }
      guard let system = try RidgePrimalCholesky(problem, curvatures: curvatures, pool: pool) else { return nil }
      ((b, refinements), solver, reciprocal) = (system.solve(pool: pool), .choleskyPrimal, system.reciprocalCondition)
    }
    let fit = problem.certifiedFit(
      b, penalty, iterations: 1 + refinements, tolerance: settings.tolerance,
      solver: SolverReport(solver: solver, reciprocalCondition: reciprocal), pool: pool)
    let isGood = reciprocal >= Self.smallestCondition && fit.isCertified
    return (fit, isGood || method != .automatic)
  }
}

extension RegressionProblem {
  /// A fit of standardised coefficients, certified from their residual.
  func certifiedFit(
    _ b: [Double], _ penalty: CoordinatePenalty, iterations: Int, tolerance: Double, solver: SolverReport,
    pool: ThreadPool
  ) -> LinearFit {
    let coefficients = Coefficients(names: names, values: b)
    let residual = residual(coefficients.support, coefficients.nonzero)
    let correlations = design.correlations(residual, pool: pool)
    let rss = Double.sumOfSquares(residual.count, residual)
    let norms = design.statistics.squaredNorms
    let bound = DualityBound(
      penalty, support: coefficients.support, values: coefficients.nonzero, correlations: correlations,
      residualSquares: rss, residualTarget: Double.dot(residual.count, residual, target), targetSquares: targetSquares,
      squaredNorms: norms)
    let certificate = Certificate(
      bound, iterations: iterations, tolerance: tolerance, exhausted: false,
      provedZero: bound.provedZero(penalty, correlations: correlations, squaredNorms: norms))
    return LinearFit(
      self, penalty, standardized: coefficients, rss: rss, certificate: certificate, solver: solver)
  }
}
