/// The proof that comes with a fit: how far its objective can be from the best one, at most.
///
/// Everything is computed in `Double` from the residual of the coefficients that are returned, in half scale, on the
/// standardised columns: `P = ½ RSS + ½ Σ_j v_j (l1 |b_j| + l2 b_j²)` with the penalty factors v. Rounding limits what
/// can be proved to about 1e-15 of ``reference``. For other families and penalties the deviance takes the place of RSS, and
/// half of the null deviance that of ½‖t‖².
public struct Certificate: Sendable, Hashable {
  /// How the solver ended.
  public enum State: String, Sendable, Hashable, Codable {
    /// The relative duality gap is at most the tolerance.
    case converged
    /// The most iterations were made before the gap was small enough.
    case iterationLimit = "iteration limit"
    /// No further step was possible in floating-point numbers, and the gap is still larger than the tolerance.
    case precisionLimit = "precision limit"
    /// The objective has no minimum at finite coefficients, as with separable classes and no penalty: what is returned is
    /// on the way to infinity, whatever its gap.
    case noFiniteSolution = "no finite solution"
  }

  /// P, the objective of the coefficients.
  public let primal: Double
  /// D, the objective of a feasible dual point: no coefficients have a smaller P. Minus infinity if none was found.
  public let dual: Double
  /// ½‖t‖², with t the weighted and (with an intercept) centred target: what the gap is relative to.
  public let reference: Double
  /// (P − D) / ½‖t‖²; 0 where rounding makes it negative or the target has no spread.
  public let dualityGap: Double
  /// The largest violation of the optimality conditions, `max_j dist(2 z_j'r, v_j (l1 ∂|b_j| + 2 l2 b_j))`, in the units of
  /// lambda on the scale ``LambdaScale/rss``.
  public let kktViolation: Double
  /// Sweeps over the coordinates, or 1 for a direct solver and each of its refinements.
  public let iterations: Int
  /// The relative duality gap that was asked for.
  public let tolerance: Double
  /// How the solver ended.
  public let state: State
  /// The columns whose coefficient is 0 in every solution, by the gap-safe sphere test.
  public let provedZero: ColumnSet

  /// Whether the gap is at most the tolerance.
  public var isCertified: Bool { state == .converged }

  init(_ bound: DualityBound, iterations: Int, tolerance: Double, exhausted: Bool, provedZero: ColumnSet) {
    primal = bound.primal
    dual = bound.dual
    reference = bound.reference
    dualityGap = bound.relativeGap
    kktViolation = bound.kktViolation
    self.iterations = iterations
    self.tolerance = tolerance
    state = bound.relativeGap <= tolerance ? .converged : (exhausted ? .iterationLimit : .precisionLimit)
    self.provedZero = provedZero
  }

  /// The certificate of any datafit and penalty.
  init(
    _ bound: FenchelBound, iterations: Int, tolerance: Double, state: State, provedZero: ColumnSet
  ) {
    self.init(
      primal: bound.primal, dual: bound.dual, reference: bound.reference, dualityGap: bound.relativeGap,
      kktViolation: bound.kktViolation, iterations: iterations, tolerance: tolerance, state: state,
      provedZero: provedZero)
  }

  init(
    primal: Double, dual: Double, reference: Double, dualityGap: Double, kktViolation: Double, iterations: Int,
    tolerance: Double, state: State, provedZero: ColumnSet
  ) {
    (self.primal, self.dual, self.reference) = (primal, dual, reference)
    (self.dualityGap, self.kktViolation) = (dualityGap, kktViolation)
    (self.iterations, self.tolerance, self.state) = (iterations, tolerance, state)
    self.provedZero = provedZero
  }
}
