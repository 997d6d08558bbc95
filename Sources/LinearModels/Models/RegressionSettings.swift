/// What the models share besides their penalty.
public struct RegressionSettings: Sendable, Hashable {
  /// What the columns are divided by; the 1/n standard deviation by default.
  public var standardisation: Standardisation
  /// Whether there is a free intercept; true by default.
  public var intercept: Bool
  /// A factor of the penalty for each column, not negative, 0 meaning free; all 1 by default. They are used as they
  /// are, while glmnet rescales them to sum to p.
  public var penaltyFactors: [Double]?
  /// Bounds of the coefficients; none by default. ``Ridge``, ``Lasso``, ``ElasticNet`` and ``GeneralizedLinearModel`` fit
  /// within them; whatever else takes settings refuses them.
  public var bounds: CoefficientBounds?
  /// The relative duality gap at which a fit has converged; 1e-8 by default.
  public var tolerance: Double
  /// The most iterations of a solver that iterates; one sweep over its coordinates counts as one.
  public var maximumIterations: Int

  /// Makes settings; every argument has a default.
  public init(
    standardisation: Standardisation = .population, intercept: Bool = true, penaltyFactors: [Double]? = nil,
    bounds: CoefficientBounds? = nil, tolerance: Double = 1e-8, maximumIterations: Int = 100_000
  ) {
    self.bounds = bounds
    self.standardisation = standardisation
    self.intercept = intercept
    self.penaltyFactors = penaltyFactors
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Checks the numbers.
  func validate() throws(LinearModelError) {
    guard tolerance > 0, tolerance.isFinite else {
      throw .invalidParameter(name: "the tolerance", expected: "positive and finite", found: tolerance)
    }
    guard maximumIterations > 0 else {
      throw .invalidParameter(name: "maximumIterations", expected: "positive", found: Double(maximumIterations))
    }
  }
}
