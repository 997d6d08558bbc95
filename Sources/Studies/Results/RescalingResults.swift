/// One input in other units.
public struct RescalingResults: Codable, Sendable, Hashable {
  /// The input whose units change.
  public var name: String
  /// Ridge's λ beside the RSS.
  public var ridgeLambda: Double
  /// The lasso's λ beside the RSS.
  public var lassoLambda: Double
  /// A method, with or without standardising, and a factor an entry.
  public var rows: [Rescaling]

  enum CodingKeys: String, CodingKey {
    case name, rows
    case ridgeLambda = "ridge_lambda"
    case lassoLambda = "lasso_lambda"
  }
}

/// What one change of units does to one method.
public struct Rescaling: Codable, Sendable, Hashable {
  /// The regression.
  public var method: Regression
  /// Whether the inputs are standardised before the fit; least squares does not mind.
  public var isStandardised: Bool
  /// What the input's numbers are multiplied by.
  public var factor: Double
  /// The coefficient times the factor: the effect of one of the old units.
  public var effect: Double
  /// The root mean square of the change of the fitted values, a fraction of the target's standard deviation.
  public var change: Double

  enum CodingKeys: String, CodingKey {
    case method, factor, effect, change
    case isStandardised = "standardised"
  }
}
