import BLAS
import Foundation
import LinearModels
import Testing

@Suite struct PathTests {
  /// Every point is the fit of its lambda by itself, from either way of collecting columns, dense and sparse.
  @Test(arguments: [(80, 12), (30, 80)], [1.0, 0.6])
  func pointsAreFits(_ shape: (Int, Int), _ mixing: Double) throws {
    let problem = TestProblem(shape.0, shape.1, seed: 61, density: 0.8)
    let factors = (0..<shape.1).map { $0 == 2 ? 0 : 1 + Double($0 % 2) }
    let model = ElasticNet(
      lambda: 1, mixing: mixing, settings: RegressionSettings(penaltyFactors: factors, tolerance: 1e-11))
    for x in [try problem.dense, try problem.sparse] {
      let path = try model.path(x, problem.y, weights: problem.weights, grid: .automatic(count: 12, ratio: 0.01))
      #expect(path.isCertified && path.fits.count == 12 && path.stopped == nil)
      #expect(path.fits[0].standardizedCoefficients.support == [2])
      for (lambda, fit) in zip(path.lambdas, path.fits) {
        var single = model
        single.lambda = lambda
        let expected = try single.fit(x, problem.y, weights: problem.weights)
        expectClose(fit.coefficients.values, expected.coefficients.values, 1e-5)
        #expect(close(fit.certificate.primal, expected.certificate.primal, 1e-10))
        #expect(close(fit.rss, expected.rss, 1e-5))
      }
      // Off the grid it is solved.
      let between = Lambda((path.lambdas[4].value + path.lambdas[5].value) / 2)
      let solved = try path.fit(at: between)
      var single = model
      single.lambda = between
      let expected = try single.fit(x, problem.y, weights: problem.weights)
      #expect(solved.isCertified && close(solved.certificate.primal, expected.certificate.primal, 1e-10))
    }
  }

  /// Without an L1 part many lambdas come from one factorisation, and are those of a factor each; few do not ask for it.
  @Test(arguments: [(80, 12), (30, 80)])
  func ridgePathsAreRidges(_ shape: (Int, Int)) throws {
    let problem = TestProblem(shape.0, shape.1, seed: 66, density: 0.8)
    let factors = (0..<shape.1).map { $0 == 2 ? 0 : 1 + Double($0 % 2) }
    let settings = RegressionSettings(penaltyFactors: factors, tolerance: 1e-11)
    let model = ElasticNet(lambda: 1, mixing: 0, settings: settings)
    let lambdas = (0..<14).map { Lambda(1000 * pow(0.3, Double($0))) } + [0]
    for x in [try problem.dense, try problem.sparse] {
      let path = try model.path(x, problem.y, weights: problem.weights, grid: .values(lambdas))
      let few = try model.path(x, problem.y, weights: problem.weights, grid: .values(Array(lambdas.prefix(3))))
      #expect(path.isCertified && path.fits.count == 15)
      #expect(path.fits.dropLast().allSatisfy { $0.solver.solver == .eigen })
      #expect(few.fits.allSatisfy { $0.solver.solver != .eigen })
      for (lambda, fit) in zip(path.lambdas, path.fits) {
        let expected = try Ridge(lambda: lambda, settings: settings).fit(x, problem.y, weights: problem.weights)
        expectClose(fit.coefficients.values, expected.coefficients.values, 1e-9)
        #expect(close(fit.certificate.primal, expected.certificate.primal, 1e-10))
      }
    }
  }

  @Test func grids() throws {
    let problem = TestProblem(40, 5, seed: 62)
    let model = Lasso(lambda: 1)
    let automatic = try model.path(problem.dense, problem.y)
    #expect(automatic.lambdas.count == 100)
    #expect(close(automatic.lambdas[99].value / automatic.lambdas[0].value, 1e-4, 1e-12))
    let naive = NaiveStandardisation(problem.x, problem.y)
    #expect(close(automatic.lambdas[0].value, 2 * (naive.correlations(naive.target).map(abs).max() ?? 0), 1e-12))
    let given = try model.path(problem.dense, problem.y, grid: .values([.sklearn(0.1), .sklearn(0.5), .sklearn(0.1)]))
    #expect(given.lambdas == [.sklearn(0.5), .sklearn(0.1)])
    let single = try Lasso(lambda: .sklearn(0.1)).fit(problem.dense, problem.y)
    expectClose(given.fits[1].coefficients.values, single.coefficients.values, 1e-6)
    for grid in [
      LambdaGrid.automatic(count: 0), .automatic(ratio: 1), .automatic(ratio: .nan), .values([.rss(1), .sklearn(1)]),
      .values([.rss(-1)]),
    ] {
      #expect(throws: LinearModelError.self) { try model.path(problem.dense, problem.y, grid: grid) }
    }
  }

