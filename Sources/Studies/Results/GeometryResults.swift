/// Two coefficients, and where the contours of the RSS touch diamond and disc.
public struct GeometryResults: Codable, Sendable, Hashable {
  /// The least-squares coefficients b of the standardised inputs.
  public var leastSquares: [Double]
  /// Z'Z: its first diagonal element, the one beside it, its second diagonal element.
  public var gram: [Double]
  /// The RSS of least squares; RSS(β) = smallest + (β - b)'Z'Z(β - b).
  public var smallestRSS: Double
  /// The lasso's solution; its budget is Σ|β|.
  public var lasso: Contact
  /// Ridge's solution; its budget is Σβ².
  public var ridge: Contact

  /// The RSS of two coefficients.
  public func rss(_ first: Double, _ second: Double) -> Double {
    let (a, b) = (first - leastSquares[0], second - leastSquares[1])
    return smallestRSS + gram[0] * a * a + 2 * gram[1] * a * b + gram[2] * b * b
  }

  enum CodingKeys: String, CodingKey {
    case gram, lasso, ridge
    case leastSquares = "least_squares"
    case smallestRSS = "smallest_rss"
  }
}

/// Where a penalty's region is touched.
public struct Contact: Codable, Sendable, Hashable {
  /// λ beside the RSS.
  public var lambda: Double
  /// The solver's coefficients.
  public var point: [Double]
  /// The size t of the region Σ|β| ≤ t or Σβ² ≤ t that the solution lies on.
  public var budget: Double
  /// The residual sum of squares there.
  public var rss: Double
  /// The gradient of the RSS there: -2λβ for ridge, -λ sign(β) for the lasso where β is not 0.
  public var gradient: [Double]
}
