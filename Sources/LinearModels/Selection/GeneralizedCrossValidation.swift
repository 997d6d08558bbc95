public import BLAS

/// The deviances of a path's lambdas on observations that were held out, and the path on all of them.
///
/// As in ``CrossValidation`` each fold standardises its own training observations and takes its share of the penalty; the
/// error of a fold is its weighted mean unit deviance, which is the squared error for the Gaussian family.
public struct GeneralizedCrossValidation: Sendable {
  /// The path on all observations, whose lambdas are the ones tried.
  public let path: GeneralizedPath
  /// The mean deviance of each lambda.
  public let meanError: [Double]
  /// The standard error of each mean.
  public let standardError: [Double]
  /// The linear predictor of each observation by the fit that did not see it: n x lambdas, one matrix for each repeat.
  public let predictors: [Matrix<Double>]
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
  public var minimumFit: GeneralizedLinearFit { path.fits[minimum] }
  /// The fit on all observations by the one-standard-error rule.
  public var oneStandardErrorFit: GeneralizedLinearFit { path.fits[oneStandardError] }

  /// What one fold gives.
  private struct FoldResult: Sendable {
    /// Held-out rows x lambdas.
    let predictors: Matrix<Double>
    let isCertified: Bool
  }

  init(
    _ model: GeneralizedLinearModel, _ all: Observations, _ grid: LambdaGrid, _ folds: Folds
  ) throws(LinearModelError) {
    let assignments = try folds.assignments(rows: all.x.rows)
    let path = try model.path(all.x, all.y, weights: all.weights, offsets: all.offsets, grid: grid)
    self.path = path
    // The same strength for each observation: on the scale of the whole data, times the fold's share of the weight.
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try model.penalty.with(lambda).parts(path.lambdaContext)) }
    var heldOut: [(repetition: Int, rows: [Int])] = []
    for (repetition, assignment) in assignments.enumerated() {
      for fold in 0...(assignment.max() ?? 0) {
        heldOut.append((repetition, assignment.indices.filter { assignment[$0] == fold }))
      }
    }
    var results = [Result<FoldResult, LinearModelError>?](repeating: nil, count: heldOut.count)
    results.withUnsafeMutableBufferPointer { results in
      ThreadPool.shared.run(heldOut.count) { task in
        results[task] = Result { () throws(LinearModelError) in
          try Self.fold(heldOut[task].rows, model, all, penalties)
        }
      }
    }
    let (n, count) = (all.x.rows, path.lambdas.count)
    var predictors = assignments.map { _ in Matrix<Double>(rows: n, columns: count) }
    var (isCertified, errors, foldWeights): (Bool, [[Double]], [Double]) = (path.isCertified, [], [])
    for (task, result) in results.enumerated() {
      guard let fold = try result?.get() else { continue }
      isCertified = isCertified && fold.isCertified
      let (repetition, rows) = heldOut[task]
      var (sums, total) = ([Double](repeating: 0, count: count), 0.0)
      for (index, row) in rows.enumerated() {
        let weight = all.weights?[row] ?? 1
        total += weight
        for column in 0..<count {
          let predictor = fold.predictors[index, column]
          predictors[repetition][row, column] = predictor
          sums[column] += weight * model.family.unitDeviance(all.y[row], linearPredictor: predictor)
        }
      }
      errors.append(total > 0 ? sums.map { $0 / total } : sums)
      foldWeights.append(total)
    }
    (self.predictors, self.isCertified) = (predictors, isCertified)
    (meanError, standardError) = CrossValidation.summary(errors, foldWeights, repetitions: heldOut.map(\.repetition))
  }

  /// The path without some rows, and what it predicts for them.
  private static func fold(
    _ rows: [Int], _ model: GeneralizedLinearModel, _ all: Observations,
    _ penalties: [(l1: Double, l2: Double)]
  ) throws(LinearModelError) -> FoldResult {
    let heldOut = Set(rows)
    let train = all.y.indices.filter { !heldOut.contains($0) }
    guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
    func chosen(_ values: [Double]?, _ rows: [Int]) -> [Double]? { values.map { values in rows.map { values[$0] } } }
    let problem = try GeneralizedProblem(
      model.family, all.x.selectingRows(train), train.map { all.y[$0] }, weights: chosen(all.weights, train),
      offsets: chosen(all.offsets, train), settings: model.settings, pool: .shared)
    let share = problem.design.rows.total / (all.weights?.reduce(0, +) ?? Double(all.y.count))
    var solver = ProximalNewton(problem, settings: model.settings, pool: .shared)
    let test = all.x.selectingRows(rows)
    var predictors = Matrix<Double>(rows: rows.count, columns: penalties.count)
    var isCertified = true
    for (column, part) in penalties.enumerated() {
      let fit = try model.fit(&solver, l1: part.l1 * share, l2: part.l2 * share)
      isCertified = isCertified && fit.isCertified
      let found = try fit.predict(test, scale: .link, offsets: chosen(all.offsets, rows))
      for (row, value) in found.enumerated() { predictors[row, column] = value }
    }
    return FoldResult(predictors: predictors, isCertified: isCertified)
  }
}

extension GeneralizedLinearModel {
  /// Chooses lambda by the deviance of held-out observations, the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; that of ``penalty`` is not used.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> GeneralizedCrossValidation {
    try GeneralizedCrossValidation(self, Observations(x: x, y: y, weights: weights, offsets: offsets), grid, folds)
  }
}

extension LogisticRegression {
  /// Chooses lambda by cross-validation; see ``GeneralizedLinearModel/crossValidate(_:_:weights:offsets:grid:folds:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> GeneralizedCrossValidation {
    try general.crossValidate(x, y, weights: weights, offsets: offsets, grid: grid, folds: folds)
  }
}

extension PoissonRegression {
  /// Chooses lambda by cross-validation; see ``GeneralizedLinearModel/crossValidate(_:_:weights:offsets:grid:folds:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> GeneralizedCrossValidation {
    try general.crossValidate(x, y, weights: weights, offsets: offsets, grid: grid, folds: folds)
  }
}