  @Test func stopsWhereItIsTold() throws {
    let problem = TestProblem(40, 10, seed: 63)
    let model = Lasso(lambda: 1)
    let few = try model.path(problem.dense, problem.y, stop: PathStop(maximumNonzero: 2))
    #expect(few.stopped != nil && few.fits.count == few.lambdas.count && few.fits.count < 100)
    #expect(few.fits.dropLast().allSatisfy { $0.coefficients.support.count <= 2 })
    let good = try model.path(problem.dense, problem.y, stop: PathStop(maximumRSquared: 0.5))
    #expect(try #require(good.fits.last).rSquared >= 0.5)
    #expect(good.fits.dropLast().allSatisfy { $0.rSquared < 0.5 })
  }

  @Test func targetsWithoutSpread() throws {
    let problem = TestProblem(20, 4, seed: 64)
    let path = try Lasso(lambda: 1).path(problem.dense, [Double](repeating: 3, count: 20))
    #expect(path.lambdas.count == 1 && path.fits[0].coefficients.support.isEmpty && path.isCertified)
    let ridge = try ElasticNet(lambda: 1, mixing: 0).path(problem.dense, problem.y, grid: .automatic(count: 3))
    #expect(ridge.fits.count == 3 && ridge.isCertified)
  }

  /// The degrees of freedom of curvature by the hat matrix's trace, tr Z_A (Z_A'Z_A + β)⁻¹ Z_A', through finite differences
  /// of the fitted values in the target.
  @Test(arguments: [1.0, 0.5])
  func degreesOfFreedom(_ mixing: Double) throws {
    let problem = TestProblem(30, 6, seed: 65, density: 0.8)
    let grid = LambdaGrid.values([.rss(20)])
    let model = ElasticNet(lambda: 20, mixing: mixing, settings: RegressionSettings(tolerance: 1e-14))
    for x in [try problem.dense, try problem.sparse] {
      let path = try model.path(x, problem.y, grid: grid)
      var trace = 0.0
      for i in 0..<30 {
        func fitted(_ step: Double) throws -> Double {
          var y = problem.y
          y[i] += step
          return try model.fit(x, y).predict(x)[i]
        }
        trace += (try fitted(1e-4) - fitted(-1e-4)) / 2e-4
      }
      #expect(close(path.degreesOfFreedom[0] + 1, trace, 1e-6))
    }
  }

  @Test func informationCriteria() throws {
    let problem = TestProblem(50, 8, seed: 66)
    let path = try Lasso(lambda: 1).path(problem.dense, problem.y, grid: .automatic(count: 20, ratio: 1e-3))
    let (akaike, bayes) = (path.informationCriteria(.akaike), path.informationCriteria(.bayes))
    let extended = path.informationCriteria(.extendedBayes(gamma: 1))
    // C(8, k) for k = 0 to 8, and ln 50.
    let choices: [Double] = [1, 8, 28, 56, 70, 56, 28, 8, 1]
    for (index, fit) in path.fits.enumerated() {
      let k = fit.coefficients.support.count
      #expect(close(bayes[index] - akaike[index], Double(k + 1) * (3.912023005428146 - 2), 1e-10))
      #expect(extended[index] - bayes[index] >= -1e-9)
      if k == 0 { #expect(close(extended[index], bayes[index], 1e-12)) }
      if choices[k] == 8 { #expect(close(extended[index] - bayes[index], 2 * 2.0794415416798357, 1e-10)) }
    }
    // 50 ln(RSS / 50) + 2 (k + 1), at the null model.
    let mean = problem.y.reduce(0, +) / 50
    let variance = problem.y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50
    #expect(close(akaike[0], 50 * logarithm(variance) + 2, 1e-10))
  }

  /// The natural logarithm by its series, so that the test needs no library.
  private func logarithm(_ value: Double) -> Double {
    var (reduced, exponent) = (value, 0.0)
    while reduced > 1.5 { (reduced, exponent) = (reduced / 2, exponent + 1) }
    while reduced < 0.75 { (reduced, exponent) = (reduced * 2, exponent - 1) }
    let ratio = (reduced - 1) / (reduced + 1)
    var (sum, power) = (0.0, ratio)
    for k in stride(from: 1.0, to: 80, by: 2) {
      sum += 2 * power / k
      power *= ratio * ratio
    }
    return sum + exponent * 0.6931471805599453
  }
}
