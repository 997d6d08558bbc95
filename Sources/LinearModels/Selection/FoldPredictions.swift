import BLAS

/// What a model is fitted to.
struct Observations: Sendable {
  let x: DesignMatrix
  let y: [Double]
  let weights: [Double]?
  let offsets: [Double]?
}

/// The predictions of one fold's observations by the fits without them.
struct FoldPredictions: Sendable {
  /// Held-out rows x lambdas.
  let predictions: Matrix<Double>
  let isCertified: Bool

  init(predictions: Matrix<Double>, isCertified: Bool) {
    (self.predictions, self.isCertified) = (predictions, isCertified)
  }

  /// Fits to the other observations, each lambda in turn.
  ///
  /// - Parameter penalties: l1 and l2 for all observations; the fold takes their share.
  init(
    without rows: [Int], of all: Observations, _ penalties: [(l1: Double, l2: Double)], _ settings: RegressionSettings
  ) throws(LinearModelError) {
    let heldOut = Set(rows)
    let train = all.y.indices.filter { !heldOut.contains($0) }
    guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
    func chosen(_ values: [Double]?, _ rows: [Int]) -> [Double]? { values.map { values in rows.map { values[$0] } } }
    let problem = try RegressionProblem(
      all.x.selectingRows(train), train.map { all.y[$0] }, weights: chosen(all.weights, train),
      offsets: chosen(all.offsets, train), settings: settings, pool: .shared)
    let total = all.weights?.reduce(0, +) ?? Double(all.y.count)
    let share = problem.design.rows.total / total
    var solver = CoordinateDescent(problem, settings: settings, pool: .shared)
    let test = all.x.selectingRows(rows)
    let testOffsets = chosen(all.offsets, rows)
    var predictions = Matrix<Double>(rows: rows.count, columns: penalties.count)
    var isCertified = true
    for (column, penalty) in penalties.enumerated() {
      let fit =
        penalty.l1 > 0
        ? solver.fit(l1: penalty.l1 * share, l2: penalty.l2 * share)
        : try Ridge(lambda: .rss(penalty.l2 * share), settings: settings).fit(problem)
      isCertified = isCertified && fit.isCertified
      for (row, value) in try fit.predict(test, offsets: testOffsets).enumerated() { predictions[row, column] = value }
    }
    self.init(predictions: predictions, isCertified: isCertified)
  }
}
