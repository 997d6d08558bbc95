/// The three regressions that the study compares.
public enum Regression: String, Codable, Sendable, Hashable, CaseIterable {
  /// No penalty.
  case leastSquares = "least_squares"
  /// RSS + λ Σβ².
  case ridge
  /// RSS + λ Σ|β|.
  case lasso
}

/// Coefficients along lambda, of the standardised inputs.
public struct PathResults: Codable, Sendable, Hashable {
  /// The inputs' names.
  public var names: [String]
  /// The coefficients that the data were made with; the inputs' own deviations are about 1.
  public var truth: [Double]
  /// How many observations there are.
  public var observations: Int
  /// The least-squares coefficients.
  public var leastSquares: [Double]
  /// Ridge, lambda ascending.
  public var ridge: [PathPoint]
  /// The lasso, lambda descending, the knots among the lambdas.
  public var lasso: [PathPoint]
  /// Where the lasso's coefficients enter and leave, lambda descending.
  public var knots: [Knot]
  /// The largest difference between a coefficient of coordinate descent and the homotopy's.
  @Measured public var largestDifference: Double

  enum CodingKeys: String, CodingKey {
    case names, truth, observations, ridge, lasso, knots
    case leastSquares = "least_squares"
    case largestDifference = "largest_difference"
  }
}

/// One lambda of a path.
public struct PathPoint: Codable, Sendable, Hashable {
  /// λ beside the RSS.
  public var lambda: Double
  /// The standardised coefficients.
  public var coefficients: [Double]
  /// The degrees of freedom, the intercept's not counted.
  public var degreesOfFreedom: Double
  /// The residual sum of squares.
  public var rss: Double

  /// Σ|β|.
  public var l1Norm: Double { coefficients.reduce(0) { $0 + abs($1) } }
  /// √Σβ².
  public var l2Norm: Double { coefficients.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  /// How many coefficients are not 0.
  public var nonzero: Int { coefficients.count { $0 != 0 } }

  enum CodingKeys: String, CodingKey {
    case lambda, coefficients, rss
    case degreesOfFreedom = "degrees_of_freedom"
  }
}

/// A lambda at which a coefficient of the lasso enters or leaves.
public struct Knot: Codable, Sendable, Hashable {
  /// λ beside the RSS.
  public var lambda: Double
  /// The input's name.
  public var name: String
  /// Whether the coefficient enters; else it leaves.
  public var enters: Bool
}
