public import BLAS

/// The relaxed lasso along a grid of lambdas.
public struct RelaxedLassoPath: Sendable {
  /// The lassos, from the largest lambda down.
  public let path: GeneralizedPath
  /// The blend of each lasso with the refit on its support.
  public let fits: [RelaxedLassoFit]

  /// The lambdas, descending.
  public var lambdas: [Lambda] { path.lambdas }
  /// Whether every lasso and every refit has converged.
  public var isCertified: Bool { fits.allSatisfy(\.isCertified) }
}

/// The deviances of a relaxed lasso on observations that were held out, over a grid of lambdas and of blends.
///
/// As in ``GeneralizedCrossValidation`` each fold standardises its own training observations and takes its share of the
/// penalty; a fold's lassos are refitted on their own supports.
public struct RelaxedLassoCrossValidation: Sendable {
  /// The path on all observations at the best blend.
  public let path: RelaxedLassoPath
  /// The blends φ that were tried, ascending.
  public let blends: [Double]
  /// The mean deviance: lambdas x blends.
  public let meanError: Matrix<Double>
  /// The standard error of each mean: lambdas x blends.
  public let standardError: Matrix<Double>
  /// The linear predictor of each observation by the fit that did not see it: n x (lambdas · blends), the blends of a
  /// lambda side by side, one matrix for each repeat.
  public let predictors: [Matrix<Double>]
  /// Whether the path, every fold's lasso and every fold's refit have converged.
  public let isCertified: Bool
  /// The positions of the lambda and of the blend with the smallest error; of equal ones the larger lambda.
  public let minimum: (lambda: Int, blend: Int)

  /// The lambdas that were tried, descending.
  public var lambdas: [Lambda] { path.lambdas }
  /// The fit on all observations at the lambda and the blend of the smallest error.
  public var minimumFit: RelaxedLassoFit { path.fits[minimum.lambda] }

  init(
    _ model: RelaxedLasso, _ all: Observations, _ grid: LambdaGrid, _ blends: [Double], _ folds: Folds
  ) throws(LinearModelError) {
    guard !blends.isEmpty else {
      throw .invalidParameter(name: "the number of blends", expected: "at least 1", found: 0)
    }
    for blend in blends { try model.validate(blend) }
    let blends = Set(blends).sorted()
    let assignments = try folds.assignments(rows: all.x.rows)
    let lasso = GeneralizedLinearModel(model.family, penalty: .lasso(model.lambda), settings: model.settings)
    let lassos = try lasso.path(all.x, all.y, weights: all.weights, offsets: all.offsets, grid: grid)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in lassos.lambdas { penalties.append(try RegressionPenalty.lasso(lambda).parts(lassos.lambdaContext)) }
    let (strengths, width) = (penalties, blends.count)
    let heldOut = try HeldOutPredictions(
      assignments, weights: all.weights, candidates: penalties.count * width, pool: .shared,
      error: { row, _, predictor in model.family.unitDeviance(all.y[row], linearPredictor: predictor) },
      fold: { rows throws(LinearModelError) in
        let train = all.rows(without: rows)
        guard !train.isEmpty else { throw .invalidFolds("no observation is left to fit to") }
        let (part, test) = (all.selecting(train), all.selecting(rows))
        var (found, isCertified) = (Matrix<Double>(rows: rows.count, columns: strengths.count * width), true)
        var last: (support: [Int], predictors: [Double])?
        try lasso.fitEach(part, of: all.weight, strengths) { (index, fit) throws(LinearModelError) in
          let support = fit.coefficients.support
          isCertified = isCertified && fit.isCertified
          // Neighbours on a path often share their support, and with it their refit.
          if last?.support != support {
            let refit = try model.refit(support, part)
            isCertified = isCertified && refit.isCertified
            last = (
              support, try refit.predict(test.x.selectingColumns(support), scale: .link, offsets: test.offsets)
            )
          }
          let (shrunk, free) = (try fit.predict(test.x, scale: .link, offsets: test.offsets), last?.predictors ?? [])
          for row in rows.indices {
            for (position, blend) in blends.enumerated() {
              found[row, index * width + position] =
                blend == 1 ? shrunk[row] : blend * shrunk[row] + (1 - blend) * free[row]
            }
          }
          return true
        }
        return FoldPredictions(predictions: found, isCertified: isCertified)
      })
    let best = heldOut.meanError.indices.min { heldOut.meanError[$0] < heldOut.meanError[$1] } ?? 0
    minimum = (best / width, best % width)
    var chosen = model
    chosen.blend = blends[best % width]
    path = try chosen.path(lassos, all)
    self.blends = blends
    meanError = Matrix(rows: penalties.count, columns: width, elements: heldOut.meanError)
    standardError = Matrix(rows: penalties.count, columns: width, elements: heldOut.standardError)
    (predictors, isCertified) = (heldOut.predictions, path.isCertified && heldOut.isCertified)
  }
}

extension RelaxedLasso {
  /// Fits the lassos of a whole path, from the largest lambda down, and refits each on its support.
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
  ) throws(LinearModelError) -> RelaxedLassoPath {
    try validate(blend)
    let lassos = try GeneralizedLinearModel(family, penalty: .lasso(lambda), settings: settings)
      .path(x, y, weights: weights, offsets: offsets, grid: grid)
    return try path(lassos, Observations(x: x, y: y, weights: weights, offsets: offsets))
  }

  /// The blends of a path of lassos.
  fileprivate func path(
    _ lassos: GeneralizedPath, _ all: Observations
  ) throws(LinearModelError) -> RelaxedLassoPath {
    var fits: [RelaxedLassoFit] = []
    for lasso in lassos.fits {
      let support = lasso.coefficients.support
      // Neighbours often share their support, and with it their refit.
      let refit =
        if let last = fits.last, last.lasso.coefficients.support == support {
          last.refit
        } else {
          try refit(support, all)
        }
      fits.append(blended(lasso, refit, all))
    }
    return RelaxedLassoPath(path: lassos, fits: fits)
  }

  /// Chooses lambda and the blend by the deviance of held-out observations, the folds side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; ``lambda`` itself is not used.
  ///   - blends: The blends φ; glmnet's five from 0 to 1 by default.
  ///   - folds: Which observations are held out together; ten random folds by default.
  /// - Throws: ``LinearModelError``.
  public func crossValidate(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), blends: [Double] = [0, 0.25, 0.5, 0.75, 1], folds: Folds = .random()
  ) throws(LinearModelError) -> RelaxedLassoCrossValidation {
    try RelaxedLassoCrossValidation(
      self, Observations(x: x, y: y, weights: weights, offsets: offsets), grid, blends, folds)
  }
}
