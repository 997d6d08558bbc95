import BLAS

/// CV+ prediction intervals: intervals for new observations that need no model of the errors.
///
/// ```swift
/// let conformal = try Lasso(lambda: 10).conformalIntervals(x, y)
/// try conformal.predictionIntervals(new, level: 0.9)
/// ```
///
/// With the fits μ_k without the observations of fold k and the residuals R_i = |y_i − μ_{k(i)}(x_i)| of what was held out,
/// the interval at x is
///
///     [ the ⌊α (n + 1)⌋-th smallest of μ_{k(i)}(x) − R_i,  the ⌈(1 − α)(n + 1)⌉-th smallest of μ_{k(i)}(x) + R_i ],
///
/// infinite on a side where there is no such one (Barber, Candès, Ramdas and Tibshirani, "Predictive inference with the
/// jackknife+", Annals of Statistics 49, 2021, section 3). For exchangeable observations and any model that treats them
/// alike, an interval covers a new observation with a probability of at least
///
///     1 − 2α − min(2 (1 − 1/K) / (n/K + 1), (1 − K/n) / (K + 1))  ≥  1 − 2α − √(2/n)
///
/// with K folds of equal size (their Theorem 4), 1 − 2α for K = n, the jackknife+ (Theorem 1); in practice it is mostly near
/// 1 − α. The promise is one on average over all data, not at a given x, and does not hold for a lambda that was chosen by
/// the same observations. Observations of weight 0 are not among the n.
///
/// A fold's fit standardises its own columns and takes the share of lambda that its weight has, as in ``CrossValidation``.
public struct ConformalIntervals: Sendable {
  /// The fit without each fold.
  public let fits: [LinearPredictor]
  /// The fold of each observation that counts.
  public let folds: [Int]
  /// R_i of each observation that counts.
  public let residuals: [Double]
  /// Whether every fold's fit has converged.
  public let isCertified: Bool

  /// The probability that the theorem promises at a level 1 − α, with the K folds and the n observations.
  ///
  /// It is that of folds of equal size; their sizes may differ by one here.
  public func guaranteedCoverage(level: Double) -> Double {
    let (n, k) = (Double(residuals.count), Double(fits.count))
    let loss = min(2 * (1 - 1 / k) / (n / k + 1), (1 - k / n) / (k + 1))
    return max(0, 1 - 2 * (1 - level) - loss)
  }

  /// The intervals for new observations.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the fits.
  ///   - level: 1 − α, above ½ and below 1.
  ///   - offsets: One for each row; none by default.
  /// - Throws: ``LinearModelError``; ``LinearModelError/entryNotFinite(of:index:)`` for a row whose prediction leaves the
  ///   range of numbers.
  public func predictionIntervals(
    _ x: DesignMatrix, level: Double = 0.9, offsets: [Double]? = nil
  ) throws(LinearModelError) -> [ClosedRange<Double>] {
    // Above ½ the upper rank is not below the lower one, so that the ends are in order.
    guard level > 0.5, level < 1 else {
      throw .invalidParameter(name: "the level", expected: "above 0.5 and below 1", found: level)
    }
    var predictions: [[Double]] = []
    for fit in fits { predictions.append(try fit.predict(x, offsets: offsets)) }
    // Inputs near the end of the range leave it; an interval has no ends then.
    for found in predictions { try requireEntries(found, "the predictions", count: x.rows) }
    let n = residuals.count
    // ⌊α (n + 1)⌋ = n + 1 − ⌈(1 − α)(n + 1)⌉; a level like 0.9 is a little more or less than 9/10.
    let exact = level * Double(n + 1)
    let upper = Int((exact - 1e-9 * max(1, exact)).rounded(.up))
    let lower = n + 1 - upper
    return (0..<x.rows).map { row in
      let low = zip(folds, residuals).map { predictions[$0][row] - $1 }.sorted()
      let high = zip(folds, residuals).map { predictions[$0][row] + $1 }.sorted()
      let start = lower >= 1 ? low[lower - 1] : -.infinity
      let end = upper <= n ? high[upper - 1] : .infinity
      return start...end
    }
  }

