public import BLAS

/// The errors of a path's lambdas on observations that were held out, and the path on all of them.
///
/// Each fold standardises its own training observations, and its penalty is that of the same strength per observation:
/// λ times their share of the total weight, which is what a lambda of scikit-learn or glmnet means. The error of a fold is its
/// weighted mean squared error; ``meanError`` weighs the folds by their weight, ``standardError`` is the weighted
/// standard deviation of their errors divided by √(folds − 1), as in glmnet. Repeats are averaged.
public struct CrossValidation: Sendable {
  /// The path on all observations, whose lambdas are the ones tried.
  public let path: RegularizationPath
  /// The mean error of each lambda.
  public let meanError: [Double]
  /// The standard error of each mean.
  public let standardError: [Double]
  /// The prediction of each observation by the fit that did not see it: n x lambdas, one matrix for each repeat.
  public let predictions: [Matrix<Double>]
  /// Whether the path and every fold's fit have converged.
  public let isCertified: Bool

  /// The lambdas that were tried, descending.
  public var lambdas: [Lambda] { path.lambdas }

  /// The position of the smallest error.
  public var minimum: Int { meanError.indices.min { meanError[$0] < meanError[$1] } ?? 0 }

  /// The position of the largest lambda whose error is within one standard error of the smallest.
  public var oneStandardError: Int {
    let best = minimum
    let limit = meanError[best] + standardError[best]
    return meanError.indices.first { meanError[$0] <= limit } ?? best
  }

  /// The fit on all observations at the lambda of the smallest error.
  public var minimumFit: LinearFit { path.fits[minimum] }
  /// The fit on all observations by the one-standard-error rule.
  public var oneStandardErrorFit: LinearFit { path.fits[oneStandardError] }

  init(
    _ model: ElasticNet, _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?, grid: LambdaGrid,
    folds: Folds, pool: ThreadPool
  ) throws(LinearModelError) {
    try model.settings.validate()
    let assignments = try folds.assignments(rows: x.rows)
    let problem = try RegressionProblem(
      x, y, weights: weights, offsets: offsets, settings: model.settings, pool: pool)
    path = try RegularizationPath(model, problem, grid, PathStop(), pool: pool)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try model.parts(lambda, problem.lambdaContext)) }

    var heldOut: [(repetition: Int, rows: [Int])] = []
    for (repetition, assignment) in assignments.enumerated() {
      for fold in 0...(assignment.max() ?? 0) {
        heldOut.append((repetition, assignment.indices.filter { assignment[$0] == fold }))
      }
    }
    let observations = Observations(x: x, y: y, weights: weights, offsets: offsets)
    let downdating = FoldDowndating(problem, path.gram, penalties, model.settings, observations)
    var results = [Result<FoldPredictions, LinearModelError>?](repeating: nil, count: heldOut.count)
    results.withUnsafeMutableBufferPointer { results in
      pool.run(heldOut.count) { task in
        let rows = heldOut[task].rows
        if let fast = downdating?.predictions(without: rows) {
          results[task] = .success(fast)
        } else {
          results[task] = Result { () throws(LinearModelError) in
            try FoldPredictions(without: rows, of: observations, penalties, model.settings)
          }
        }
      }
    }

    let (n, count) = (x.rows, path.lambdas.count)
    var predictions = assignments.map { _ in Matrix<Double>(rows: n, columns: count) }
    var isCertified = path.isCertified
    var errors: [[Double]] = []
    var foldWeights: [Double] = []
    for (task, result) in results.enumerated() {
      guard let fold = try result?.get() else { continue }
      isCertified = isCertified && fold.isCertified
      let (repetition, rows) = heldOut[task]
      var (squares, total) = ([Double](repeating: 0, count: count), 0.0)
      predictions[repetition].withUnsafeMutableElements { predictions in
        fold.predictions.withUnsafeElements { folds in
          for (index, row) in rows.enumerated() {
            let weight = weights?[row] ?? 1
            total += weight
            for column in 0..<count {
              let prediction = folds[index * count + column]
              predictions[row * count + column] = prediction
              squares[column] += weight * (y[row] - prediction) * (y[row] - prediction)
            }
          }
        }
      }
      errors.append(total > 0 ? squares.map { $0 / total } : squares)
      foldWeights.append(total)
    }
    (self.predictions, self.isCertified) = (predictions, isCertified)
    (meanError, standardError) = Self.summary(errors, foldWeights, repetitions: heldOut.map(\.repetition))
  }

  /// Mean and standard error of each lambda, averaged over the repeats.
  static func summary(
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

extension ElasticNet {
  /// Chooses lambda by cross-validation, the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the target; none by default.
  ///   - grid: The lambdas; ``lambda`` itself is not used.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> CrossValidation {
    try CrossValidation(
      self, x, y, weights: weights, offsets: offsets, grid: grid, folds: folds, pool: .shared)
  }
}

extension Lasso {
  /// Chooses lambda by cross-validation; see ``ElasticNet/crossValidate(_:_:weights:offsets:grid:folds:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> CrossValidation {
    try ElasticNet(lambda: lambda, mixing: 1, settings: settings)
      .crossValidate(x, y, weights: weights, offsets: offsets, grid: grid, folds: folds)
  }
}
