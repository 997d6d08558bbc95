/// The primal and the dual objective of any datafit and penalty at given coefficients.
///
/// **The primal** in half scale, with η = offset + b_0 + Z b / √w:
///
///     P(b_0, b) = Σ w_i f_i(η_i) + Σ_j g_j(b_j)
///
/// f_i is half of the unit deviance, the g_j belong to coefficients or to groups of them.
///
/// **The dual.** For every θ with one entry for each row, f(η) ≥ −θη − f*(−θ) and g_j(b) ≥ b u − g_j*(u) at
/// u_j = z_j'(√w θ), so that
///
///     P ≥ D(θ) = −Σ w_i (θ_i offset_i + f_i*(−θ_i)) − Σ_j g_j*(u_j)
///
/// if Σ w_i θ_i = 0, because b_0 has no penalty. At the optimum θ = y − μ and D = P. The conjugates are written beside each
/// datafit (``SquaredDatafit``, ``LogisticDatafit``, ``PoissonDatafit``) and penalty (``BoxPenalty``, ``GroupPenalty``):
///
/// - squared: −θ·offset − f*(−θ) = θ (y − offset) − ½θ²;
/// - logistic: f*(−θ) = h(y) − h(y − θ) with the entropy h, for 0 ≤ y − θ ≤ 1;
/// - Poisson: f*(−θ) = m ln m − m + y − y ln y with m = y − θ ≥ 0.
///
/// **The dual point** is θ = s (y − μ), 0 ≤ s ≤ 1. Its mean y − θ = (1 − s) y + s μ lies between y and μ, so that it is in
/// the domain of f*. The intercept's constraint is met by taking the intercept that is best beside the present
/// coefficients, which is where Σ w (y − μ) = 0: a subtraction of the mean residual for the squared loss, the factor
/// Σ wy / Σ wμ of all means for Poisson, a root found by Newton's method for the logistic one. s is then the largest at
/// which every u_j lies in the domain of g_j*; s = 0 always does. Columns without penalty or bound ask for u_j = 0, which
/// holds up to rounding once they have been minimised over; before, only θ = 0 proves anything.
///
/// **The gap** is summed from what each inequality loses, none of which is negative, instead of subtracted:
///
///     P − D = Σ w_i (f_i(η_i) + f_i*(−θ_i) + θ_i η_i) + Σ_j (g_j(b_j) + g_j*(u_j) − b_j u_j),
///
/// since Σ w θ (η − offset) = Σ_j b_j u_j. For s = 1 the first sum is 0.
///
/// **Proved zeros.** Where f'' ≤ 1/κ, f* is κ-strongly convex (1 for the squared loss, 4 for the logistic one), and D is
/// κ-strongly concave in √w θ: the best dual point lies within √(2 (P − D) / κ) of this one. A coefficient is 0 in every
/// solution if all u_j of that ball lie inside ∂g_j(0). Poisson's f'' = e^η has no bound: there nothing is proved zero.
struct FenchelBound: Sendable {
  let primal: Double
  let dual: Double
  /// Half of the null deviance.
  let reference: Double
  /// On the scale of lambda, as in ``Certificate/kktViolation``.
  let kktViolation: Double
  /// s.
  let scaling: Double

  /// (P − D) / reference.
  var relativeGap: Double {
    guard reference > 0 else { return best > rounding ? .infinity : 0 }
    return best.isNaN ? .infinity : best / reference
  }

  /// The bound at some coefficients.
  ///
  /// - Parameters:
  ///   - point: The datafit at the margins of b and the intercept.
  ///   - b: The standardised coefficients, all columns.
  ///   - u: Z' times the residual of `point`.
  init(
    _ problem: GeneralizedProblem, _ penalty: some ProximalPenalty, _ point: GeneralizedProblem.Point,
    margins: [Double], intercept: Double, _ b: [Double], _ u: [Double]
  ) {
    let primal = point.halfDeviance + penalty.value(b)
    var residualSquares = 0.0
    var residualSum = 0.0
    for (row, value) in point.residual.enumerated() {
      residualSquares += value * value
      residualSum += (problem.design.rows.roots?[row] ?? 1) * value
    }
    // The size of y and μ, from whose difference u is made.
    let size = problem.targetNorm + residualSquares.squareRoot()
    let norms = problem.design.statistics.squaredNorms
    let noise = { (column: Int) in DualityBound.orthogonality * norms[column].squareRoot() * size }
    let balanced =
      !problem.hasIntercept
      || residualSum.magnitude <= DualityBound.orthogonality * problem.design.rows.total.squareRoot() * size
    let scaling = balanced ? penalty.dualScaling(u, noise: noise) ?? 0 : 0

    func gap(_ s: Double) -> Double {
      problem.divergence(margins, intercept, scaling: s) + penalty.gap(b, u, scaling: s)
        + (problem.hasIntercept ? (s * intercept * residualSum).magnitude : 0)
    }
    var (best, chosen) = (gap(scaling), scaling)
    if scaling > 0, !(best <= primal) {
      let trivial = gap(0)
      if !(best <= trivial) { (best, chosen) = (trivial, 0) }
    }
    self.primal = primal
    self.scaling = chosen
    dual = best.isFinite ? primal - best : -.infinity
    reference = 0.5 * problem.nullDeviance
    kktViolation = 2 * penalty.violation(b, u)
    self.best = best
    rounding = 1e-28 * problem.targetNorm * problem.targetNorm
  }

  /// P − D, as it was summed.
  private let best: Double
  /// What a gap of 0 may come to.
  private let rounding: Double

  /// The columns that the gap proves to be zero in every solution.
  func provedZero(
    _ problem: GeneralizedProblem, _ penalty: some ProximalPenalty, _ u: [Double]
  ) -> ColumnSet {
    guard let convexity = problem.family.datafit.conjugateConvexity, best.isFinite else {
      return ColumnSet(columnCount: u.count)
    }
    // A gap that rounding has made 0 still has the rounding error of u.
    let gap = max(best, 1e-15 * (reference + primal))
    return penalty.provedZero(
      u, scaling: scaling, radius: (2 * gap / convexity).squareRoot(), problem.design.statistics)
  }
}
