import BLAS

/// Cross-validation from one Gram matrix: that of a fold's training observations is what is left without the held-out ones.
///
/// With Z the design standardised on all observations, T the held-out rows, W' the weight of the others and
/// m = −Σ_T √w z / W' their mean (the sums over all rows being 0),
///
///     G' = Z'Z − Z_T'Z_T − W' m m',   c' = Z't − Z_T't_T − W' μ m,
///
/// and G' and c' divided by the training scales are those of the fold's own standardisation. All folds together cost as much
/// as one Gram matrix more, instead of one each.
struct FoldDowndating: Sendable {
  private let problem: RegressionProblem
  private let observations: Observations
  private let settings: RegressionSettings
  private let penalties: [(l1: Double, l2: Double)]
  private let matrix: Matrix<Double>
  private let gram: Matrix<Double>
  private let correlations: [Double]

  /// A column that loses more than this share of its squares is standardised anew from its rows instead.
  private static let smallestRemainder = 1e-6

  /// Prepares with Z'Z and Z't; nil without them, for sparse designs, without an intercept or an L1 part, or with weights of 0.
  init?(
    _ problem: RegressionProblem, _ gram: (matrix: Matrix<Double>, correlations: [Double])?,
    _ penalties: [(l1: Double, l2: Double)], _ settings: RegressionSettings, _ observations: Observations
  ) {
    let design = problem.design
    guard let gram, case .dense(let dense) = design.columns, design.choice.centres,
      design.rows.positiveCount == design.rowCount, penalties.allSatisfy({ $0.l1 > 0 })
    else { return nil }
    (self.problem, self.observations, self.settings, self.penalties) = (problem, observations, settings, penalties)
    matrix = dense.matrix
    (self.gram, correlations) = (gram.matrix, gram.correlations)
  }

  /// The predictions of the held-out rows; nil where too little of a column is left.
  func predictions(without rows: [Int]) -> FoldPredictions? {
    let (n, p, held) = (matrix.columns, matrix.rows, rows.count)
    let weights = problem.design.rows
    let roots = rows.map { weights.roots?[$0] ?? 1 }
    var block = Matrix<Double>(rows: p, columns: held)
    block.withUnsafeMutableElements { block in
      matrix.withUnsafeElements { matrix in
        for j in 0..<p { for (i, row) in rows.enumerated() { block[j * held + i] = matrix[j * n + row] } }
      }
    }
    let target = rows.map { problem.target[$0] }
    let remaining = weights.total - rows.reduce(0) { $0 + weights.weight($1) }
    let trainCount = weights.positiveCount - held
    guard remaining > 0, trainCount > 0 else { return nil }
    let means = matrixVectorMultiply(block, roots).map { -$0 / remaining }
    let targetMean = -zip(roots, target).reduce(0) { $0 + $1.0 * $1.1 } / remaining
    let blockCorrelations = matrixVectorMultiply(block, target)
    var reduced = symmetricRankK(block)
    var scales = [Double](repeating: 1, count: p)
    // Element by element through addresses: a subscript of a generic matrix costs more than the arithmetic.
    let isWhole = reduced.withUnsafeMutableElements { reduced in
      gram.withUnsafeElements { gram in
        for i in 0..<p {
          let (row, whole) = (reduced + i * p, gram + i * p)
          let factor = remaining * means[i]
          for j in 0..<p { row[j] = whole[j] - row[j] - factor * means[j] }
        }
        for j in 0..<p where gram[j * p + j] > 0 {
          guard reduced[j * p + j] > Self.smallestRemainder * gram[j * p + j] else { return false }
          scales[j] = scale(reduced[j * p + j], remaining, trainCount)
        }
        let inverses = scales.map { 1 / $0 }
        for i in 0..<p {
          let row = reduced + i * p
          for j in 0..<p { row[j] *= inverses[i] * inverses[j] }
        }
        return true
      }
    }
    guard isWhole else { return nil }
    let squares =
      problem.targetSquares - target.reduce(0) { $0 + $1 * $1 } - remaining * targetMean * targetMean
    guard squares > Self.smallestRemainder * problem.targetSquares else { return nil }
    let reducedCorrelations = (0..<p).map {
      (correlations[$0] - blockCorrelations[$0] - remaining * targetMean * means[$0]) / scales[$0]
    }

    var restricted = GramProblem(
      columnCount: p, targetSquares: squares,
      penalty: CoordinatePenalty(l1: penalties.first?.l1 ?? 0, l2: 0, factors: problem.factors))
    restricted.append(Array(0..<p), products: reduced, correlations: reducedCorrelations)
    let share = remaining / weights.total
    var coefficients = Matrix<Double>(rows: penalties.count, columns: p)
    var shifts: [Double] = []
    for (index, penalty) in penalties.enumerated() {
      restricted.setPenalty(
        CoordinatePenalty(l1: penalty.l1 * share, l2: penalty.l2 * share, factors: problem.factors))
      var iterations = 0
      // What does not converge here is tried again on the rows, and says so there.
      guard
        restricted.solve(settings.tolerance, maximumIterations: settings.maximumIterations, iterations: &iterations)
      else { return nil }
      var shift = targetMean
      for j in 0..<p where restricted.coefficients[j] != 0 {
        let coefficient = restricted.coefficients[j] / scales[j]
        coefficients[index, j] = coefficient
        shift -= coefficient * means[j]
      }
      shifts.append(shift)
    }
    // √w (prediction − mean y − offset) = Z_T b + √w (μ − m'b).
    var predictions = matrixMultiply(block, coefficients, transposeA: true, transposeB: true)
    let count = penalties.count
    predictions.withUnsafeMutableElements { predictions in
      for (i, row) in rows.enumerated() {
        let constant = problem.targetMean + (observations.offsets?[row] ?? 0)
        for index in 0..<count {
          predictions[i * count + index] = predictions[i * count + index] / roots[i] + shifts[index] + constant
        }
      }
    }
    return FoldPredictions(predictions: predictions, isCertified: true)
  }

  /// The training scale of a column in units of its scale on all observations.
  private func scale(_ squares: Double, _ weight: Double, _ rows: Int) -> Double {
    switch problem.design.choice.standardisation {
    case .population: return (squares / weight).squareRoot()
    case .sample:
      guard rows > 1 else { return 1 }
      return (squares / weight * (Double(rows) / Double(rows - 1))).squareRoot()
    case .unitNorm: return squares.squareRoot()
    case .none: return 1
    }
  }
}
