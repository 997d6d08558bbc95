import RealModule

/// f(η) = ln(1 + e^η) − yη − h(y) with the entropy h(p) = −p ln p − (1 − p) ln(1 − p).
///
/// The supremum of vη − f(η) is where the mean is v + y, so that f*(v) = h(y) − h(v + y) for 0 ≤ v + y ≤ 1 and infinite
/// outside; with v = −θ, v + y is the mean that θ belongs to. f'' = μ (1 − μ) ≤ ¼.
enum LogisticDatafit: Datafit {
  static func loss(_ y: Double, _ eta: Double) -> Double {
    // ln(1 + e^η) − yη = (1 − y) η₊ + y (−η)₊ + ln(1 + e^−|η|), whose terms are all positive.
    let linear = eta > 0 ? (1 - y) * eta : -y * eta
    return linear + Double.log(onePlus: Double.exp(-eta.magnitude)) - entropy(y)
  }

  static func residual(_ y: Double, _ eta: Double) -> Double { derivatives(y, eta).residual }

  static func curvature(_ eta: Double) -> Double { derivatives(0, eta).curvature }

  static func derivatives(_ y: Double, _ eta: Double) -> (residual: Double, curvature: Double) {
    // The smaller of μ and 1 − μ keeps its digits.
    let odds = Double.exp(-eta.magnitude)
    let (large, small) = (1 / (1 + odds), odds / (1 + odds))
    let (one, zero) = eta >= 0 ? (large, small) : (small, large)
    return (y * zero - (1 - y) * one, large * small)
  }

  static func mean(_ eta: Double) -> Double {
    if eta >= 0 { return 1 / (1 + Double.exp(-eta)) }
    let odds = Double.exp(eta)
    return odds / (1 + odds)
  }

  /// μ_s ln(μ_s/μ) + (1 − μ_s) ln((1 − μ_s)/(1 − μ)).
  static func divergence(_ y: Double, _ eta: Double, scaling s: Double) -> Double {
    let (one, zero) = (mean(eta), mean(-eta))
    let change = (1 - s) * residual(y, eta)
    func part(_ probability: Double, _ change: Double) -> Double {
      probability > 0 ? probability * relativeDivergence(change / probability) : (change > 0 ? .infinity : 0)
    }
    return change == 0 ? 0 : part(one, change) + part(zero, -change)
  }

  static var conjugateConvexity: Double? { 4 }

  static func refusal(_ y: Double) -> String? { y >= 0 && y <= 1 ? nil : "between 0 and 1" }

  private static func entropy(_ p: Double) -> Double {
    p > 0 && p < 1 ? -p * Double.log(p) - (1 - p) * Double.log(1 - p) : 0
  }
}
