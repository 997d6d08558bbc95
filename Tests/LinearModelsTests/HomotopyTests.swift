import BLAS
import LinearModels
import Testing

@Suite struct HomotopyTests {
  /// At, above and between the knots the path is the lasso's solution, for every kind of problem.
  @Test(arguments: [(60, 8), (30, 30), (20, 45), (3, 6)], [false, true])
  func fitsAreOptimal(_ shape: (Int, Int), _ isWeighted: Bool) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: 81, density: 0.9)
    let factors = (0..<p).map { $0 == 1 && n > 3 ? 0 : 1 + Double($0 % 3) / 2 }
    let settings = RegressionSettings(penaltyFactors: factors, tolerance: 1e-10)
    let (weights, offsets) = (isWeighted ? problem.weights : nil, isWeighted ? problem.offsets : nil)
    let naive = NaiveStandardisation(problem.x, problem.y, weights: weights, offsets: offsets)
    for x in [try problem.dense, try problem.sparse] {
      let path = try LassoHomotopy(settings: settings).fit(x, problem.y, weights: weights, offsets: offsets)
      #expect(path.isComplete && path.knots.count >= min(n - 1, p) - 1)
      for (above, below) in zip(path.knots, path.knots.dropFirst()) {
        #expect(above.lambda.value >= below.lambda.value)
      }
      // The first entry is at the largest lambda of a grid.
      let grid = try Lasso(lambda: 1, settings: settings).path(
        x, problem.y, weights: weights, offsets: offsets, grid: .automatic(count: 20, ratio: 1e-3))
      #expect(close(grid.lambdas[0].value, path.knots[0].lambda.value, 1e-10))
      var lambdas = grid.lambdas.map(\.value) + path.knots.map(\.lambda.value)
      lambdas.append(2 * lambdas[0])
      for lambda in lambdas where lambda > 1e-6 * lambdas[0] {
        let fit = try path.fit(at: .rss(lambda))
        #expect(fit.isCertified, "\(n) x \(p) at \(lambda): gap \(fit.dualityGap)")
        let b = fit.standardizedCoefficients.values
        let found = violation(naive, b, l1: lambda, l2: 0, factors: factors)
        #expect(found <= 1e-8 * lambdas[0])
      }
      for (lambda, fit) in zip(grid.lambdas, grid.fits) where n > p {
        expectClose(try path.fit(at: lambda).coefficients.values, fit.coefficients.values, 1e-4)
      }
    }
  }

  /// Duplicated and constant columns: still a solution, with one of the columns.
  @Test func dependentColumns() throws {
    var problem = TestProblem(40, 8, seed: 82)
    for i in 0..<40 {
      problem.x[i, 3] = problem.x[i, 0]
      problem.x[i, 4] = 2
      problem.x[i, 6] = problem.x[i, 1] + problem.x[i, 2]
    }
    let path = try LassoHomotopy().fit(problem.dense, problem.y)
    #expect(path.isComplete)
    for share in [0.9, 0.5, 0.1, 0.01, 1e-4] {
      #expect(try path.fit(at: .rss(path.knots[0].lambda.value * share)).isCertified)
    }
  }

  @Test func ends() throws {
    let problem = TestProblem(50, 10, seed: 83)
    let short = try LassoHomotopy(maximumKnots: 3).fit(problem.dense, problem.y)
    #expect(!short.isComplete && short.knots.count == 3)
    #expect(throws: LinearModelError.self) { try short.fit(at: .rss(short.knots[2].lambda.value * 0.9)) }
    #expect(try short.fit(at: short.knots[2].lambda).isCertified)
    let flat = try LassoHomotopy().fit(problem.dense, [Double](repeating: 1, count: 50))
    #expect(flat.knots.isEmpty && flat.isComplete)
    #expect(try flat.fit(at: 1).intercept == 1)
    let nothing = try LassoHomotopy().fit(Matrix<Double>(rows: 3, columns: 0), [1, 2, 6])
    #expect(nothing.knots.isEmpty)
    #expect(throws: LinearModelError.self) { try LassoHomotopy(smallestRatio: 0).fit(problem.dense, problem.y) }
  }

  @Test(.enabled(if: PublishedData.isThere, "set RIDGELINE_DATA to a folder with regression/ in it"))
  func theTwelveKnotsOfDiabetes() throws {
    let (x, y) = try PublishedData.diabetes()
    let path = try LassoHomotopy().fit(x, y)
    #expect(path.knots.count == 12)
    for (knot, expected) in zip(path.knots, PublishedLassoTests.knots) {
      let lars = try knot.lambda.converted(to: .lars, term: .l1, in: path.lambdaContext)
      #expect(abs(lars.value / expected.value - 1) < 1e-9)
      #expect(path.names[knot.column] == expected.name && knot.enters == expected.enters)
    }
    // At the end stands least squares.
    let end = try path.fit(at: 0)
    #expect(abs(end.rss - 1_263_983.156255) < 1e-5)
    expectClose(end.coefficients.values, try LeastSquares().fit(x, y).fit.coefficients.values, 1e-9)
  }
}
