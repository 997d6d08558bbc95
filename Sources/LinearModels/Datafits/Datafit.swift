import RealModule

/// Half of a unit deviance as a convex function f(η) of the linear predictor, at a target y; its infimum is 0.
protocol Datafit {
  /// f(η).
  static func loss(_ y: Double, _ eta: Double) -> Double

  /// −f'(η) = y − μ, without the cancellation of a difference where μ is close to y.
  static func residual(_ y: Double, _ eta: Double) -> Double

  /// f''(η), which is the variance function at μ.
  static func curvature(_ eta: Double) -> Double

  /// −f'(η) and f''(η), which share their exponential.
  static func derivatives(_ y: Double, _ eta: Double) -> (residual: Double, curvature: Double)

  /// μ.
  static func mean(_ eta: Double) -> Double

  /// f(η) + f*(−θ) + θη at θ = s (y − μ), with the conjugate f*(v) = sup_η (vη − f(η)): what Young's inequality loses.
  ///
  /// For an exponential family it is the divergence of μ from μ_s = y − θ = (1 − s) y + s μ, so that it is 0 for s = 1, not
  /// negative for 0 ≤ s ≤ 1, and finite there because μ_s lies between y and μ.
  static func divergence(_ y: Double, _ eta: Double, scaling s: Double) -> Double

  /// The modulus of strong convexity of f*, 1 / sup f''; nil where there is none.
  static var conjugateConvexity: Double? { get }

  /// What a target must be; nil if this one is.
  static func refusal(_ y: Double) -> String?
}

/// (1 + δ) ln(1 + δ) − δ, the divergence of 1 + δ from 1.
func relativeDivergence(_ delta: Double) -> Double {
  let ratio = 1 + delta
  return ratio > 0 ? max(ratio * Double.log(onePlus: delta) - delta, 0) : -delta
}
