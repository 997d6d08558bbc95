import BLAS
import RealModule

/// A validated problem of any family on the standardised scale: min Σ w_i f(y_i, η_i) + penalties, in half scale.
///
/// η = offset + b_0 + Z b / √w with the standardised design Z, which holds √w. Everything here is a function of b_0 and of
/// the margins Z b / √w, one for each row; rows of weight 0 are left out.
struct GeneralizedProblem: Sendable {
  let family: Family
  let design: StandardisedDesign
  let names: ColumnNames
  /// y; of the Gaussian family y − offset − mean.
  let target: [Double]
  /// The offsets; nil without any, and of the Gaussian family, which has them in its target.
  let offsets: [Double]?
  /// The penalty factor of each column; 1 unless given.
  let factors: [Double]
  /// What has been taken off the target and belongs to the intercept.
  let targetShift: Double
  /// The weighted 1/n standard deviation of y − offset, which only the Gaussian family's scales ask for.
  let targetDeviation: Double
  /// √(Σ w y²) of `target`.
  let targetNorm: Double
  /// Whether an intercept alone has a finite optimum: not with only zeros (or only ones) as targets of logs (or logits).
  let hasFiniteIntercept: Bool
  /// The intercept without any column.
  private(set) var nullIntercept = 0.0
  /// The deviance without any column.
  private(set) var nullDeviance = 0.0

  init(
    _ family: Family, _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?,
    settings: RegressionSettings, pool: ThreadPool
  ) throws(LinearModelError) {
    guard x.rows > 0 else { throw .noObservations }
    try requireEntries(y, "the target", count: x.rows)
    if let offsets { try requireEntries(offsets, "the offsets", count: x.rows) }
    let rows = try RowWeights(weights, rows: x.rows)
    if let factors = settings.penaltyFactors {
      try requireEntries(factors, "the penalty factors", count: x.columns, negative: false)
    }
    for (index, value) in y.enumerated() {
      if let expected = family.datafit.refusal(value) {
        throw .targetOutsideRange(family: family, index: index, expected: expected, found: value)
      }
    }
    self.family = family
    names = x.names
    factors = settings.penaltyFactors ?? [Double](repeating: 1, count: x.columns)
    design = try StandardisedDesign(
      x, rows, StandardisationChoice(standardisation: settings.standardisation, centres: settings.intercept),
      pool: pool)

    var target = y
    var (shift, total, low, high) = (0.0, 0.0, true, true)
    var isEmpty = true
    if family == .gaussian {
      if let offsets { for row in target.indices { target[row] -= offsets[row] } }
      let constant = RegressionProblem.constant(target, rows)
      isEmpty = settings.intercept ? constant != nil : constant == 0
      shift = settings.intercept ? constant ?? rows.mean(target) : 0
      for row in target.indices { target[row] -= shift }
    }
    for row in target.indices where rows.weight(row) > 0 {
      total += rows.weight(row) * target[row] * target[row]
      (low, high) = (low && target[row] == 0, high && target[row] == 1)
    }
    guard total.isFinite else { throw .overflow(of: "the target") }
    guard isEmpty || total >= ColumnSummary.smallestSquares else { throw .underflow(of: "the target") }
    let mean = rows.mean(target)
    targetDeviation = (max(total / rows.total - mean * mean, 0)).squareRoot()
    targetNorm = total.squareRoot()
    targetShift = shift
    self.target = target
    self.offsets = family == .gaussian ? nil : offsets
    switch family {
    case .gaussian: hasFiniteIntercept = true
    case .binomial: hasFiniteIntercept = !low && !high
    case .poisson: hasFiniteIntercept = !low
    }
    let margins = [Double](repeating: 0, count: x.rows)
    nullIntercept = optimalIntercept(margins, from: 0)
    nullDeviance = 2 * halfDeviance(margins, nullIntercept)
    guard nullDeviance.isFinite else { throw .overflow(of: "the deviance of the offsets") }
    // A target that the intercept fits leaves the square of its rounding error.
    if nullDeviance <= 1e-28 * total { nullDeviance = 0 }
  }

  /// What conversions between lambda scales depend on.
  var lambdaContext: LambdaContext {
    LambdaContext(
      observations: design.rows.total, targetDeviation: family == .gaussian ? targetDeviation : 1,
      standardisation: design.choice.standardisation, rows: design.rows.positiveCount, family: family)
  }

  /// Whether there is a free intercept.
  var hasIntercept: Bool { design.choice.centres }

  /// Z b / √w over some columns.
  func margins(_ columns: [Int], _ values: [Double]) -> [Double] {
    var margins = [Double](repeating: 0, count: design.rowCount)
    design.add(columns, values, to: &margins)
    if let roots = design.rows.roots {
      for row in margins.indices { margins[row] = roots[row] > 0 ? margins[row] / roots[row] : 0 }
    }
    return margins
  }
}
