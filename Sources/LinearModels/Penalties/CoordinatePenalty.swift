/// The penalty of each coefficient in half scale, `α_j |b_j| + ½ β_j b_j²`: α_j = v_j l1 / 2 and β_j = v_j l2.
struct CoordinatePenalty: Sendable {
  /// The weights of the penalty on the scale of the residual sum of squares.
  let l1: Double
  let l2: Double
  /// The penalty factors v_j.
  let factors: [Double]

  /// α_j, the threshold of |z_j'r| below which the coefficient is 0.
  func threshold(_ column: Int) -> Double { 0.5 * l1 * factors[column] }

  /// β_j, the curvature.
  func curvature(_ column: Int) -> Double { l2 * factors[column] }

  /// Whether the coefficient is not penalised at all.
  func isFree(_ column: Int) -> Bool { factors[column] == 0 || (l1 == 0 && l2 == 0) }

  /// The penalty of one coefficient.
  func value(_ column: Int, _ coefficient: Double) -> Double {
    factors[column] * 0.5 * (l1 * coefficient.magnitude + l2 * coefficient * coefficient)
  }

  /// The distance of z_j'r from the subdifferential α_j ∂|b| + β_j b: 0 where the optimality condition holds.
  func violation(_ column: Int, _ coefficient: Double, correlation: Double) -> Double {
    let threshold = threshold(column)
    if coefficient == 0 { return max(correlation.magnitude - threshold, 0) }
    let slope = (coefficient > 0 ? threshold : -threshold) + curvature(column) * coefficient
    return (correlation - slope).magnitude
  }
}
