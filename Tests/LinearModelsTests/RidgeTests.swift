import BLAS
import LinearModels
import Testing

/// Ridge by its normal equations with Gauss–Jordan elimination, in plain loops.
func naiveRidge(_ z: NaiveStandardisation, _ lambda: Double, factors: [Double]? = nil) -> [Double] {
  let p = z.columns.count
  func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  var system: [[Double]] = []
  for i in 0..<p {
    var row = z.columns.map { dot(z.columns[i], $0) }
    row[i] += lambda * (factors?[i] ?? 1)
    system.append(row + [dot(z.columns[i], z.target)])
  }
  for pivot in 0..<p {
    let best = (pivot..<p).max { abs(system[$0][pivot]) < abs(system[$1][pivot]) }!
    system.swapAt(pivot, best)
    for row in 0..<p where row != pivot {
      let factor = system[row][pivot] / system[pivot][pivot]
      for column in pivot...p { system[row][column] -= factor * system[pivot][column] }
    }
  }
  return (0..<p).map { system[$0][p] / system[$0][$0] }
}

@Suite struct RidgeTests {
  static let shapes = [(40, 6), (12, 12), (8, 25), (1, 3)]

  /// Every method on every shape, dense and sparse, weighted or not, with offsets and free columns, against the normal
  /// equations.
  @Test(arguments: Ridge.Method.allCases, shapes)
  func againstNormalEquations(_ method: Ridge.Method, _ shape: (Int, Int)) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: UInt64(n), density: 0.7)
    for isWeighted in [false, true] {
      for isFree in [false, true] where !isFree || n > 3 {
        var factors = (0..<p).map { 0.5 + Double($0 % 3) }
        if isFree { (factors[1], factors[2]) = (0, 0) }
        let settings = RegressionSettings(penaltyFactors: factors)
        let weights = isWeighted ? problem.weights : nil
        let offsets = isWeighted ? problem.offsets : nil
        let naive = NaiveStandardisation(problem.x, problem.y, weights: weights, offsets: offsets)
        let expected = naiveRidge(naive, 3, factors: factors)
        for x in [try problem.dense, try problem.sparse] {
          let fit = try Ridge(lambda: 3, method: method, settings: settings)
            .fit(x, problem.y, weights: weights, offsets: offsets)
          expectClose(fit.standardizedCoefficients.values, expected, 1e-9, "\(method) \(n) x \(p)")
          #expect(fit.isCertified && fit.dualityGap < 1e-12)
          #expect(fit.certificate.kktViolation < 1e-9 * (1 + fit.totalSumOfSquares))
          #expect(close(fit.rss, squares(naive.residual(expected)), 1e-9))
          // The fit predicts on the original scale.
          let predictions = try fit.predict(x, offsets: offsets)
          var sum = 0.0
          for i in 0..<n {
            let error = problem.y[i] - predictions[i]
            sum += (weights?[i] ?? 1) * error * error
          }
          #expect(close(sum, fit.rss, 1e-9))
        }
      }
    }
  }

  @Test func theMethodFollowsTheShape() throws {
    func solver(_ n: Int, _ p: Int, _ lambda: Lambda) throws -> SolverReport {
      let problem = TestProblem(n, p, seed: 9)
      return try Ridge(lambda: lambda).fit(problem.dense, problem.y).solver
    }
    #expect(try solver(30, 5, 1).solver == .choleskyPrimal)
    #expect(try solver(5, 30, 1).solver == .choleskyDual)
    #expect(try solver(30, 5, 0).solver == .singularValues)
    #expect(try (0.01...1).contains(#require(solver(30, 5, 1).reciprocalCondition)))
  }

  /// A nearly dependent column with a tiny lambda: Cholesky is not trusted.
  @Test func badConditionGoesToSingularValues() throws {
    var problem = TestProblem(40, 4, seed: 10)
    for i in 0..<40 { problem.x[i, 3] = problem.x[i, 2] * (1 + 1e-9 * Double(i % 7)) }
    let fit = try Ridge(lambda: 5e-12).fit(problem.dense, problem.y)
    #expect(fit.solver.solver == .singularValues)
    #expect(try #require(fit.solver.reciprocalCondition) < 1e-12)
    #expect(fit.isCertified)
  }

  @Test func scalesOfLambdaAgree() throws {
    let problem = TestProblem(50, 4, seed: 11)
    let reference = try Ridge(lambda: 7).fit(problem.dense, problem.y)
    let mean = problem.y.reduce(0, +) / 50
    let deviation = (squares(problem.y.map { $0 - mean }) / 50).squareRoot()
    let glmnet = try Ridge(lambda: .glmnet(7 * deviation / 50)).fit(problem.dense, problem.y)
    expectClose(glmnet.coefficients.values, reference.coefficients.values, 1e-12)
    #expect(throws: LinearModelError.self) { try Ridge(lambda: .lars(1)).fit(problem.dense, problem.y) }
  }

  /// The deviation with n − 1 is larger by sqrt(n / (n − 1)), and so are the coefficients that the penalty squares.
  @Test func standardisationsAgree() throws {
    let problem = TestProblem(20, 3, seed: 12)
    let sample = try Ridge(lambda: 20, settings: RegressionSettings(standardisation: .sample))
      .fit(problem.dense, problem.y)
    let expected = try Ridge(lambda: Lambda(20 * 20.0 / 19)).fit(problem.dense, problem.y)
    expectClose(sample.coefficients.values, expected.coefficients.values, 1e-12)
  }

  @Test func withoutIntercept() throws {
    let problem = TestProblem(30, 4, seed: 13)
    for standardisation in Standardisation.allCases {
      let naive = NaiveStandardisation(problem.x, problem.y, standardisation, intercept: false)
      let settings = RegressionSettings(standardisation: standardisation, intercept: false)
      for x in [try problem.dense, try problem.sparse] {
        let fit = try Ridge(lambda: 2, settings: settings).fit(x, problem.y)
        expectClose(fit.standardizedCoefficients.values, naiveRidge(naive, 2), 1e-10)
        #expect(fit.intercept == 0 && fit.isCertified)
      }
    }
  }

  @Test func dependentColumnsGetTheSmallestNorm() throws {
    var problem = TestProblem(20, 3, seed: 14)
    for i in 0..<20 { problem.x[i, 2] = problem.x[i, 1] }
    let fit = try Ridge(lambda: 0).fit(problem.dense, problem.y)
    #expect(close(fit.coefficients[1], fit.coefficients[2], 1e-10))
    #expect(fit.isCertified)
  }

  @Test func degenerateInputs() throws {
    let constantTarget = try Ridge(lambda: 1).fit(
      TestProblem(10, 3, seed: 15).dense, [Double](repeating: 0.1, count: 10))
    #expect(constantTarget.coefficients.support.isEmpty && constantTarget.intercept == 0.1)
    #expect(constantTarget.isCertified && constantTarget.dualityGap == 0)
    let nothing = try Ridge(lambda: 1).fit(Matrix<Double>(rows: 3, columns: 0), [1, 2, 6])
    #expect(nothing.intercept == 3 && nothing.rss == 14)
    let one = try Ridge(lambda: 0).fit(Matrix<Double>(rows: 1, columns: 2, repeating: 4), [7])
    #expect(one.intercept == 7 && one.coefficients.values == [0, 0])
    for value in [-1, Double.nan, .infinity] {
      #expect(throws: LinearModelError.self) {
        try Ridge(lambda: Lambda(value)).fit(Matrix<Double>(rows: 2, columns: 1), [1, 2])
      }
    }
    #expect(throws: LinearModelError.entryNotFinite(of: "the target", index: 1)) {
      try Ridge(lambda: 1).fit(Matrix<Double>(rows: 2, columns: 1), [1, .nan])
    }
    #expect(throws: LinearModelError.wrongLength(of: "the target", expected: 2, found: 3)) {
      try Ridge(lambda: 1).fit(Matrix<Double>(rows: 2, columns: 1), [1, 2, 3])
    }
    #expect(throws: LinearModelError.noObservations) {
      try Ridge(lambda: 1).fit(Matrix<Double>(rows: 0, columns: 1), [])
    }
  }

  @Test func floatInputs() throws {
    let problem = TestProblem(25, 3, seed: 16)
    let x = Matrix(rows: 25, columns: 3, elements: problem.x.elements.map { Float($0) })
    let fit = try Ridge(lambda: 1).fit(x, problem.y.map { Float($0) })
    let expected = try Ridge(lambda: 1).fit(problem.dense, problem.y)
    expectClose(fit.coefficients.values, expected.coefficients.values, 1e-5)
    #expect(fit.dualityGap < 1e-13)
  }
}
