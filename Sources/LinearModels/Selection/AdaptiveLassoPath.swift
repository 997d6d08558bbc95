public import BLAS

/// The adaptive lasso along a grid of lambdas, with one pilot.
public struct AdaptiveLassoPath: LambdaPath {
  /// The pilot fit.
  public let pilot: GeneralizedLinearFit
  /// The penalty factors made of it.
  public let factors: [Double]
  /// The lasso with these factors.
  public let path: GeneralizedPath

  /// The lambdas, descending.
  public var lambdas: [Lambda] { path.lambdas }
  /// The lasso's fit of each.
  public var fits: [GeneralizedLinearFit] { path.fits }
  /// Whether the pilot and every fit have converged.
  public var isCertified: Bool { pilot.isCertified && path.isCertified }
}

/// The deviances of an adaptive lasso's lambdas on observations that were held out.
///
/// Every fold has a pilot of its own training observations, so that nothing of what is predicted has been seen; otherwise
/// as in ``GeneralizedCrossValidation``.
public struct AdaptiveLassoCrossValidation: LambdaValidation {
  /// The path on all observations, whose lambdas are the ones tried.
  public let path: AdaptiveLassoPath
  /// The mean deviance of each lambda.
  public let meanError: [Double]
  /// The standard error of each mean.
  public let standardError: [Double]
  /// The linear predictor of each observation by the fit that did not see it: n x lambdas, one matrix for each repeat.
  public let predictors: [Matrix<Double>]
  /// Whether the path, every fold's pilot and every fold's fit have converged.
  public let isCertified: Bool

  init(
    _ model: AdaptiveLasso, _ all: Observations, _ grid: LambdaGrid, _ folds: Folds
  ) throws(LinearModelError) {
    let assignments = try folds.assignments(rows: all.x.rows)
    let path = try model.path(all.x, all.y, weights: all.weights, offsets: all.offsets, grid: grid)
    self.path = path
    let context = path.path.lambdaContext
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in path.lambdas { penalties.append(try RegressionPenalty.lasso(lambda).parts(context)) }
    let (pilot, strengths) = (try model.pilotModel.penalty.parts(context), penalties)
    let heldOut = try HeldOutPredictions(
      assignments, weights: all.weights, candidates: penalties.count, pool: .shared,
      error: { row, _, predictor in model.family.unitDeviance(all.y[row], linearPredictor: predictor) },
      fold: { rows throws(LinearModelError) in
        let train = all.rows(without: rows)
        guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
        var first: GeneralizedLinearFit?
        try model.pilotModel.fitEach(all.selecting(train), of: all.weight, [pilot]) {
          (_, fit) throws(LinearModelError) in
          first = fit
          return true
        }
        guard let first else { throw .noObservations }
        let fold = try FoldPredictions(without: rows, of: all, model.second(model.factors(first)), strengths)
        return FoldPredictions(
          predictions: fold.predictions, isCertified: fold.isCertified && first.isCertified)
      })
    (predictors, isCertified) = (heldOut.predictions, path.isCertified && heldOut.isCertified)
    (meanError, standardError) = (heldOut.meanError, heldOut.standardError)
  }
}

extension AdaptiveLasso {
  /// Fits the pilot and then a whole path, from the largest lambda down.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; ``lambda`` itself is not used.
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic()
  ) throws(LinearModelError) -> AdaptiveLassoPath {
    let pilot = try pilotFit(x, y, weights, offsets)
    let factors = factors(pilot)
    return AdaptiveLassoPath(
      pilot: pilot, factors: factors,
      path: try second(factors).path(x, y, weights: weights, offsets: offsets, grid: grid))
  }

  /// Chooses lambda by the deviance of held-out observations, a pilot for each fold.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; ``lambda`` itself is not used.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), folds: Folds = .random()
  ) throws(LinearModelError) -> AdaptiveLassoCrossValidation {
    try AdaptiveLassoCrossValidation(
      self, Observations(x: x, y: y, weights: weights, offsets: offsets), grid, folds)
  }
}
