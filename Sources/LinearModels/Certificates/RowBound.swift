import BLAS

/// The primal and the dual objective of the multi-task lasso and elastic net.
///
///     P(B) = ½‖T − Z B‖² + Σ_j α_j ‖B_j‖ + ½ β_j ‖B_j‖²
///     D(Θ) = ⟨Θ, T⟩ − ½‖Θ‖² − Σ_j g_j*(Z_j'Θ),   g_j*(u) = (‖u‖ − α_j)₊² / (2β_j)
///
/// with rows B_j of one coefficient for each response; for β_j = 0 the conjugate asks for ‖u‖ ≤ α_j, and for u = 0 where the
/// row is free. Θ = s R with the residuals R, which are orthogonal to the intercepts. As in ``FenchelBound`` the gap is
/// summed from what each inequality loses: ½(1 − s)²‖R‖² and g_j(B_j) + g_j*(s u_j) − s B_j·u_j.
///
/// D is 1-strongly concave: ‖Z_j'Θ‖ + ‖z_j‖ √(2 (P − D)) < α_j proves a row to be 0.
struct RowBound: Sendable {
  let primal: Double
  let reference: Double
  let kktViolation: Double
  let scaling: Double
  /// The residual sum of squares of each response.
  let rss: [Double]
  /// P − D.
  private let gap: Double

  var relativeGap: Double {
    guard reference > 0 else { return gap > 0 ? .infinity : 0 }
    return gap.isNaN ? .infinity : gap / reference
  }

  /// ‖u_j‖ over the responses.
  static func norm(_ values: [[Double]], _ column: Int) -> Double {
    values.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
  }

  /// The distance of u from α ∂‖b‖.
  static func violation(_ b: [Double], _ u: [Double], threshold: Double) -> Double {
    let size = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if size == 0 { return max(u.reduce(0) { $0 + $1 * $1 }.squareRoot() - threshold, 0) }
    return zip(b, u).reduce(0) { sum, pair in
      let difference = pair.1 - threshold * pair.0 / size
      return sum + difference * difference
    }.squareRoot()
  }

  init(
    _ problems: [RegressionProblem], _ penalty: CoordinatePenalty, _ residuals: [[Double]], _ b: [[Double]],
    _ u: [[Double]]
  ) {
    let norms = problems[0].design.statistics.squaredNorms
    let total = problems.reduce(0) { $0 + $1.targetSquares }
    let rss = residuals.map { Double.sumOfSquares($0.count, $0) }
    let squares = rss.reduce(0, +)
    var (primal, violation, scaling, isFeasible) = (0.5 * squares, 0.0, 1.0, true)
    for column in norms.indices {
      let (threshold, curvature) = (penalty.threshold(column), penalty.curvature(column))
      let (size, correlation) = (Self.norm(b, column), Self.norm(u, column))
      primal += threshold * size + 0.5 * curvature * size * size
      violation = max(
        violation,
        Self.violation(
          b.map { $0[column] }, zip(u, b).map { $0[column] - curvature * $1[column] }, threshold: threshold))
      if penalty.isFree(column) {
        if !(correlation <= DualityBound.orthogonality * (norms[column] * total).squareRoot()) { isFeasible = false }
      } else if curvature == 0, correlation > threshold {
        scaling = min(scaling, threshold / correlation)
      }
    }
    func gap(_ s: Double) -> Double {
      var sum = 0.5 * (1 - s) * (1 - s) * squares
      for column in norms.indices {
        let (threshold, curvature) = (penalty.threshold(column), penalty.curvature(column))
        let size = Self.norm(b, column)
        let product = zip(b, u).reduce(0) { $0 + $1.0[column] * $1.1[column] }
        if curvature > 0 {
          // g* is taken at the length `best` along u.
          let correlation = s * Self.norm(u, column)
          let best = max(correlation - threshold, 0) / curvature
          let loss = threshold * size + 0.5 * curvature * size * size + 0.5 * curvature * best * best - s * product
          sum += max(loss, 0)
        } else if penalty.isFree(column) {
          sum += (s * product).magnitude
        } else {
          sum += max(threshold * size - s * product, 0)
        }
      }
      return sum
    }
    let chosen = isFeasible ? scaling : 0
    self.rss = rss
    self.primal = primal
    self.scaling = chosen
    self.gap = gap(chosen)
    reference = 0.5 * total
    kktViolation = 2 * violation
  }

  func certificate(
    _ penalty: CoordinatePenalty, _ u: [[Double]], _ statistics: ColumnStatistics, iterations: Int,
    settings: RegressionSettings
  ) -> Certificate {
    var set = ColumnSet(columnCount: statistics.squaredNorms.count)
    let radius = (2 * max(gap, 1e-15 * (reference + primal))).squareRoot()
    for column in statistics.squaredNorms.indices {
      let threshold = penalty.threshold(column)
      let reach = scaling * Self.norm(u, column) + statistics.squaredNorms[column].squareRoot() * radius
      if threshold > 0, reach < threshold { set.insert(column) }
    }
    let state: Certificate.State =
      relativeGap <= settings.tolerance
      ? .converged : (iterations >= settings.maximumIterations ? .iterationLimit : .precisionLimit)
    return Certificate(
      primal: primal, dual: primal - gap, reference: reference, dualityGap: relativeGap, kktViolation: kktViolation,
      iterations: iterations, tolerance: settings.tolerance, state: state, provedZero: set)
  }
}
