public import BLAS

/// The fits of several responses along a grid of lambdas, each with its own certificate.
public struct MultiResponsePath: LambdaPath {
  /// The lambdas, descending.
  public let lambdas: [Lambda]
  /// The fit of each.
  public let fits: [MultiResponseFit]
  /// What conversions of lambda depend on.
  public let lambdaContext: LambdaContext

  /// Whether every fit has converged.
  public var isCertified: Bool { fits.allSatisfy(\.isCertified) }

  init(
    _ model: MultiResponseModel, _ problem: MultiResponseProblem, _ grid: LambdaGrid
  ) throws(LinearModelError) {
    if case .none = model.penalty { throw .unsupported("a path without a penalty") }
    var solver = RowDescent(problem.problems, settings: model.settings, pool: .shared)
    let design = problem.problems[0].design
    // glmnet's convention where nothing is ever 0: the grid of a mixing of 0.001.
    // A little above, so that rounding lets nothing in at the first lambda.
    let largest = problem.largestL1(&solver) * (1 + 1e-13) / max(model.penalty.mixing, 1e-3)
    lambdas = try grid.lambdas(largest: largest, rows: design.rows.positiveCount, columns: design.columnCount)
    var fits: [MultiResponseFit] = []
    for lambda in lambdas {
      let (l1, l2) = try model.penalty.with(lambda).parts(problem.lambdaContext)
      fits.append(try model.fit(problem, &solver, l1: l1, l2: l2))
    }
    self.fits = fits
    lambdaContext = problem.lambdaContext
  }
}

extension MultiResponseProblem {
  /// The smallest l1 at which every penalised row is 0: 2 max ‖z_j'R‖ / v_j with the residuals R of the free columns.
  fileprivate func largestL1(_ solver: inout RowDescent) -> Double {
    let (design, factors) = (problems[0].design, problems[0].factors)
    // With a huge strength only the free columns are fitted.
    let free = factors.contains(0) ? solver.fit(l1: 1e150, l2: 0).standardizedCoefficients : nil
    let correlations = problems.enumerated().map { response, problem in
      design.correlations(
        free.map { problem.residual($0[response].support, $0[response].nonzero) } ?? problem.target, pool: .shared)
    }
    let size = problems.reduce(0) { $0 + $1.targetSquares }.squareRoot()
    return factors.indices.reduce(0) { largest, column in
      let norm = RowBound.norm(correlations, column)
      // A column that the free ones determine is left with rounding errors.
      let noise = DualityBound.orthogonality * design.statistics.squaredNorms[column].squareRoot() * size
      guard factors[column] > 0, norm > noise else { return largest }
      return max(largest, 2 * norm / factors[column])
    }
  }
}

/// The errors of a path of several responses on observations that were held out.
///
/// As in ``CrossValidation`` each fold standardises its own training observations and takes its share of the penalty; the
/// error of an observation is the sum of its squared errors over the responses.
public struct MultiResponseCrossValidation: LambdaValidation {
  /// The path on all observations, whose lambdas are the ones tried.
  public let path: MultiResponsePath
  /// The mean error of each lambda.
  public let meanError: [Double]
  /// The standard error of each mean.
  public let standardError: [Double]
  /// The predictions of each observation by the fit that did not see it: n x (lambdas · responses), the responses of a
  /// lambda side by side, one matrix for each repeat.
  public let predictions: [Matrix<Double>]
  /// Whether the path and every fold's fit have converged.
  public let isCertified: Bool

  init(
    _ model: MultiResponseModel, _ x: DesignMatrix, _ y: Matrix<Double>, _ weights: [Double]?,
    _ offsets: Matrix<Double>?, _ grid: LambdaGrid, _ folds: Folds
  ) throws(LinearModelError) {
    let assignments = try folds.assignments(rows: x.rows)
    let problem = try MultiResponseProblem(model, x, y, weights, offsets)
    let path = try MultiResponsePath(model, problem, grid)
    self.path = path
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try model.penalty.with(lambda).parts(problem.lambdaContext)) }
    let (responses, strengths) = (y.columns, penalties)
    func rows(_ matrix: Matrix<Double>, _ positions: [Int]) -> Matrix<Double> {
      var result = Matrix<Double>(rows: positions.count, columns: matrix.columns)
      for (index, row) in positions.enumerated() {
        for column in 0..<matrix.columns { result[index, column] = matrix[row, column] }
      }
      return result
    }
    let heldOut = try HeldOutPredictions(
      assignments, weights: weights, candidates: penalties.count, responses: responses, pool: .shared,
      error: { row, response, prediction in (y[row, response] - prediction) * (y[row, response] - prediction) },
      fold: { held throws(LinearModelError) in
        let left = Set(held)
        let train = (0..<x.rows).filter { !left.contains($0) }
        guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
        let part = try MultiResponseProblem(
          model, x.selectingRows(train), rows(y, train), weights.map { w in train.map { w[$0] } },
          offsets.map { rows($0, train) })
        let share = part.lambdaContext.observations / problem.lambdaContext.observations
        var solver = RowDescent(part.problems, settings: model.settings, pool: .shared)
        var (found, isCertified) = (Matrix<Double>(rows: held.count, columns: strengths.count * responses), true)
        let (test, testOffsets) = (x.selectingRows(held), offsets.map { rows($0, held) })
        for (index, strength) in strengths.enumerated() {
          let fit = try model.fit(part, &solver, l1: strength.l1 * share, l2: strength.l2 * share)
          isCertified = isCertified && fit.isCertified
          let predicted = try fit.predict(test, offsets: testOffsets)
          for row in held.indices {
            for response in 0..<responses { found[row, index * responses + response] = predicted[row, response] }
          }
        }
        return FoldPredictions(predictions: found, isCertified: isCertified)
      })
    (predictions, isCertified) = (heldOut.predictions, path.isCertified && heldOut.isCertified)
    (meanError, standardError) = (heldOut.meanError, heldOut.standardError)
  }
}

extension MultiResponseModel {
  /// Fits a whole path, from the largest lambda down.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: n x T targets.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the targets, n x T; none by default.
  ///   - grid: The lambdas; that of ``penalty`` is not used.
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: Matrix<Double>, weights: [Double]? = nil, offsets: Matrix<Double>? = nil,
    grid: LambdaGrid = .automatic()
  ) throws(LinearModelError) -> MultiResponsePath {
    try MultiResponsePath(self, MultiResponseProblem(self, x, y, weights, offsets), grid)
  }

  /// Chooses lambda by cross-validation, the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: n x T targets.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the targets, n x T; none by default.
  ///   - grid: The lambdas; that of ``penalty`` is not used.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: Matrix<Double>, weights: [Double]? = nil, offsets: Matrix<Double>? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> MultiResponseCrossValidation {
    try MultiResponseCrossValidation(self, x, y, weights, offsets, grid, folds)
  }
}
