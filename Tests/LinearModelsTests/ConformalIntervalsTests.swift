import BLAS
import Foundation
import LinearModels
import Tensors
import Testing

@Suite struct ConformalIntervalsTests {
  /// The k-th smallest, counted from 1, by counting how many are not above each.
  private func smallest(_ k: Int, of values: [Double]) -> Double {
    guard k >= 1 else { return -.infinity }
    return values.filter { value in values.count { $0 <= value } >= k }.min() ?? .infinity
  }

  /// Every number from the definition, the folds fitted by the models made for them.
  @Test(arguments: 0..<3, [4, 30])
  func againstTheDefinition(_ kind: Int, _ foldCount: Int) throws {
    let (n, p) = (30, 6)
    let problem = TestProblem(n, p, seed: 421)
    let folds = Folds.random(count: foldCount, seed: 3)
    let assignment = try folds.assignments(rows: n)[0]
    let settings = RegressionSettings(tolerance: 1e-13)
    let weights = kind == 2 ? problem.weights.enumerated().map { $0 == 4 ? 0 : $1 } : nil
    let offsets = kind == 2 ? problem.offsets : nil
    let penalty: RegressionPenalty = [.lasso(25), .ridge(10), .elasticNet(8, mixing: 0.5)][kind]
    let found = try GeneralizedLinearModel(.gaussian, penalty: penalty, settings: settings)
      .conformalIntervals(problem.dense, problem.y, weights: weights, offsets: offsets, folds: folds)
    #expect(found.isCertified && found.fits.count == foldCount)
    let new = TestProblem(7, p, seed: 422)
    let newOffsets = kind == 2 ? new.offsets : nil
    var predictions: [[Double]] = []
    var residuals = [Double](repeating: 0, count: n)
    let w = weights ?? [Double](repeating: 1, count: n)
    for fold in 0..<foldCount {
      let train = (0..<n).filter { assignment[$0] != fold }
      let share = train.reduce(0) { $0 + w[$1] } / w.reduce(0, +)
      let mixing = [1, 0, 0.5][kind]
      let lambda = Lambda.rss([25, 10, 8][kind] * share)
      let fit = try ElasticNet(lambda: lambda, mixing: mixing, settings: settings).fit(
        problem.dense.selectingRows(train), train.map { problem.y[$0] },
        weights: weights.map { w in train.map { w[$0] } },
        offsets: offsets.map { o in train.map { o[$0] } })
      predictions.append(try fit.predict(new.dense, offsets: newOffsets))
      for row in (0..<n) where assignment[row] == fold {
        let held = try fit.predict(problem.dense.selectingRows([row]), offsets: offsets.map { [$0[row]] })[0]
        residuals[row] = abs(problem.y[row] - held)
      }
    }
    let counted = (0..<n).filter { w[$0] > 0 }
    let m = counted.count
    // Levels whose ranks are no whole numbers, so that rounding has no say.
    for level in [0.93, 0.805, 0.57] {
      let intervals = try found.predictionIntervals(new.dense, level: level, offsets: newOffsets)
      for row in 0..<7 {
        let low = counted.map { predictions[assignment[$0]][row] - residuals[$0] }
        let high = counted.map { predictions[assignment[$0]][row] + residuals[$0] }
        let lower = smallest(Int(((1 - level) * Double(m + 1)).rounded(.down)), of: low)
        let upper = smallest(Int((level * Double(m + 1)).rounded(.up)), of: high)
        #expect(close(intervals[row].lowerBound, lower, 1e-6) && close(intervals[row].upperBound, upper, 1e-6))
      }
    }
  }

