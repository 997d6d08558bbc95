import RealModule

/// f(η) = e^η − yη − y + y ln y, with 0 ln 0 = 0.
///
/// The supremum of vη − f(η) is where the mean is v + y, so that f*(v) = m ln m − m + y − y ln y for m = v + y ≥ 0 and
/// infinite below. f'' = μ has no bound, so that f* is not strongly convex.
enum PoissonDatafit: Datafit {
  static func loss(_ y: Double, _ eta: Double) -> Double {
    guard y > 0 else { return Double.exp(eta) }
    // y (e^ρ − 1 − ρ) with ρ = η − ln y keeps its digits where μ is close to y.
    let ratio = eta - Double.log(y)
    return y * (Double.expMinusOne(ratio) - ratio)
  }

  static func residual(_ y: Double, _ eta: Double) -> Double { y - Double.exp(eta) }
  static func curvature(_ eta: Double) -> Double { Double.exp(eta) }
  static func derivatives(_ y: Double, _ eta: Double) -> (residual: Double, curvature: Double) {
    let mean = Double.exp(eta)
    return (y - mean, mean)
  }

  static func mean(_ eta: Double) -> Double { Double.exp(eta) }

  /// μ_s ln(μ_s/μ) − μ_s + μ.
  static func divergence(_ y: Double, _ eta: Double, scaling s: Double) -> Double {
    let mean = Double.exp(eta)
    let change = (1 - s) * (y - mean)
    if change == 0 { return 0 }
    return mean > 0 ? mean * relativeDivergence(change / mean) : .infinity
  }

  static var conjugateConvexity: Double? { nil }
  static func refusal(_ y: Double) -> String? { y >= 0 ? nil : "not negative" }
}
