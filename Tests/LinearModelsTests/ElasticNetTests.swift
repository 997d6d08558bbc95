import BLAS
import LinearModels
import Testing

@Suite struct ElasticNetTests {
  /// Both ways of collecting columns: all of them where n is large, a growing set elsewhere.
  static let shapes = [(200, 12), (40, 30), (25, 60), (60, 120), (2, 5)]

  /// Every combination of shape, mixing, weights, free columns and kind of design, against proximal gradient and against
  /// the optimality conditions.
  @Test(arguments: shapes, [1.0, 0.9, 0.3])
  func againstProximalGradient(_ shape: (Int, Int), _ mixing: Double) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: UInt64(n + p), density: 0.8)
    for (isWeighted, isFree) in [(false, false), (true, false), (false, true), (true, true)] where !isFree || n > 10 {
      var factors = (0..<p).map { 0.5 + Double($0 % 4) / 2 }
      if isFree { (factors[0], factors[4]) = (0, 0) }
      let weights = isWeighted ? problem.weights : nil
      let offsets = isWeighted ? problem.offsets : nil
      let naive = NaiveStandardisation(problem.x, problem.y, weights: weights, offsets: offsets)
      let settings = RegressionSettings(penaltyFactors: factors, tolerance: 1e-12)
      let largest = 2 * (naive.correlations(naive.target).map(abs).max() ?? 0)
      for share in [0.5, 0.05] {
        let lambda = share * largest
        let (l1, l2) = (lambda * mixing, lambda * (1 - mixing))
        for (kind, x) in [("dense", try problem.dense), ("sparse", try problem.sparse)] {
          let comment = "\(kind) \(n) x \(p), m \(mixing), weighted \(isWeighted), free \(isFree), share \(share)"
          let fit = try ElasticNet(lambda: .rss(lambda), mixing: mixing, settings: settings)
            .fit(x, problem.y, weights: weights, offsets: offsets)
          let b = fit.standardizedCoefficients.values
          #expect(fit.isCertified, "\(comment): gap \(fit.dualityGap)")
          let found = violation(naive, b, l1: l1, l2: l2, factors: factors)
          #expect(found < 1e-8 * largest, "\(comment): violation \(found)")
          #expect(close(found, fit.certificate.kktViolation, 1e-9 * largest), "\(comment)")
          #expect(
            close(fit.certificate.primal, primal(naive, b, l1: l1, l2: l2, factors: factors), 1e-11), "\(comment)")
          #expect(close(fit.rss, squares(naive.residual(b)), 1e-10), "\(comment)")
          guard n > 2 else { continue }
          let oracle = proximalGradient(naive, l1: l1, l2: l2, factors: factors)
          let best = primal(naive, oracle, l1: l1, l2: l2, factors: factors)
          #expect(fit.certificate.primal - best < 1e-11 * fit.certificate.reference, "\(comment)")
          #expect(fit.certificate.dual <= best + 1e-12 * fit.certificate.reference, "\(comment)")
          for j in fit.certificate.provedZero.columns { #expect(abs(oracle[j]) < 1e-9 && b[j] == 0, "\(comment)") }
        }
      }
    }
  }

  @Test(arguments: Standardisation.allCases, [true, false])
  func standardisations(_ standardisation: Standardisation, _ intercept: Bool) throws {
    let problem = TestProblem(30, 8, seed: 31, density: 0.7)
    let naive = NaiveStandardisation(problem.x, problem.y, standardisation, intercept: intercept)
    let factors = [Double](repeating: 1, count: 8)
    let lambda = 0.2 * (naive.correlations(naive.target).map(abs).max() ?? 0)
    let settings = RegressionSettings(standardisation: standardisation, intercept: intercept)
    for x in [try problem.dense, try problem.sparse] {
      let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(x, problem.y)
      #expect(fit.isCertified)
      let expected = proximalGradient(naive, l1: lambda, l2: 0, factors: factors)
      expectClose(fit.standardizedCoefficients.values, expected, 1e-7)
      for (j, scale) in naive.scales.enumerated() {
        #expect(close(fit.coefficients[j], expected[j] / scale, 1e-7))
      }
    }
  }

  /// Duplicated, constant and all-zero columns: many solutions, one objective.
  @Test(arguments: [(60, 10), (20, 40)])
  func dependentColumns(_ shape: (Int, Int)) throws {
    let (n, p) = shape
    var problem = TestProblem(n, p, seed: 33)
    for i in 0..<n {
      problem.x[i, 1] = problem.x[i, 0]
      problem.x[i, 2] = -2 * problem.x[i, 0]
      problem.x[i, 3] = 4
      problem.x[i, 5] = 0
      problem.x[i, 6] = problem.x[i, 7] + problem.x[i, 8]
    }
    let naive = NaiveStandardisation(problem.x, problem.y)
    let largest = 2 * (naive.correlations(naive.target).map(abs).max() ?? 0)
    for share in [0.5, 0.01, 1e-4] {
      let factors = [Double](repeating: 1, count: p)
      for (mixing, x) in [(1, try problem.dense), (1, try problem.sparse), (0.5, try problem.dense)] {
        let lambda = share * largest
        let fit = try ElasticNet(lambda: .rss(lambda), mixing: mixing, settings: RegressionSettings(tolerance: 1e-9))
          .fit(x, problem.y)
        #expect(fit.isCertified, "\(n) x \(p), share \(share), mixing \(mixing): gap \(fit.dualityGap)")
        let b = fit.standardizedCoefficients.values
        #expect(b[3] == 0 && b[5] == 0)
        let found = violation(naive, b, l1: lambda * mixing, l2: lambda * (1 - mixing), factors: factors)
        #expect(found < 1e-3 * lambda + 1e-9 * largest)
      }
    }
  }

  @Test func theLambdaOfTheFirstColumn() throws {
    let problem = TestProblem(50, 6, seed: 34)
    let naive = NaiveStandardisation(problem.x, problem.y)
    let largest = 2 * (naive.correlations(naive.target).map(abs).max() ?? 0)
    let above = try Lasso(lambda: .rss(largest * 1.0001)).fit(problem.dense, problem.y)
    #expect(above.coefficients.support.isEmpty && above.certificate.provedZero.count == 6)
    #expect(try Lasso(lambda: .rss(largest * 0.9999)).fit(problem.dense, problem.y).coefficients.support.count == 1)
  }

  @Test func scalesOfLambdaAgree() throws {
    let problem = TestProblem(50, 6, seed: 35)
    let mean = problem.y.reduce(0, +) / 50
    let deviation = (squares(problem.y.map { $0 - mean }) / 50).squareRoot()
    func fit(_ lambda: Lambda) throws -> [Double] {
      try ElasticNet(lambda: lambda, mixing: 0.5).fit(problem.dense, problem.y).coefficients.values
    }
    // RSS + l1 |b| + l2 b²: scikit-learn's alpha = l1/2n + l2/n, l1_ratio = l1 / (l1 + 2 l2).
    let (l1, l2) = (10.0, 5.0)
    let expected = try ElasticNet(lambda: 15, mixing: 10.0 / 15).fit(problem.dense, problem.y).coefficients.values
    expectClose(try fit(.sklearn(l1 / 100 + l2 / 50)), expected, 1e-7)
    // glmnet's penalty on y / sd(y): l1 = 2 n λ α, l2 = n λ (1 − α) / sd(y).
    let glmnet = try fit(.glmnet(0.1))
    let parts = (2 * 50 * 0.1 * 0.5, 50 * 0.1 * 0.5 / deviation)
    let same = try ElasticNet(lambda: Lambda(parts.0 + parts.1), mixing: parts.0 / (parts.0 + parts.1))
      .fit(problem.dense, problem.y).coefficients.values
    expectClose(glmnet, same, 1e-7)
    #expect(throws: LinearModelError.self) { try fit(.lars(1)) }
  }

  @Test func withoutL1ItIsRidge() throws {
    let problem = TestProblem(30, 5, seed: 36)
    let net = try ElasticNet(lambda: 4, mixing: 0).fit(problem.dense, problem.y)
    let ridge = try Ridge(lambda: 4).fit(problem.dense, problem.y)
    #expect(net.coefficients == ridge.coefficients)
    let free = try Lasso(lambda: 0).fit(problem.dense, problem.y)
    expectClose(free.coefficients.values, try Ridge(lambda: 0).fit(problem.dense, problem.y).coefficients.values, 0)
  }

  @Test func refusals() throws {
    let problem = TestProblem(10, 2, seed: 37)
    for mixing in [-0.1, 1.1, .nan] {
      #expect(throws: LinearModelError.self) { try ElasticNet(lambda: 1, mixing: mixing).fit(problem.dense, problem.y) }
    }
    for lambda in [-1, Double.nan, .infinity] {
      #expect(throws: LinearModelError.self) { try Lasso(lambda: Lambda(lambda)).fit(problem.dense, problem.y) }
    }
    #expect(throws: LinearModelError.self) {
      try Lasso(lambda: 1, settings: RegressionSettings(tolerance: 0)).fit(problem.dense, problem.y)
    }
  }

  /// One sweep is not enough, and the certificate says so.
  @Test func nothingConvergesByClaim() throws {
    let problem = TestProblem(100, 20, seed: 38, correlation: 0.95)
    let settings = RegressionSettings(tolerance: 1e-12, maximumIterations: 1)
    let fit = try Lasso(lambda: 0.5, settings: settings).fit(problem.dense, problem.y)
    #expect(fit.certificate.isCertified == (fit.dualityGap <= 1e-12))
    let impossible = try Lasso(lambda: 0.5, settings: RegressionSettings(tolerance: 1e-30)).fit(
      problem.dense, problem.y)
    #expect(impossible.certificate.isCertified == (impossible.dualityGap <= 1e-30))
    #expect(impossible.dualityGap < 1e-13)
  }
}
