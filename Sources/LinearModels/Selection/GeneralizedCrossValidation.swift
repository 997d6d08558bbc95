public import BLAS

/// The deviances of a path's lambdas on observations that were held out, and the path on all of them.
///
/// As in ``CrossValidation`` each fold standardises its own training observations and takes its share of the penalty; the
/// error of a fold is its weighted mean unit deviance, which is the squared error for the Gaussian family.
public struct GeneralizedCrossValidation: LambdaValidation {
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

  init(
    _ model: GeneralizedLinearModel, _ all: Observations, _ grid: LambdaGrid, _ folds: Folds
  ) throws(LinearModelError) {
    let assignments = try folds.assignments(rows: all.x.rows)
    path = try model.path(all.x, all.y, weights: all.weights, offsets: all.offsets, grid: grid)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try model.penalty.with(lambda).parts(path.lambdaContext)) }
    let heldOut = try HeldOutPredictions(
      assignments, weights: all.weights, candidates: penalties.count, pool: .shared,
      error: { row, _, predictor in model.family.unitDeviance(all.y[row], linearPredictor: predictor) },
      fold: { rows throws(LinearModelError) in try FoldPredictions(without: rows, of: all, model, penalties) })
    (predictors, isCertified) = (heldOut.predictions, path.isCertified && heldOut.isCertified)
    (meanError, standardError) = (heldOut.meanError, heldOut.standardError)
  }
}

extension FamilyModel where Fit == GeneralizedLinearFit {
  /// Chooses lambda by the deviance of held-out observations, the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; that of the penalty is not used.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> GeneralizedCrossValidation {
    try GeneralizedCrossValidation(general, Observations(x: x, y: y, weights: weights, offsets: offsets), grid, folds)
  }
}
