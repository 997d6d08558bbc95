/// The lasso: `RSS + λ Σ v_j |β_j|` on standardised inputs, with a free intercept.
///
/// ```swift
/// let fit = try Lasso(lambda: 10).fit(x, y)
/// fit.coefficients["lcavol"]; fit.dualityGap; fit.isCertified
/// ```
public struct Lasso: LinearModel {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, settings: RegressionSettings = RegressionSettings()) {
    self.lambda = lambda
    self.settings = settings
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LinearFit {
    try ElasticNet(lambda: lambda, mixing: 1, settings: settings).fit(x, y, weights: weights, offsets: offsets)
  }
}
