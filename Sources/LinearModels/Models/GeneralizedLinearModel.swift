import BLAS

/// A penalised regression of any family: `deviance + λ · penalty` on standardised inputs, with a free intercept.
///
/// ```swift
/// let fit = try GeneralizedLinearModel(.poisson, penalty: .lasso(lambda: 4)).fit(x, counts, offsets: logExposure)
/// fit.coefficients["age"]; fit.deviance; fit.dualityGap; fit.certificate.state
/// try fit.predict(new); try fit.predict(new, scale: .link)
/// ```
///
/// The deviance, −2 (log-likelihood − that of a perfect fit), is where RSS stands for the Gaussian family, so that λ has the
/// same weight against it; the numbers of other programs are those of ``LambdaScale``. Offsets are added to the linear
/// predictor. Weights multiply the unit deviances; for the binomial family a row of k successes in m trials is the target
/// k/m with the weight m.
///
/// Without a finite optimum (classes that a column without penalty separates, counts that are all 0) the fit's
/// ``Certificate/state-swift.property`` is ``Certificate/State-swift.enum/noFiniteSolution``, and it is not certified.
public struct GeneralizedLinearModel: LinearModel {
  /// The family, with its canonical link.
  public var family: Family
  /// What is added to the deviance.
  public var penalty: RegressionPenalty
  /// Standardisation, intercept, penalty factors, bounds, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(
    _ family: Family, penalty: RegressionPenalty = .none, settings: RegressionSettings = RegressionSettings()
  ) {
    (self.family, self.penalty, self.settings) = (family, penalty, settings)
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  ///
  /// - Throws: ``LinearModelError``, for a target outside the family's range too.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    try settings.validate()
    let problem = try GeneralizedProblem(
      family, x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared)
    var solver = ProximalNewton(problem, settings: settings, pool: .shared)
    return try fit(&solver)
  }

  /// Fits from where a solver has come to.
  func fit(_ solver: inout ProximalNewton) throws(LinearModelError) -> GeneralizedLinearFit {
    let (l1, l2) = try penalty.parts(solver.problem.lambdaContext)
    return try fit(&solver, l1: l1, l2: l2)
  }

  /// Fits with a strength on the scale ``LambdaScale/rss``.
  func fit(_ solver: inout ProximalNewton, l1: Double, l2: Double) throws(LinearModelError) -> GeneralizedLinearFit {
    if let groups = try penalty.groups(settings) {
      let penalty = try GroupPenalty(groups, columns: solver.problem.names.count, l1: l1)
      return GeneralizedLinearFit(solver.problem, solver.fit(penalty), l1: l1, l2: 0)
    }
    let box = try BoxPenalty(solver.problem, l1: l1, l2: l2, bounds: settings.bounds)
    return GeneralizedLinearFit(
      solver.problem, solver.fit(box), l1: l1, l2: l2, bounds: try settings.bounds?.values(solver.problem.names))
  }
}

/// Logistic regression of targets from 0 to 1, with any penalty; see ``GeneralizedLinearModel``.
///
/// ```swift
/// let fit = try LogisticRegression(.ridge(1)).fit(x, isSpam)
/// try fit.predict(new)                        // probabilities
/// ```
public struct LogisticRegression: LinearModel {
  /// What is added to the deviance.
  public var penalty: RegressionPenalty
  /// Standardisation, intercept, penalty factors, bounds, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(_ penalty: RegressionPenalty = .none, settings: RegressionSettings = RegressionSettings()) {
    (self.penalty, self.settings) = (penalty, settings)
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    try general.fit(x, y, weights: weights, offsets: offsets)
  }
}

/// Poisson regression of counts (or rates, with their exposures as weights), with any penalty; see
/// ``GeneralizedLinearModel``.
public struct PoissonRegression: LinearModel {
  /// What is added to the deviance.
  public var penalty: RegressionPenalty
  /// Standardisation, intercept, penalty factors, bounds, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(_ penalty: RegressionPenalty = .none, settings: RegressionSettings = RegressionSettings()) {
    (self.penalty, self.settings) = (penalty, settings)
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    try general.fit(x, y, weights: weights, offsets: offsets)
  }
}
