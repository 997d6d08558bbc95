import BLAS
import Tensors
import Testing

@testable import LinearModels

@Suite struct MultiResponseTests {
  let problem = TestProblem(50, 8, seed: 91, density: 0.8)

  /// Responses that share some columns.
  private func responses(_ count: Int, _ problem: TestProblem) -> Matrix<Double> {
    var y = Matrix<Double>(rows: problem.x.rows, columns: count)
    for response in 0..<count {
      for (row, value) in target(.gaussian, problem, seed: 92 + UInt64(response)).enumerated() {
        y[row, response] = value * (1 + 0.2 * Double(response)) + 0.3 * problem.y[row]
      }
    }
    return y
  }

  private func column(_ y: Matrix<Double>, _ k: Int) -> [Double] { (0..<y.rows).map { y[$0, k] } }

  /// One response is the lasso and the elastic net.
  @Test(arguments: [1.0, 0.6])
  func oneResponse(_ mixing: Double) throws {
    let y = responses(1, problem)
    let settings = RegressionSettings(penaltyFactors: [1, 0, 2, 1, 1, 0.5, 1, 1], tolerance: 1e-12)
    let several = try MultiResponseModel(.elasticNet(20, mixing: mixing), settings: settings)
      .fit(problem.dense, y, weights: problem.weights)
    let single = try ElasticNet(lambda: 20, mixing: mixing, settings: settings)
      .fit(problem.dense, column(y, 0), weights: problem.weights)
    #expect(several.isCertified)
    expectClose(several.coefficients[0].values, single.coefficients.values, 1e-8)
    #expect(close(several.intercepts[0], single.intercept, 1e-8) && close(several.rss[0], single.rss, 1e-9))
    #expect(close(several.certificate.primal, single.certificate.primal, 1e-12))
    #expect(several.certificate.provedZero == single.certificate.provedZero)
  }

  /// Ridge of several targets is a ridge of each, through every system.
  @Test(arguments: [(50, 8), (12, 30)], [0.0, 3])
  func ridgeSeparates(_ shape: (Int, Int), _ lambda: Double) throws {
    let problem = TestProblem(shape.0, shape.1, seed: 93)
    let y = responses(3, problem)
    let cases: [(DesignMatrix, [Double]?)] = [
      (try problem.dense, nil), (try problem.sparse, [Double](repeating: 1, count: shape.1 - 1) + [0]),
    ]
    for (x, factors) in cases {
      let settings = RegressionSettings(penaltyFactors: factors, tolerance: 1e-10)
      let several = try MultiResponseRidge(lambda: .rss(lambda), settings: settings)
        .fit(x, y, weights: problem.weights)
      #expect(several.isCertified)
      var primal = 0.0
      for k in 0..<3 {
        let single = try Ridge(lambda: .rss(lambda), settings: settings)
          .fit(x, column(y, k), weights: problem.weights)
        expectClose(several.coefficients[k].values, single.coefficients.values, 1e-8)
        #expect(several.solver.solver == single.solver.solver)
        primal += single.certificate.primal
      }
      #expect(close(several.certificate.primal, primal, 1e-10))
    }
  }

