/// Bias, variance and test error over many training sets of one world.
public struct SpreadResults: Codable, Sendable, Hashable {
  /// The world's name: `few` or `many` coefficients that matter.
  public var world: String
  /// Its coefficients.
  public var truth: [Double]
  /// The correlation of neighbouring inputs.
  public var correlation: Double
  /// The deviation σ of the noise.
  public var noise: Double
  /// How many observations a training set has.
  public var observations: Int
  /// How many training sets there are.
  public var trainingSets: Int
  /// How many test inputs the errors are means over.
  public var testCount: Int
  /// Least squares.
  public var leastSquares: RiskPoint
  /// Ridge, lambda ascending.
  public var ridge: [RiskPoint]
  /// The lasso, lambda ascending.
  public var lasso: [RiskPoint]
  /// Ridge by formula, lambda ascending; the first is least squares with λ = 0.
  public var theory: [TheoreticalRisk]
  /// How the test errors of least squares, ridge and lasso at their best differ, training set by training set.
  public var differences: [ErrorDifference]
  /// The coefficients of the inputs as they are: least squares, and ridge and lasso at their least test error.
  public var coefficients: [Spread]
  /// The predictions of a few test inputs, of the same three.
  public var predictions: [Spread]

  /// The test error of `first` less that of `second`; nil where it was not taken.
  public func difference(_ first: Regression, _ second: Regression) -> Interval? {
    differences.first { $0.first == first && $0.second == second }?.testError
  }

  /// The point of the least test error; nil without any.
  public static func best(_ points: [RiskPoint]) -> RiskPoint? {
    points.min { $0.testError.mean < $1.testError.mean }
  }

  enum CodingKeys: String, CodingKey {
    case world, truth, correlation, noise, observations, ridge, lasso, theory, differences, coefficients, predictions
    case trainingSets = "training_sets"
    case testCount = "test_count"
    case leastSquares = "least_squares"
  }
}

/// Bias², variance and test error at one lambda, means over the test inputs.
public struct RiskPoint: Codable, Sendable, Hashable {
  /// λ beside the RSS; 0 for least squares.
  public var lambda: Double
  /// The square of the mean prediction's distance from the truth.
  public var biasSquared: Interval
  /// The variance of the predictions.
  public var variance: Interval
  /// σ² + bias² + variance.
  public var testError: Interval
  /// How many coefficients are not 0, the mean over the training sets.
  public var nonzero: Double

  enum CodingKeys: String, CodingKey {
    case lambda, variance, nonzero
    case biasSquared = "bias_squared"
    case testError = "test_error"
  }
}

/// How the test errors of two methods differ, each at its best lambda.
public struct ErrorDifference: Codable, Sendable, Hashable {
  /// The method whose error is taken.
  public var first: Regression
  /// The method whose error is taken off.
  public var second: Regression
  /// The mean difference over the training sets, which both methods share.
  public var testError: Interval

  enum CodingKeys: String, CodingKey {
    case first, second
    case testError = "test_error"
  }
}

/// Ridge's bias² and variance by formula.
public struct TheoreticalRisk: Codable, Sendable, Hashable {
  /// λ beside the RSS.
  public var lambda: Double
  /// The mean of bias² over the test inputs.
  @Measured public var biasSquared: Double
  /// The mean of the variance over the test inputs.
  @Measured public var variance: Double

  /// The numbers of a formula.
  public init(lambda: Double, biasSquared: Double, variance: Double) {
    self.lambda = lambda
    self.biasSquared = biasSquared
    self.variance = variance
  }

  enum CodingKeys: String, CodingKey {
    case lambda, variance
    case biasSquared = "bias_squared"
  }
}

/// Several quantities over many training sets, under one method.
public struct Spread: Codable, Sendable, Hashable {
  /// The regression.
  public var method: Regression
  /// λ beside the RSS; 0 for least squares.
  public var lambda: Double
  /// A coefficient, or a prediction, an entry.
  public var values: [SpreadValue]
}

/// One quantity over many training sets.
public struct SpreadValue: Codable, Sendable, Hashable {
  /// What is estimated.
  public var truth: Double
  /// The mean over the training sets.
  public var mean: Double
  /// The standard deviation over the training sets.
  public var standardDeviation: Double
  /// The 5 % quantile.
  public var low: Double
  /// The 95 % quantile.
  public var high: Double
  /// In which share of the training sets it is exactly 0.
  public var zeroShare: Double

  enum CodingKeys: String, CodingKey {
    case truth, mean, low, high
    case standardDeviation = "standard_deviation"
    case zeroShare = "zero_share"
  }
}
