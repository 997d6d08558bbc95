/// The primal and the dual objective at given coefficients.
///
/// **The primal** in half scale, with z_j the standardised columns and t the target, both times √w and centred:
///
///     P(b) = ½‖t − Z b‖² + Σ_j g_j(b_j),   g_j(b) = α_j |b| + ½ β_j b²
///
/// **The dual.** For every θ, by ½‖v‖² ≥ θ'v − ½‖θ‖² at v = t − Z b and g_j(b) ≥ u b − g_j*(u) at u = z_j'θ,
///
///     P(b) ≥ D(θ) = θ't − ½‖θ‖² − Σ_j g_j*(z_j'θ) = ½‖t‖² − ½‖t − θ‖² − Σ_j g_j*(z_j'θ)
///
/// with the conjugate g_j*(u) = sup_b (u b − g_j(b)), which depends on the kind of coefficient:
///
/// - lasso (β_j = 0): 0 if |u| ≤ α_j, infinite otherwise. θ must satisfy |z_j'θ| ≤ α_j.
/// - elastic net and ridge (β_j > 0): (|u| − α_j)₊² / (2β_j), the supremum being at b = sign(u) (|u| − α_j)₊ / β_j.
///   Every θ is feasible.
/// - free (α_j = β_j = 0): 0 if u = 0, infinite otherwise. θ must be orthogonal to z_j.
///
/// The intercept is such a free coefficient, of the column √w: that is why residuals are centred by weighted means. A
/// weighted residual sum Σ w_i (y_i − x_i b)² is ‖√w ∘ y − √w ∘ X b‖², so that θ belongs to the rows times √w.
///
/// **The dual point** is a multiple s of the residual r. The solvers first minimise over the free coefficients, which
/// makes r orthogonal to their columns: that is the projection of r on the feasible subspace. For the lasso,
/// s = min(1, min_j α_j / |z_j'r|). With curvature s maximises the concave, piecewise quadratic
///
///     D(s r) = s r't − ½ s² ‖r‖² − Σ_{β_j > 0} (s |z_j'r| − α_j)₊² / (2β_j),
///
/// within the bound of the coefficients without. At the optimum z_j'r = α_j sign(b_j) + β_j b_j, s = 1 and D = P.
///
/// **Proved zeros.** D is 1-strongly concave, so that the best θ lies within √(2 (P − D)) of any feasible one, and
/// |z_j'θ| + ‖z_j‖ √(2 (P − D)) < α_j proves b_j = 0 in every solution (Ndiaye, Fercoq, Gramfort and Salmon, "Gap safe
/// screening rules for sparsity enforcing penalties", JMLR 18, 2017), in all three cases.
struct DualityBound: Sendable {
  var primal: Double
  var dual: Double
  var reference: Double
  var kktViolation: Double
  /// The factor s of the residual that makes the dual point.
  var scaling: Double

  /// (P − D) / ½‖t‖².
  var relativeGap: Double {
    guard reference > 0 else { return primal - dual > 0 ? .infinity : 0 }
    let gap = (primal - dual) / reference
    return gap.isNaN ? .infinity : max(gap, 0)
  }

  /// How far z_j'r of a free coefficient may be from 0, relative to ‖z_j‖‖t‖, to count as rounding.
  static let orthogonality = 1e-12

  /// The bound at some coefficients.
  ///
  /// - Parameters:
  ///   - penalty: α_j and β_j.
  ///   - support: The columns whose coefficient is not 0, with `values`.
  ///   - correlations: Z'r, all columns.
  ///   - residualSquares: ‖r‖².
  ///   - residualTarget: r't.
  ///   - targetSquares: ‖t‖².
  ///   - squaredNorms: ‖z_j‖².
  ///   - orthogonality: How far z_j'r of a free coefficient may be from 0, relative to ‖z_j‖‖t‖.
  init(
    _ penalty: CoordinatePenalty, support: [Int], values: [Double], correlations: [Double], residualSquares: Double,
    residualTarget: Double, targetSquares: Double, squaredNorms: [Double],
    orthogonality: Double = DualityBound.orthogonality
  ) {
    reference = 0.5 * targetSquares
    primal = 0.5 * residualSquares
    var violation = 0.0
    for (column, value) in zip(support, values) {
      primal += penalty.value(column, value)
      violation = max(violation, penalty.violation(column, value, correlation: correlations[column]))
    }
    var limit = 1.0
    var (flat, curved) = (false, false)
    var isFeasible = true
    for (column, correlation) in correlations.enumerated() {
      let size = correlation.magnitude
      if penalty.isFree(column) {
        let bound = orthogonality * (squaredNorms[column] * targetSquares).squareRoot()
        if !(size <= bound) { isFeasible = false }
        violation = max(violation, size)
      } else if penalty.curvature(column) == 0 {
        let threshold = penalty.threshold(column)
        flat = true
        if size > threshold { limit = min(limit, threshold / size) }
      } else {
        curved = true
      }
    }
    // Columns outside the support: those inside are met above, where this is no larger.
    var next = 0
    for (column, correlation) in correlations.enumerated() {
      if next < support.count, support[next] == column {
        next += 1
      } else {
        violation = max(violation, penalty.violation(column, 0, correlation: correlation))
      }
    }
    kktViolation = 2 * violation
    scaling = limit
    dual = -.infinity
    guard isFeasible else { return }
    func value(_ s: Double) -> (dual: Double, slope: Double, curvature: Double) {
      var dual = s * residualTarget - 0.5 * s * s * residualSquares
      var slope = residualTarget - s * residualSquares
      var second = residualSquares
      guard curved else { return (dual, slope, second) }
      for (column, correlation) in correlations.enumerated() {
        let curvature = penalty.curvature(column)
        let excess = s * correlation.magnitude - penalty.threshold(column)
        guard curvature > 0, excess > 0 else { continue }
        dual -= 0.5 * excess * excess / curvature
        slope -= excess * correlation.magnitude / curvature
        second += correlation * correlation / curvature
      }
      return (dual, slope, second)
    }
    var current = value(scaling)
    dual = current.dual
    guard curved else { return }
    let ceiling = flat ? limit : .infinity
    var s = scaling
    for _ in 0..<30 where current.curvature > 0 {
      let following = min(max(s + current.slope / current.curvature, 0), ceiling)
      if following == s { break }
      s = following
      current = value(s)
      if current.dual > dual { (dual, scaling) = (current.dual, s) }
    }
  }

  /// The columns that the gap proves to be zero in every solution.
  func provedZero(_ penalty: CoordinatePenalty, correlations: [Double], squaredNorms: [Double]) -> ColumnSet {
    var set = ColumnSet(columnCount: correlations.count)
    // A gap that rounding has made 0 or less still has its rounding error.
    let gap = max(primal - dual, 4e-16 * reference)
    let radius = (2 * gap).squareRoot()
    for (column, correlation) in correlations.enumerated() {
      let threshold = penalty.threshold(column)
      let reach = scaling * correlation.magnitude + squaredNorms[column].squareRoot() * radius
      if threshold > 0, reach < threshold { set.insert(column) }
    }
    return set
  }
}
