/// Shrinkage on an orthonormal design, Z'Z = I.
public struct ShrinkageResults: Codable, Sendable, Hashable {
  /// The least-squares coefficients.
  public var leastSquares: [Double]
  /// The lambdas, ascending.
  public var lambdas: [Double]
  /// The lambda at which all coefficients are drawn.
  public var profile: Double
  /// The solver's ridge coefficients, a list for each lambda.
  public var ridge: [[Double]]
  /// The solver's lasso coefficients, a list for each lambda.
  public var lasso: [[Double]]
  /// The largest difference between a ridge coefficient and b/(1 + λ).
  @Measured public var largestRidgeDeviation: Double
  /// The largest difference between a lasso coefficient and sign(b)·max(|b| - λ/2, 0).
  @Measured public var largestLassoDeviation: Double

  /// b/(1 + λ): ridge's coefficient by theory.
  public static func ridge(_ leastSquares: Double, _ lambda: Double) -> Double { leastSquares / (1 + lambda) }

  /// sign(b)·max(|b| - λ/2, 0): the lasso's coefficient by theory, the soft threshold.
  public static func lasso(_ leastSquares: Double, _ lambda: Double) -> Double {
    let size = max(abs(leastSquares) - lambda / 2, 0)
    return leastSquares < 0 ? -size : size
  }

  enum CodingKeys: String, CodingKey {
    case lambdas, profile, ridge, lasso
    case leastSquares = "least_squares"
    case largestRidgeDeviation = "largest_ridge_deviation"
    case largestLassoDeviation = "largest_lasso_deviation"
  }
}
