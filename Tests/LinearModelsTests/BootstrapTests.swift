import BLAS
import LinearModels
import Tensors
import Testing

@Suite struct BootstrapTests {
  /// Each resample against a fit of the rows that were drawn, repeated as often as they were.
  @Test(arguments: 0..<4, [false, true])
  func againstFittingRepeatedRows(_ kind: Int, _ isWeighted: Bool) throws {
    let (n, p) = (40, 5)
    let problem = TestProblem(n, p, seed: 411)
    let settings = RegressionSettings(tolerance: 1e-13)
    let weights = isWeighted ? problem.weights : nil
    let offsets = isWeighted ? problem.offsets : nil
    let penalty: RegressionPenalty = [.none, .ridge(15), .lasso(30), .elasticNet(20, mixing: 0.5)][kind]
    let random = RandomGenerator(seed: 12)
    let found = try GeneralizedLinearModel(.gaussian, penalty: penalty, settings: settings).bootstrap(
      problem.dense, problem.y, weights: weights, offsets: offsets, resamples: 9, random: random)
    #expect(found.coefficients.count == 9 && found.isCertified)
    for resample in 0..<9 {
      var generator = random.fork("resamples").fork(resample)
      let rows = (0..<n).map { _ in generator.next(upperBound: n) }
      let w = weights ?? [Double](repeating: 1, count: n)
      let share = rows.reduce(0) { $0 + w[$1] } / w.reduce(0, +)
      func scaled(_ lambda: Double) -> Lambda { .rss(lambda * share) }
      let (x, y) = (try problem.dense.selectingRows(rows), rows.map { problem.y[$0] })
      let (v, o) = (weights.map { w in rows.map { w[$0] } }, offsets.map { o in rows.map { o[$0] } })
      let fit: LinearFit =
        switch kind {
        case 0: try LeastSquares().fit(x, y, weights: v, offsets: o).fit
        case 1: try Ridge(lambda: scaled(15), settings: settings).fit(x, y, weights: v, offsets: o)
        case 2: try Lasso(lambda: scaled(30), settings: settings).fit(x, y, weights: v, offsets: o)
        default: try ElasticNet(lambda: scaled(20), mixing: 0.5, settings: settings).fit(x, y, weights: v, offsets: o)
        }
      expectClose(found.coefficients[resample].values, fit.coefficients.values, 1e-6)
      #expect(close(found.intercepts[resample], fit.intercept, 1e-6))
    }
    // The models of their own names are the same.
    let named: any FamilyModel =
      switch kind {
      case 0: LeastSquares(tolerance: 1e-13)
      case 1: Ridge(lambda: 15, settings: settings)
      case 2: Lasso(lambda: 30, settings: settings)
      default: ElasticNet(lambda: 20, mixing: 0.5, settings: settings)
      }
    let again = try named.bootstrap(
      problem.dense, problem.y, weights: weights, offsets: offsets, resamples: 9, random: random)
    #expect(again.coefficients == found.coefficients)
    let errors = found.standardErrors
    for column in 0..<p {
      let values = found.coefficients.map { $0[column] }
      let mean = values.reduce(0, +) / 9
      #expect(close(errors[column], (squares(values.map { $0 - mean }) / 8).squareRoot(), 1e-10))
      #expect(found.selectionFrequencies[column] == Double(values.count { $0 != 0 }) / 9)
    }
  }

  /// With 99 resamples and 90 % the ends are the fifth smallest and the fifth largest.
  @Test func quantiles() throws {
    let problem = TestProblem(30, 3, seed: 412)
    let found = try GeneralizedLinearModel(.gaussian, penalty: .ridge(3)).bootstrap(
      problem.dense, problem.y, resamples: 99, random: RandomGenerator(seed: 2))
    let (percentile, basic) = (try found.intervals(level: 0.9), try found.intervals(level: 0.9, .basic))
    for column in 0..<3 {
      let sorted = found.coefficients.map { $0[column] }.sorted()
      let estimate = found.fit.coefficients[column]
      #expect(close(percentile.coefficients[column].lowerBound, sorted[4], 1e-12))
      #expect(close(percentile.coefficients[column].upperBound, sorted[94], 1e-12))
      #expect(close(basic.coefficients[column].lowerBound, 2 * estimate - sorted[94], 1e-12))
      #expect(close(basic.coefficients[column].upperBound, 2 * estimate - sorted[4], 1e-12))
    }
    let sorted = found.intercepts.sorted()
    #expect(close(percentile.intercept.lowerBound, sorted[4], 1e-12))
    #expect(percentile["x2"] == percentile.coefficients[1] && percentile["z"] == nil)
    // Beyond the extremes there is nothing.
    let wide = try found.intervals(level: 0.999)
    #expect(wide.intercept == sorted[0]...sorted[98])
    // Half way between two.
    let between = try found.intervals(level: 0.91)
    #expect(close(between.intercept.lowerBound, 0.5 * (sorted[3] + sorted[4]), 1e-9))
  }

  /// Over many data sets the intervals of a least-squares slope cover it about as often as they say.
  @Test func coverage() throws {
    var covered = [0, 0]
    let sets = 250
    for set in 0..<sets {
      var random = RandomGenerator(seed: UInt64(7000 + set))
      var x = Matrix<Double>(rows: 40, columns: 1)
      var y: [Double] = []
      for row in 0..<40 {
        x[row, 0] = random.normal()
        // Errors whose size depends on x, for which pairs are right and a formula with one variance is not.
        y.append(1 + 2 * x[row, 0] + random.normal() * (0.3 + x[row, 0].magnitude))
      }
      let found = try GeneralizedLinearModel(.gaussian).bootstrap(DesignMatrix(x), y, resamples: 199, random: random)
      for (index, kind) in [Bootstrap.Interval.percentile, .basic].enumerated() {
        if try found.intervals(level: 0.9, kind).coefficients[0].contains(2) { covered[index] += 1 }
      }
    }
    for count in covered {
      let share = Double(count) / Double(sets)
      #expect(share > 0.79 && share < 0.96, "\(share) of the intervals cover")
    }
  }

  @Test func familiesAndThreads() throws {
    let problem = TestProblem(80, 3, seed: 413)
    let y = target(.poisson, problem, seed: 414)
    func resample() -> [Coefficients]? {
      try? GeneralizedLinearModel(.poisson, penalty: .lasso(4)).bootstrap(
        problem.dense, y, resamples: 12, random: RandomGenerator(seed: 5)
      ).coefficients
    }
    let outside = try #require(resample())
    var inside: [[Coefficients]?] = [nil]
    inside.withUnsafeMutableBufferPointer { inside in
      ThreadPool.shared.run(1) { _ in inside[0] = resample() }
    }
    #expect(inside[0] == outside && Set(outside).count > 1)
    #expect(throws: LinearModelError.self) {
      try GeneralizedLinearModel(.poisson).bootstrap(problem.dense, y, resamples: 1, random: RandomGenerator(seed: 5))
    }
    let found = try GeneralizedLinearModel(.gaussian).bootstrap(
      problem.dense, y, resamples: 2, random: RandomGenerator(seed: 5))
    for level in [0, 1, .nan] { #expect(throws: LinearModelError.self) { try found.intervals(level: level) } }
  }
}
