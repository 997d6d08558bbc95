import BLAS

/// An exact lasso path: its knots, and the fit at any lambda.
public struct HomotopyPath: Sendable {
  /// A lambda at which a column enters or leaves.
  public struct Knot: Sendable, Hashable {
    /// C = λ / 2 on the scale of the residual sum of squares, at which |z_j'r| = C v_j on the active columns.
    let level: Double
    /// The column, counted from 0.
    public let column: Int
    /// Whether it enters; else it leaves.
    public let enters: Bool

    /// The lambda of the knot on the scale ``LambdaScale/rss``.
    public var lambda: Lambda { .rss(2 * level) }
  }

  /// The knots, lambda descending.
  public let knots: [Knot]
  /// Whether the path was followed to its end; not so after the most knots, or where nearly dependent columns have hidden one.
  public let isComplete: Bool
  /// What conversions of lambda depend on.
  public var lambdaContext: LambdaContext { problem.lambdaContext }
  /// The names of the columns.
  public var names: ColumnNames { problem.names }

  /// The coefficients u − C w of the active columns while the level C is at most `upper`.
  struct Segment: Sendable {
    let upper: Double
    let active: [Int]
    let constant: [Double]
    let slope: [Double]
    let signs: [Double]
  }

  private let segments: [Segment]
  private let problem: RegressionProblem
  private let settings: RegressionSettings

  init(
    _ problem: RegressionProblem, _ settings: RegressionSettings, _ knots: [Knot], _ segments: [Segment],
    isComplete: Bool
  ) {
    (self.problem, self.settings, self.knots, self.segments) = (problem, settings, knots, segments)
    self.isComplete = isComplete
  }

  /// The fit at a lambda, with its certificate: exact, as the coefficients are linear between knots.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite, cannot be converted, or lies below the last
  ///   knot of a path that is not complete.
  public func fit(at lambda: Lambda) throws(LinearModelError) -> LinearFit {
    let value = try lambda.rssValue(.l1, in: lambdaContext)
    if !isComplete, let last = knots.last, value < 2 * last.level {
      throw .invalidParameter(
        name: "lambda of a path that is not complete", expected: "at least \(2 * last.level)", found: value)
    }
    let level = value / 2
    // The last segment that starts at or above the level.
    var (low, high) = (0, segments.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if segments[middle].upper >= level { low = middle } else { high = middle - 1 }
    }
    let segment = segments[low]
    var b = [Double](repeating: 0, count: names.count)
    for (index, column) in segment.active.enumerated() {
      let value = segment.constant[index] - level * segment.slope[index]
      // At a knot rounding may carry a coefficient to the other side of 0.
      b[column] = value * segment.signs[index] < 0 ? 0 : value
    }
    return problem.certifiedFit(
      b, CoordinatePenalty(l1: value, l2: 0, factors: problem.factors), iterations: 1, tolerance: settings.tolerance,
      solver: SolverReport(solver: .homotopy, reciprocalCondition: nil), pool: .shared)
  }
}
