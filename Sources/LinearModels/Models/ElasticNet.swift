import BLAS

/// Elastic net: `RSS + Σ v_j (l1 |β_j| + l2 β_j²)` on standardised inputs, with a free intercept.
///
/// With the mixing m, `l1 = λ m` and `l2 = λ (1 − m)`, each converted from the scale of λ by itself, so that a number of
/// scikit-learn's or glmnet's elastic net means here what it means there (their `l1_ratio` and `alpha` are m).
public struct ElasticNet: LinearModel {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// The share m of the L1 norm, from 0 (ridge) to 1 (lasso).
  public var mixing: Double
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, mixing: Double, settings: RegressionSettings = RegressionSettings()) {
    self.lambda = lambda
    self.mixing = mixing
    self.settings = settings
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  ///
  /// Without an L1 part it is ``Ridge``, and without any penalty least squares.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LinearFit {
    try settings.validate()
    if settings.bounds != nil { return try boundedFit(x, y, weights: weights, offsets: offsets) }
    let pool = ThreadPool.shared
    let problem = try RegressionProblem(x, y, weights: weights, offsets: offsets, settings: settings, pool: pool)
    let (l1, l2) = try parts(lambda, problem.lambdaContext)
    if l1 == 0 {
      return try Ridge(lambda: .rss(l2), settings: settings).fit(problem)
    }
    var solver = CoordinateDescent(problem, settings: settings, pool: pool)
    return solver.fit(l1: l1, l2: l2)
  }

  /// l1 and l2 on the scale of the residual sum of squares.
  func parts(
    _ lambda: Lambda, _ context: LambdaContext
  ) throws(LinearModelError) -> (l1: Double, l2: Double) {
    guard mixing >= 0, mixing <= 1 else {
      throw .invalidParameter(name: "the mixing", expected: "between 0 and 1", found: mixing)
    }
    func part(_ share: Double, _ term: PenaltyTerm) throws(LinearModelError) -> Double {
      // A scale that knows no L2 is fine for a lasso, which has none.
      if share == 0 { return 0 }
      let value = try lambda.rssValue(term, in: context)
      return value * share
    }
    // Also checks the number where both shares would pass over it.
    return (try part(mixing, .l1), try part(1 - mixing, mixing == 0 ? .l2 : .elasticNetL2))
  }
}
