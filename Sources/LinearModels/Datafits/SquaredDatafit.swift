/// f(η) = ½ (y − η)², with f*(v) = ½ v² + v y.
enum SquaredDatafit: Datafit {
  static func loss(_ y: Double, _ eta: Double) -> Double { 0.5 * (y - eta) * (y - eta) }
  static func residual(_ y: Double, _ eta: Double) -> Double { y - eta }
  static func curvature(_ eta: Double) -> Double { 1 }
  static func derivatives(_ y: Double, _ eta: Double) -> (residual: Double, curvature: Double) { (y - eta, 1) }
  static func mean(_ eta: Double) -> Double { eta }

  /// ½ (μ_s − μ)².
  static func divergence(_ y: Double, _ eta: Double, scaling s: Double) -> Double {
    let difference = (1 - s) * (y - eta)
    return 0.5 * difference * difference
  }

  static var conjugateConvexity: Double? { 1 }
  static func refusal(_ y: Double) -> String? { nil }
}
