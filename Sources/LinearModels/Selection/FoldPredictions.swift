import BLAS

/// The linear predictors of one fold's observations by the fits without them.
struct FoldPredictions: Sendable {
  /// Held-out rows x what is predicted of each: a column for every candidate and response.
  let predictions: Matrix<Double>
  let isCertified: Bool

  init(predictions: Matrix<Double>, isCertified: Bool) {
    (self.predictions, self.isCertified) = (predictions, isCertified)
  }

  /// Fits to the other observations, each strength in turn.
  ///
  /// - Parameter penalties: l1 and l2 for all observations; the fold takes their share.
  init(
    without rows: [Int], of all: Observations, _ model: GeneralizedLinearModel, _ penalties: [(l1: Double, l2: Double)]
  ) throws(LinearModelError) {
    let train = all.rows(without: rows)
    guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
    let test = all.selecting(rows)
    var predictions = Matrix<Double>(rows: rows.count, columns: penalties.count)
    var isCertified = true
    try model.fitEach(all.selecting(train), of: all.weight, penalties) { (column, fit) throws(LinearModelError) in
      isCertified = isCertified && fit.isCertified
      let found = try fit.predict(test.x, scale: .link, offsets: test.offsets)
      for (row, value) in found.enumerated() { predictions[row, column] = value }
      return true
    }
    self.init(predictions: predictions, isCertified: isCertified)
  }
}

/// The predictions of all observations by fits that have not seen them, and their errors.
struct HeldOutPredictions: Sendable {
  /// n x candidates (times responses), one matrix for each repeat.
  let predictions: [Matrix<Double>]
  /// The mean error of each candidate.
  let meanError: [Double]
  /// The standard error of each mean.
  let standardError: [Double]
  /// Whether every fold's fits have converged.
  let isCertified: Bool

  /// Runs the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - assignments: The fold of each observation, a list for each repeat.
  ///   - weights: The observation weights.
  ///   - candidates: How many fits are compared.
  ///   - responses: How many neighbouring columns of the predictions belong to one candidate.
  ///   - error: What a prediction costs, of a row and a response.
  ///   - fold: The predictions of some rows by fits to the others.
  init(
    _ assignments: [[Int]], weights: [Double]?, candidates: Int, responses: Int = 1, pool: ThreadPool,
    error: (_ row: Int, _ response: Int, _ prediction: Double) -> Double,
    fold: ([Int]) throws(LinearModelError) -> FoldPredictions
  ) throws(LinearModelError) {
    var heldOut: [(repetition: Int, rows: [Int])] = []
    for (repetition, assignment) in assignments.enumerated() {
      for fold in 0...(assignment.max() ?? 0) {
        heldOut.append((repetition, assignment.indices.filter { assignment[$0] == fold }))
      }
    }
    var results = [Result<FoldPredictions, LinearModelError>?](repeating: nil, count: heldOut.count)
    results.withUnsafeMutableBufferPointer { results in
      pool.run(heldOut.count) { task in
        results[task] = Result { () throws(LinearModelError) in try fold(heldOut[task].rows) }
      }
    }

    let (n, width) = (assignments.first?.count ?? 0, candidates * responses)
    var predictions = assignments.map { _ in Matrix<Double>(rows: n, columns: width) }
    var (isCertified, errors, foldWeights): (Bool, [[Double]], [Double]) = (true, [], [])
    for (task, result) in results.enumerated() {
      guard let fold = try result?.get() else { continue }
      isCertified = isCertified && fold.isCertified
      let (repetition, rows) = heldOut[task]
      var (sums, total) = ([Double](repeating: 0, count: candidates), 0.0)
      predictions[repetition].withUnsafeMutableElements { predictions in
        fold.predictions.withUnsafeElements { folds in
          for (index, row) in rows.enumerated() {
            let weight = weights?[row] ?? 1
            total += weight
            for candidate in 0..<candidates {
              for response in 0..<responses {
                let column = candidate * responses + response
                let prediction = folds[index * width + column]
                predictions[row * width + column] = prediction
                sums[candidate] += weight * error(row, response, prediction)
              }
            }
          }
        }
      }
      errors.append(total > 0 ? sums.map { $0 / total } : sums)
      foldWeights.append(total)
    }
    (self.predictions, self.isCertified) = (predictions, isCertified)
    (meanError, standardError) = Self.summary(errors, foldWeights, repetitions: heldOut.map(\.repetition))
  }

  /// Mean and standard error of each candidate, averaged over the repeats.
  private static func summary(
    _ errors: [[Double]], _ weights: [Double], repetitions: [Int]
  ) -> (mean: [Double], standardError: [Double]) {
    let count = errors.first?.count ?? 0
    let repeats = (repetitions.max() ?? 0) + 1
    var (means, standards) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for repetition in 0..<repeats {
      let folds = repetitions.indices.filter { repetitions[$0] == repetition && weights[$0] > 0 }
      let total = folds.reduce(0) { $0 + weights[$1] }
      for column in 0..<count {
        let mean = folds.reduce(0) { $0 + weights[$1] * errors[$1][column] } / total
        let spread = folds.reduce(0) { sum, fold in
          sum + weights[fold] * (errors[fold][column] - mean) * (errors[fold][column] - mean)
        }
        means[column] += mean / Double(repeats)
        standards[column] += (spread / total / Double(max(folds.count - 1, 1))).squareRoot() / Double(repeats)
      }
    }
    return (means, standards)
  }
}