  /// No dual lies above any primal, the gap is that of the definitions, and what is proved zero is zero.
  @Test(arguments: [0.0, 1.5])
  func weakDuality(_ l2: Double) throws {
    let y = responses(3, problem)
    let first = try RegressionProblem(
      problem.dense, column(y, 0), weights: problem.weights, offsets: nil, settings: RegressionSettings(), pool: .shared
    )
    var problems = [first]
    for k in 1..<3 { problems.append(try RegressionProblem(first, column(y, k), offsets: nil)) }
    let penalty = CoordinatePenalty(l1: 12, l2: l2, factors: first.factors)
    var solver = RowDescent(problems, settings: RegressionSettings(tolerance: 1e-13), pool: .shared)
    let optimum = solver.fit(l1: 12, l2: l2)
    #expect(optimum.isCertified)
    let best = optimum.standardizedCoefficients.map(\.values)
    #expect(optimum.certificate.provedZero.columns == (0..<8).filter { j in best.allSatisfy { $0[j] == 0 } })
    var random = RandomGenerator(seed: 94)
    for trial in 0..<80 {
      let size = [0.001, 0.05, 0.5, 2][trial % 4]
      let b = best.map { $0.map { value in value + (random.uniform() < 0.3 ? 0 : size * random.normal()) } }
      let residuals = zip(problems, b).map { $0.residual(Array($1.indices), $1) }
      let u = residuals.map { first.design.correlations($0, pool: .shared) }
      let bound = RowBound(problems, penalty, residuals, b, u)
      let rowNorms = (0..<8).map { j in squares(b.map { $0[j] }).squareRoot() }
      var primal = 0.5 * residuals.reduce(0) { $0 + squares($1) }
      for size in rowNorms { primal += 6 * size + 0.5 * l2 * size * size }
      #expect(close(bound.primal, primal, 1e-12))
      var dual = 0.0
      let s = bound.scaling
      for (problem, r) in zip(problems, residuals) {
        dual += s * zip(r, problem.target).reduce(0) { $0 + $1.0 * $1.1 } - 0.5 * s * s * squares(r)
      }
      for j in 0..<8 {
        let excess = s * squares(u.map { $0[j] }).squareRoot() - 6
        if l2 > 0 { dual -= 0.5 * max(excess, 0) * max(excess, 0) / l2 } else { #expect(excess < 1e-9) }
      }
      let certificate = bound.certificate(
        penalty, u, first.design.statistics, iterations: 0, settings: RegressionSettings())
      #expect(close(certificate.dual, dual, 1e-10))
      #expect(dual <= optimum.certificate.primal * (1 + 1e-12))
      for column in certificate.provedZero.columns { #expect(best.allSatisfy { $0[column] == 0 }) }
    }
  }

  /// A growing working set, and more unknowns than a Newton step is made for.
  @Test func wide() throws {
    let problem = TestProblem(40, 120, seed: 95)
    let y = responses(30, problem)
    let largest = (0..<120).map { j in
      let z = (0..<30).map { k in
        let naive = NaiveStandardisation(problem.x, column(y, k))
        return zip(naive.columns[j], naive.target).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return 2 * squares(z).squareRoot()
    }.max()!
    let none = try MultiTaskLasso(lambda: .rss(largest * 1.0001)).fit(problem.dense, y)
    #expect(none.coefficients.allSatisfy { $0.support.isEmpty } && none.certificate.provedZero.count == 120)
    for x in [try problem.dense, try problem.sparse] {
      let fit = try MultiTaskLasso(lambda: .rss(0.1 * largest), settings: RegressionSettings(tolerance: 1e-9)).fit(x, y)
      #expect(fit.isCertified, "\(fit.certificate)")
      // A row is in for all responses or for none.
      for j in 0..<120 { #expect(Set(fit.coefficients.map { $0[j] == 0 }).count == 1) }
    }
  }

  @Test func predictionsAndTable() throws {
    let y = responses(2, problem)
    let fit = try MultiTaskLasso(lambda: 30).fit(problem.dense, y)
    let predictions = try fit.predict(problem.dense)
    for k in 0..<2 {
      var rss = 0.0
      for row in 0..<50 {
        var expected = fit.intercepts[k]
        for j in 0..<8 { expected += problem.x[row, j] * fit.coefficients[k][j] }
        #expect(close(predictions[row, k], expected, 1e-12))
        rss += (y[row, k] - expected) * (y[row, k] - expected)
      }
      #expect(close(rss, fit.rss[k], 1e-10))
    }
    let shifted = try MultiTaskLasso(lambda: 30).fit(
      problem.dense, Matrix(rows: 50, columns: 2, elements: y.elements.map { $0 + 1 }),
      offsets: Matrix(rows: 50, columns: 2, repeating: 1))
    expectClose(shifted.coefficients[1].values, fit.coefficients[1].values, 1e-9)
    #expect(fit.description.contains("y2") && fit.description.contains("(Intercept)"))
  }

  @Test func refusals() throws {
    let y = responses(2, problem)
    let x = try problem.dense
    #expect(throws: LinearModelError.unsupported("the group lasso with several responses")) {
      try MultiResponseModel(.groupLasso(1, ColumnGroups([0, 0, 0, 0, 1, 1, 1, 1]))).fit(x, y)
    }
    #expect(throws: LinearModelError.unsupported("bounds of the coefficients with several responses")) {
      try MultiTaskLasso(lambda: 1, settings: RegressionSettings(bounds: .nonNegative)).fit(x, y)
    }
    #expect(throws: LinearModelError.self) {
      try MultiTaskLasso(lambda: 1).fit(x, Matrix<Double>(rows: 49, columns: 2))
    }
    #expect(throws: LinearModelError.self) {
      try MultiTaskLasso(lambda: 1).fit(x, Matrix<Double>(rows: 50, columns: 0))
    }
    #expect(throws: LinearModelError.self) {
      try MultiTaskLasso(lambda: 1).fit(x, y, offsets: Matrix<Double>(rows: 50, columns: 1))
    }
    // glmnet divides a ridge by one target's deviation, and here are two.
    #expect(throws: LinearModelError.self) { try MultiResponseRidge(lambda: .glmnet(1)).fit(x, y) }
    var bad = y
    bad[3, 1] = .infinity
    #expect(throws: LinearModelError.entryNotFinite(of: "the target", index: 3)) {
      try MultiTaskLasso(lambda: 1).fit(x, bad)
    }
  }
}
