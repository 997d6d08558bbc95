import BLAS
public import Tensors

/// Intervals of coefficients by the pairs bootstrap: the model is fitted anew to observations drawn with replacement.
///
/// ```swift
/// let bootstrap = try Ridge(lambda: 20).bootstrap(x, y, resamples: 1000, random: RandomGenerator(seed: 1))
/// try bootstrap.intervals(level: 0.95)["lcavol"]
/// ```
///
/// Inputs, target, weight and offset of an observation stay together (Efron, Annals of Statistics 7, 1979; Freedman, 1981).
/// Each resample standardises its own columns and takes the share of lambda that its weight has.
///
/// The intervals are those of a penalised estimate with its bias. For the lasso the bootstrap is not consistent where a
/// coefficient is 0 (Chatterjee and Lahiri, Proceedings of the AMS 138, 2010): ``selectionFrequencies`` says how often a
/// column is in, and intervals after a selection promise nothing about what was selected.
public struct Bootstrap: Sendable {
  /// How an interval is made of the resamples.
  public enum Interval: String, Sendable, Hashable, CaseIterable {
    /// From the α/2 to the 1 − α/2 quantile of the resampled estimates.
    case percentile
    /// Twice the estimate minus these quantiles (Davison and Hinkley, Bootstrap Methods and their Application, 1997,
    /// 5.2.1): the errors of the resamples about the estimate stand for its own.
    case basic
  }

  /// Intervals of every coefficient.
  public struct Intervals: Sendable {
    /// The names of the columns.
    public let names: ColumnNames
    /// That of the intercept; from 0 to 0 without one.
    public let intercept: ClosedRange<Double>
    /// Those of the coefficients on the original scale, in the order of the columns.
    public let coefficients: [ClosedRange<Double>]

    /// The interval of a name; nil if no column is called so.
    public subscript(name: String) -> ClosedRange<Double>? { names.column(named: name).map { coefficients[$0] } }
  }

  /// The fit to all observations.
  public let fit: GeneralizedLinearFit
  /// The coefficients of each resample, on the original scale.
  public let coefficients: [Coefficients]
  /// The intercept of each resample.
  public let intercepts: [Double]
  /// Whether the fit and that of every resample have converged.
  public let isCertified: Bool

  /// The share of the resamples in which a coefficient is not 0.
  public var selectionFrequencies: Coefficients {
    var counts = [Int](repeating: 0, count: fit.coefficients.count)
    for resample in coefficients { for column in resample.support { counts[column] += 1 } }
    return Coefficients(
      names: fit.coefficients.names, values: counts.map { Double($0) / Double(coefficients.count) })
  }

  /// The standard deviation of each coefficient over the resamples, the standard error that they stand for.
  public var standardErrors: [Double] {
    (0..<fit.coefficients.count).map { column in
      let values = coefficients.map { $0[column] }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(max(values.count - 1, 1))).squareRoot()
    }
  }

  /// An interval for the intercept and for every coefficient.
  ///
  /// The q quantile of B estimates is the (B + 1) q-th smallest, between two of them by linear interpolation, and the
  /// smallest or largest where there is none beyond.
  ///
  /// - Parameters:
  ///   - level: 1 − α, between 0 and 1, both excluded.
  ///   - kind: How the interval is made; by percentiles by default.
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)``.
  public func intervals(level: Double = 0.95, _ kind: Interval = .percentile) throws(LinearModelError) -> Intervals {
    guard level > 0, level < 1 else {
      throw .invalidParameter(name: "the level", expected: "between 0 and 1, both excluded", found: level)
    }
    func interval(_ values: [Double], _ estimate: Double) -> ClosedRange<Double> {
      let sorted = values.sorted()
      let (low, high) = (Self.quantile(sorted, 0.5 * (1 - level)), Self.quantile(sorted, 0.5 * (1 + level)))
      return kind == .percentile ? low...high : 2 * estimate - high...2 * estimate - low
    }
    return Intervals(
      names: fit.coefficients.names, intercept: interval(intercepts, fit.intercept),
      coefficients: (0..<fit.coefficients.count).map { column in
        interval(coefficients.map { $0[column] }, fit.coefficients[column])
      })
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count + 1) - 1
    let below = min(max(Int(position.rounded(.down)), 0), sorted.count - 1)
    let rest = min(max(position - Double(below), 0), 1)
    return sorted[below] + rest * (sorted[min(below + 1, sorted.count - 1)] - sorted[below])
  }

  init(
    _ model: GeneralizedLinearModel, _ all: Observations, resamples: Int, random: RandomGenerator
  ) throws(LinearModelError) {
    guard resamples >= 2 else {
      throw .invalidParameter(name: "the number of resamples", expected: "at least 2", found: Double(resamples))
    }
    fit = try model.penalty.fit(model.family, model.settings, all.x, all.y, all.weights, all.offsets)
    let (strength, weight, n) = ([(l1: fit.l1, l2: fit.l2)], all.weight, all.y.count)
    var results = [Result<GeneralizedLinearFit?, LinearModelError>](repeating: .success(nil), count: resamples)
    results.withUnsafeMutableBufferPointer { results in
      ThreadPool.shared.run(resamples) { task in
        results[task] = Result { () throws(LinearModelError) in
          var generator = random.fork("resamples").fork(task)
          var times = [Int](repeating: 0, count: n)
          for _ in 0..<n { times[generator.next(upperBound: n)] += 1 }
          // An observation that is drawn twice weighs twice as much.
          let rows = times.indices.filter { times[$0] > 0 }
          let drawn = all.selecting(rows)
          let part = Observations(
            x: drawn.x, y: drawn.y, weights: rows.indices.map { (drawn.weights?[$0] ?? 1) * Double(times[rows[$0]]) },
            offsets: drawn.offsets)
          var found: GeneralizedLinearFit?
          try model.fitEach(part, of: weight, strength) { (_, fit) throws(LinearModelError) in
            found = fit
            return true
          }
          return found
        }
      }
    }
    var fits: [GeneralizedLinearFit] = []
    for result in results { if let found = try result.get() { fits.append(found) } }
    (coefficients, intercepts) = (fits.map(\.coefficients), fits.map(\.intercept))
    isCertified = fit.isCertified && fits.allSatisfy(\.isCertified)
  }
}

extension FamilyModel {
  /// Fits the model to resampled observations.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - resamples: How often n observations are drawn; 1000 by default.
  ///   - random: Where the draws come from; the same generator draws the same ones on any number of threads.
  /// - Throws: ``LinearModelError``, that of a resample too: one without weight, or without an intercept one in which a column
  ///   that is to be scaled has no spread.
  public func bootstrap(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil, resamples: Int = 1000,
    random: RandomGenerator
  ) throws(LinearModelError) -> Bootstrap {
    try Bootstrap(
      general, Observations(x: x, y: y, weights: weights, offsets: offsets), resamples: resamples, random: random)
  }
}
