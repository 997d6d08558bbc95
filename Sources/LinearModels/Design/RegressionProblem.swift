import BLAS

/// A validated least-squares problem on the standardised scale: min ‖t − Z b‖² + penalties.
struct RegressionProblem: Sendable {
  let design: StandardisedDesign
  let names: ColumnNames
  /// t = √w ∘ (y − offset − mean), n entries.
  let target: [Double]
  /// ‖t‖².
  let targetSquares: Double
  /// The weighted mean of y − offset; 0 without an intercept.
  let targetMean: Double
  /// The weighted 1/n standard deviation of y − offset.
  let targetDeviation: Double
  /// The penalty factor of each column; 1 unless given.
  let factors: [Double]
  /// Z't, where it came along with the means and scales.
  let targetCorrelations: [Double]?

  /// Standardises and validates.
  ///
  /// - Parameter leading: How many columns are expected to matter at first; see ``StreamedRows``.
  init(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?, settings: RegressionSettings,
    leading: Int = 0, pool: ThreadPool
  ) throws(LinearModelError) {
    // Every solver of this problem is one without bounds.
    guard settings.bounds == nil else { throw .unsupported("bounds of the coefficients in this model") }
    guard x.rows > 0 else { throw .noObservations }
    try requireEntries(y, "the target", count: x.rows)
    if let offsets { try requireEntries(offsets, "the offsets", count: x.rows) }
    let rows = try RowWeights(weights, rows: x.rows)
    if let factors = settings.penaltyFactors {
      try requireEntries(factors, "the penalty factors", count: x.columns, negative: false)
    }
    names = x.names
    factors = settings.penaltyFactors ?? [Double](repeating: 1, count: x.columns)
    let choice = StandardisationChoice(standardisation: settings.standardisation, centres: settings.intercept)
    (target, targetSquares, targetMean, targetDeviation) = try Self.centred(y, offsets, rows, choice)
    design = try StandardisedDesign(x, rows, choice, target: target, leading: leading, pool: pool)
    targetCorrelations = design.targetCorrelations
  }

  /// The same inputs with another target.
  init(_ other: RegressionProblem, _ y: [Double], offsets: [Double]?) throws(LinearModelError) {
    (design, names, factors) = (other.design, other.names, other.factors)
    try requireEntries(y, "the target", count: design.rowCount)
    if let offsets { try requireEntries(offsets, "the offsets", count: design.rowCount) }
    (target, targetSquares, targetMean, targetDeviation) = try Self.centred(
      y, offsets, design.rows, design.choice)
    targetCorrelations = nil
  }

  /// t with its squares, and what was taken off y with its deviation.
  private static func centred(
    _ y: [Double], _ offsets: [Double]?, _ rows: RowWeights, _ choice: StandardisationChoice
  ) throws(LinearModelError) -> (target: [Double], squares: Double, mean: Double, deviation: Double) {
    let centres = choice.centres
    var target = y
    if let offsets { for row in target.indices { target[row] -= offsets[row] } }
    let constant = Self.constant(target, rows)
    let mean = constant ?? rows.mean(target)
    var spread = 0.0
    for row in target.indices {
      let centred = target[row] - mean
      spread += rows.weight(row) * centred * centred
      if centres { target[row] = centred }
      if let roots = rows.roots { target[row] *= roots[row] }
    }
    let squares = Double.sumOfSquares(target.count, target)
    guard spread.isFinite, squares.isFinite else { throw .overflow(of: "the target") }
    let isEmpty = centres ? constant != nil : constant == 0
    guard isEmpty || squares >= ColumnSummary.smallestSquares else { throw .underflow(of: "the target") }
    return (target, squares, centres ? mean : 0, (spread / rows.total).squareRoot())
  }

  /// What conversions between lambda scales depend on.
  var lambdaContext: LambdaContext {
    LambdaContext(
      observations: design.rows.total, targetDeviation: targetDeviation,
      standardisation: design.choice.standardisation, rows: design.rows.positiveCount)
  }

  /// t − Σ_k values_k Z_{columns_k}.
  func residual(_ columns: [Int], _ values: [Double]) -> [Double] {
    var residual = target
    design.add(columns, values.map { -$0 }, to: &residual)
    return residual
  }

  /// The one value of all rows of positive weight, so that a constant target has a spread of exactly 0.
  static func constant(_ values: [Double], _ rows: RowWeights) -> Double? {
    var value: Double?
    for row in values.indices where rows.weight(row) > 0 {
      if let value, values[row] != value { return nil }
      value = values[row]
    }
    return value
  }
}