  /// Puts together what a file keeps.
  ///
  /// - Parameters:
  ///   - fits: The fit without each fold.
  ///   - folds: The fold of each observation, counted from 0.
  ///   - residuals: The size of each observation's residual from the fit that did not see it.
  /// - Throws: ``LinearModelError`` for lengths that differ, a fold without a fit, or residuals that are negative.
  public init(fits: [LinearPredictor], folds: [Int], residuals: [Double]) throws(LinearModelError) {
    guard !folds.isEmpty else { throw .noObservations }
    try requireEntries(residuals, "the residuals", count: folds.count, negative: false)
    guard folds.allSatisfy({ fits.indices.contains($0) }) else {
      throw .invalidFolds("a fold outside the \(fits.count) fits")
    }
    (self.fits, self.folds, self.residuals, isCertified) = (fits, folds, residuals, true)
  }

  init(_ model: GeneralizedLinearModel, _ all: Observations, _ folds: Folds) throws(LinearModelError) {
    guard model.family == .gaussian else {
      throw .unsupported("conformal intervals of the family \(model.family.rawValue)")
    }
    let assignments = try folds.assignments(rows: all.y.count)
    guard assignments.count == 1 else { throw .unsupported("conformal intervals of repeated folds") }
    let (assignment, weight) = (assignments[0], all.weight)
    // The strength on the scale of all observations.
    let problem = try GeneralizedProblem(
      .gaussian, all.x, all.y, weights: all.weights, offsets: all.offsets, settings: model.settings, pool: .shared)
    let strength = [try model.penalty.parts(problem.lambdaContext)]
    let count = (assignment.max() ?? 0) + 1
    var results = [Result<GeneralizedLinearFit?, LinearModelError>](repeating: .success(nil), count: count)
    results.withUnsafeMutableBufferPointer { results in
      ThreadPool.shared.run(count) { fold in
        results[fold] = Result { () throws(LinearModelError) in
          var found: GeneralizedLinearFit?
          let train = assignment.indices.filter { assignment[$0] != fold }
          try model.fitEach(all.selecting(train), of: weight, strength) { (_, fit) throws(LinearModelError) in
            found = fit
            return true
          }
          return found
        }
      }
    }
    var (fits, isCertified): ([LinearPredictor], Bool) = ([], true)
    for result in results {
      guard let fit = try result.get() else { continue }
      fits.append(LinearPredictor(coefficients: fit.coefficients, intercept: fit.intercept))
      isCertified = isCertified && fit.isCertified
    }
    var (owners, residuals): ([Int], [Double]) = ([], [])
    for (fold, fit) in fits.enumerated() {
      let rows = assignment.indices.filter { assignment[$0] == fold && (all.weights?[$0] ?? 1) > 0 }
      let held = all.selecting(rows)
      for (target, prediction) in zip(held.y, try fit.predict(held.x, offsets: held.offsets)) {
        owners.append(fold)
        residuals.append((target - prediction).magnitude)
      }
    }
    (self.fits, self.folds, self.residuals, self.isCertified) = (fits, owners, residuals, isCertified)
  }
}

extension FamilyModel {
  /// Fits the folds whose residuals make CV+ intervals, side by side on the threads of the pool.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the target; none by default.
  ///   - folds: Which observations are held out together, without repeats; ten random folds by default. As many folds as
  ///     observations make the jackknife+.
  /// - Throws: ``LinearModelError``; families other than the Gaussian are refused.
  public func conformalIntervals(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil, folds: Folds = .random()
  ) throws(LinearModelError) -> ConformalIntervals {
    try ConformalIntervals(general, Observations(x: x, y: y, weights: weights, offsets: offsets), folds)
  }
}
