import BLAS
import LinearModels
import Tensors
import Testing

/// Random problems of many shapes: fewer rows than columns, constant, duplicated and nearly equal columns, weights of 0,
/// bounds and groups. Each must be certified, and the conditions of the original data must hold.
@Suite struct RandomGeneralizedTests {
  @Test(arguments: Family.allCases, 0..<40)
  func certified(_ family: Family, _ seed: Int) throws {
    var random = RandomGenerator(seed: UInt64(1000 + seed))
    func pick(_ range: ClosedRange<Int>) -> Int {
      range.lowerBound + min(Int(random.uniform() * Double(range.count)), range.count - 1)
    }
    let (n, p) = (pick(5...60), pick(1...90))
    var problem = TestProblem(
      n, p, seed: UInt64(2000 + seed), correlation: [0, 0.5, 0.95, 0.999][seed % 4], density: seed % 3 == 0 ? 0.3 : 1)
    if p > 6 {
      for row in 0..<n {
        // Without an intercept a constant column cannot be standardised, which is refused.
        if seed % 4 != 1 { problem.x[row, 1] = 3 }
        problem.x[row, 2] = problem.x[row, 0]
        problem.x[row, 3] = problem.x[row, 4] + 1e-6 * problem.x[row, 5]
      }
    }
    var y = target(family, problem, seed: UInt64(3000 + seed))
    // Both classes, and a count, among the rows that weigh something.
    (y[0], y[1]) = (1, 0)
    let weights = seed % 2 == 0 ? nil : problem.weights.enumerated().map { $0 > 1 && $0 % 7 == 3 ? 0 : $1 }
    let offsets = seed % 5 == 0 ? problem.offsets : nil
    let intercept = seed % 4 != 1
    let naive = NaiveProblem(family, problem.x, y, weights: weights, offsets: offsets, intercept: intercept)
    let none = try GeneralizedLinearModel(family, settings: RegressionSettings(intercept: intercept)).fit(
      DesignMatrix(Matrix<Double>(rows: n, columns: 0)), y, weights: weights, offsets: offsets)
    let zero = [Double](repeating: 0, count: p)
    let scale = naive.scores(naive.residuals(zero, none.intercept)).map(abs).max()!
    guard scale > 1e-9 else { return }
    let lambda = Lambda.rss(scale * [1.5, 0.3, 0.03, 0.003][pick(0...3)])
    var settings = RegressionSettings(intercept: intercept)
    var penalty = RegressionPenalty.lasso(lambda)
    switch seed % 6 {
    case 1: penalty = .elasticNet(lambda, mixing: 0.3)
    case 2: penalty = .ridge(lambda)
    case 3: settings.bounds = .nonNegative
    case 4: settings.bounds = .within(-0.1, 0.2)
    case 5: penalty = .groupLasso(lambda, ColumnGroups((0..<p).map { $0 / 3 }))
    default: break
    }
    for x in [try problem.dense, try problem.sparse] {
      let fit = try GeneralizedLinearModel(family, penalty: penalty, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
      #expect(fit.isCertified, "\(n) x \(p), \(penalty), \(fit.certificate)")
      let beta = fit.coefficients.values
      let residuals = naive.residuals(beta, fit.intercept)
      let sum = zip(naive.weights, residuals).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(!intercept || abs(sum) < 1e-7 * max(scale, 1))
      #expect(close(2 * naive.halfDeviance(beta, fit.intercept), fit.deviance, 1e-6))
      // The dual objective at the scaled residuals, by definition, for the penalties whose domain is a bound on scores.
      if case .lasso = penalty, settings.bounds == nil {
        let worst = naive.scores(residuals).map(abs).max()!
        let s = min(1, 0.5 * fit.l1 / worst)
        let dual = naive.dual(residuals.map { s * $0 })
        let b = naive.standardise(beta)
        let primal = naive.halfDeviance(beta, fit.intercept) + 0.5 * fit.l1 * b.reduce(0) { $0 + abs($1) }
        #expect(primal - dual < 1e-7 * 0.5 * fit.nullDeviance + 1e-9)
      }
    }
  }
}