  /// Over many data sets new observations are covered at least as often as promised, and near the level.
  @Test func coverage() throws {
    var (covered, count, width) = (0, 0, 0.0)
    var promised = 0.0
    for set in 0..<150 {
      var random = RandomGenerator(seed: UInt64(9000 + set))
      func draw(_ rows: Int) -> (x: Matrix<Double>, y: [Double]) {
        var (x, y) = (Matrix<Double>(rows: rows, columns: 8), [Double]())
        for row in 0..<rows {
          for column in 0..<8 { x[row, column] = random.normal() }
          // Errors with long tails on one side.
          y.append(3 * x[row, 0] - x[row, 5] - log(max(random.uniform(), 1e-12)))
        }
        return (x, y)
      }
      let (train, new) = (draw(50), draw(10))
      let found = try GeneralizedLinearModel(.gaussian, penalty: .lasso(10)).conformalIntervals(
        DesignMatrix(train.x), train.y, folds: .random(count: 10, seed: UInt64(set)))
      for (interval, y) in zip(try found.predictionIntervals(DesignMatrix(new.x), level: 0.9), new.y) {
        covered += interval.contains(y) ? 1 : 0
        count += 1
        width += interval.upperBound - interval.lowerBound
      }
      promised = found.guaranteedCoverage(level: 0.9)
    }
    let share = Double(covered) / Double(count)
    // 1 − 0.2 − min(2 · 0.9 / 6, 0.8 / 11).
    #expect(close(promised, 0.8 - 0.8 / 11, 1e-12))
    #expect(share >= promised && share > 0.87 && share < 0.96, "\(share) covered")
    #expect(width / Double(count) < 6)
  }

  @Test func ranksThatAreNotThere() throws {
    let problem = TestProblem(5, 1, seed: 423)
    let model = GeneralizedLinearModel(.gaussian, penalty: .ridge(1))
    let found = try model.conformalIntervals(problem.dense, problem.y, folds: .random(count: 5))
    // ⌈0.9 · 6⌉ = 6 of 5.
    #expect(try found.predictionIntervals(problem.dense, level: 0.9).allSatisfy { $0 == -.infinity ... .infinity })
    // ⌈0.8 · 6⌉ = 5.
    #expect(try found.predictionIntervals(problem.dense, level: 0.8).allSatisfy { $0.upperBound.isFinite })
    #expect(close(found.guaranteedCoverage(level: 0.9), 0.8, 1e-12))
    for level in [0.5, 1, .nan] {
      #expect(throws: LinearModelError.self) { try found.predictionIntervals(problem.dense, level: level) }
    }
    #expect(throws: LinearModelError.self) {
      try model.conformalIntervals(problem.dense, problem.y, folds: .random(count: 2, repeats: 2))
    }
    #expect(throws: LinearModelError.self) {
      try GeneralizedLinearModel(.poisson).conformalIntervals(problem.dense, [1, 2, 3, 1, 2])
    }
    let kept = try ConformalIntervals(fits: found.fits, folds: found.folds, residuals: found.residuals)
    #expect(
      try kept.predictionIntervals(problem.dense, level: 0.8) == found.predictionIntervals(problem.dense, level: 0.8))
    #expect(throws: LinearModelError.self) { try ConformalIntervals(fits: [], folds: [0], residuals: [1]) }
    #expect(throws: LinearModelError.self) {
      try ConformalIntervals(fits: found.fits, folds: [0], residuals: [-1])
    }
  }

  /// Predictions of finite inputs may be infinite, or differences of infinities, which no interval has for an end.
  @Test func predictionsBeyondTheRangeAreRefused() throws {
    let problem = TestProblem(30, 2, seed: 431)
    let far = try DesignMatrix(
      Matrix(rows: 2, columns: 2, elements: [1, 1, .greatestFiniteMagnitude, .greatestFiniteMagnitude]))
    let predictor = try LinearPredictor(names: ["x1", "x2"], coefficients: [3, -5], intercept: 0)
    let conformal = try ConformalIntervals(fits: [predictor, predictor], folds: [0, 1], residuals: [1, 1])
    #expect(throws: LinearModelError.entryNotFinite(of: "the predictions", index: 1)) {
      try conformal.predictionIntervals(far)
    }
    var y = problem.y
    for row in y.indices { y[row] = 3 * problem.x[row, 0] - 5 * problem.x[row, 1] + 0.01 * y[row] }
    let fit = try LeastSquares().fit(problem.dense, y)
    #expect(throws: LinearModelError.entryNotFinite(of: "the predictions", index: 1)) {
      try fit.predictionIntervals(far)
    }
  }
}
