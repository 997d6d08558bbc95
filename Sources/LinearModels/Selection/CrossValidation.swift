public import BLAS

/// The errors of a path's lambdas on observations that were held out, and the path on all of them.
///
/// Each fold standardises its own training observations, and its penalty is that of the same strength per observation:
/// λ times their share of the total weight, which is what a lambda of scikit-learn or glmnet means. The error of a fold is its
/// weighted mean squared error; ``meanError`` weighs the folds by their weight, ``standardError`` is the weighted
/// standard deviation of their errors divided by √(folds − 1), as in glmnet. Repeats are averaged.
public struct CrossValidation: LambdaValidation {
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

  init(
    _ model: ElasticNet, _ observations: Observations, grid: LambdaGrid, folds: Folds, pool: ThreadPool
  ) throws(LinearModelError) {
    try model.settings.validate()
    let (y, weights) = (observations.y, observations.weights)
    let assignments = try folds.assignments(rows: observations.x.rows)
    let problem = try RegressionProblem(
      observations.x, y, weights: weights, offsets: observations.offsets, settings: model.settings, pool: pool)
    path = try RegularizationPath(model, problem, grid, PathStop(), wantsGram: true, pool: pool)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try model.parts(lambda, problem.lambdaContext)) }
    let downdating = FoldDowndating(problem, path.gram, penalties, model.settings, observations)
    let general = GeneralizedLinearModel(
      .gaussian, penalty: .elasticNet(model.lambda, mixing: model.mixing), settings: model.settings)
    let heldOut = try HeldOutPredictions(
      assignments, weights: weights, candidates: penalties.count, pool: pool,
      error: { row, _, prediction in (y[row] - prediction) * (y[row] - prediction) },
      fold: { rows throws(LinearModelError) in
        if let fast = downdating?.predictions(without: rows) { return fast }
        return try FoldPredictions(without: rows, of: observations, general, penalties)
      })
    (predictions, isCertified) = (heldOut.predictions, path.isCertified && heldOut.isCertified)
    (meanError, standardError) = (heldOut.meanError, heldOut.standardError)
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
      self, Observations(x: x, y: y, weights: weights, offsets: offsets), grid: grid, folds: folds, pool: .shared)
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

extension Ridge {
  /// Chooses lambda by cross-validation; see ``ElasticNet/crossValidate(_:_:weights:offsets:grid:folds:)``. Leave-one-out
  /// over a grid costs a single factorisation: ``RidgeAnalysis``.
  ///
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> CrossValidation {
    try ElasticNet(lambda: lambda, mixing: 0, settings: settings)
      .crossValidate(x, y, weights: weights, offsets: offsets, grid: grid, folds: folds)
  }
}
