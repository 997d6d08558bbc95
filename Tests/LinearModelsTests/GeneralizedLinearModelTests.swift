import BLAS
import Foundation
import LinearModels
import Tensors
import Testing

@Suite struct GeneralizedLinearModelTests {
  let problem = TestProblem(60, 5, seed: 81)

  /// The squared loss as a family is what the models of the squared loss say, with more columns than rows too.
  @Test(arguments: [(60, 12), (25, 80)])
  func gaussianIsTheSquaredLoss(_ shape: (Int, Int)) throws {
    let problem = TestProblem(shape.0, shape.1, seed: 82)
    for mixing in [1.0, 0.5] {
      let settings = RegressionSettings(tolerance: 1e-12)
      let old = try ElasticNet(lambda: 30, mixing: mixing, settings: settings).fit(problem.dense, problem.y)
      let new = try GeneralizedLinearModel(.gaussian, penalty: .elasticNet(30, mixing: mixing), settings: settings)
        .fit(problem.dense, problem.y)
      #expect(new.isCertified)
      expectClose(new.coefficients.values, old.coefficients.values, 1e-7)
      #expect(close(new.intercept, old.intercept, 1e-7) && close(new.deviance, old.rss, 1e-8))
      #expect(close(new.nullDeviance, old.totalSumOfSquares, 1e-12))
      #expect(close(new.certificate.primal, old.certificate.primal, 1e-11))
    }
  }

  /// Infinite bounds change nothing.
  @Test func infiniteBounds() throws {
    let bounds = CoefficientBounds.within(-.infinity, .infinity)
    let bounded = try Lasso(lambda: 20, settings: RegressionSettings(bounds: bounds, tolerance: 1e-12))
      .fit(problem.dense, problem.y)
    let free = try Lasso(lambda: 20, settings: RegressionSettings(tolerance: 1e-12)).fit(problem.dense, problem.y)
    expectClose(bounded.coefficients.values, free.coefficients.values, 1e-8)
    #expect(bounded.solver.solver == .proximalNewton)
  }

  /// Non-negative least squares against all subsets of columns.
  @Test func nonNegativeLeastSquares() throws {
    let settings = RegressionSettings(bounds: .nonNegative, tolerance: 1e-12)
    let fit = try Ridge(lambda: 0, settings: settings).fit(problem.dense, problem.y)
    #expect(fit.isCertified)
    var best = Double.infinity
    for subset in 0..<32 {
      let columns = (0..<5).filter { subset >> $0 & 1 == 1 }
      let x = Matrix(
        rows: 60, columns: columns.count,
        elements: (0..<60).flatMap { row in columns.map { problem.x[row, $0] } })
      let free = try Ridge(lambda: 0).fit(try DesignMatrix(x), problem.y)
      if free.coefficients.nonzero.allSatisfy({ $0 >= 0 }) { best = min(best, free.rss) }
    }
    #expect(close(fit.rss, best, 1e-10))
    #expect(fit.coefficients.values.contains(0) && fit.coefficients.values.allSatisfy { $0 >= 0 })
  }

  /// Rows as weights, and successes of trials as fractions.
  @Test func weightsAreRepetitions() throws {
    let y = target(.binomial, problem, seed: 83)
    let (few, many) = (Array(0..<20), (0..<20).flatMap { [Int](repeating: $0, count: $0 % 3 + 1) })
    let weights = few.map { Double($0 % 3 + 1) }
    let x = try problem.dense
    let a = try LogisticRegression(.lasso(2), settings: RegressionSettings(tolerance: 1e-12))
      .fit(x.selectingRows(few), few.map { y[$0] }, weights: weights)
    let b = try LogisticRegression(.lasso(2), settings: RegressionSettings(tolerance: 1e-12))
      .fit(x.selectingRows(many), many.map { y[$0] })
    expectClose(a.coefficients.values, b.coefficients.values, 1e-9)
    #expect(close(a.deviance, b.deviance, 1e-11))
    // Two rows at one place with 0 and 1 are a half of weight 2; only the deviance of a perfect fit differs.
    let doubled = try LogisticRegression(.ridge(1), settings: RegressionSettings(tolerance: 1e-12))
      .fit(x.selectingRows(few + few), few.map { y[$0] } + few.map { $0 == 3 ? 1 - y[$0] : y[$0] })
    let halves = try LogisticRegression(.ridge(1), settings: RegressionSettings(tolerance: 1e-12))
      .fit(x.selectingRows(few), few.map { $0 == 3 ? 0.5 : y[$0] }, weights: few.map { _ in 2 })
    expectClose(doubled.coefficients.values, halves.coefficients.values, 1e-9)
  }

  /// A rate with its exposure as weight is a count with its logarithm as offset.
  @Test func exposures() throws {
    let counts = target(.poisson, problem, seed: 84)
    let exposures = problem.weights
    let offset = try PoissonRegression(.none, settings: RegressionSettings(tolerance: 1e-12)).fit(
      problem.dense, counts, weights: nil, offsets: exposures.map { log($0) })
    let rate = try PoissonRegression(.none, settings: RegressionSettings(tolerance: 1e-12)).fit(
      problem.dense, zip(counts, exposures).map { $0 / $1 }, weights: exposures, offsets: nil)
    expectClose(offset.coefficients.values, rate.coefficients.values, 1e-8)
    #expect(close(offset.intercept, rate.intercept, 1e-8) && close(offset.deviance, rate.deviance, 1e-9))
  }

  /// More columns than rows, a growing working set, constant and duplicated columns.
  @Test(arguments: [Family.binomial, .poisson], [0.5, 0.05])
  func wideAndDependent(_ family: Family, _ share: Double) throws {
    var problem = TestProblem(40, 150, seed: 85)
    for i in 0..<40 {
      (problem.x[i, 1], problem.x[i, 2], problem.x[i, 3]) = (problem.x[i, 0], -2 * problem.x[i, 0], 7)
    }
    let y = target(family, problem, seed: 86)
    let naive = NaiveProblem(family, problem.x, y, weights: nil, offsets: nil, intercept: true)
    let mean = y.reduce(0, +) / 40
    let largest = 2 * naive.scores(y.map { $0 - mean }).map(abs).max()!
    for x in [try problem.dense, try problem.sparse] {
      let fit = try GeneralizedLinearModel(family, penalty: .lasso(.rss(share * largest))).fit(x, y)
      #expect(fit.isCertified, "\(fit.certificate)")
      #expect(fit.coefficients[3] == 0 && !fit.coefficients.support.isEmpty)
      let u = naive.scores(naive.residuals(fit.coefficients.values, fit.intercept)).map(abs).max()!
      #expect(u < 0.5 * share * largest * (1 + 1e-4))
    }
    let none = try GeneralizedLinearModel(family, penalty: .lasso(.rss(largest * 1.0001))).fit(problem.dense, y)
    #expect(none.coefficients.support.isEmpty && none.isCertified && none.explainedDeviance == 0)
  }

  /// Without a finite solution nothing is certified, whatever the gap.
  @Test func noFiniteSolution() throws {
    let x = Matrix(rows: 6, columns: 2, elements: [1, 0.3, 2, -1, 3, 0.5, 4, 1, 5, -0.7, 6, 0.1])
    let separable = [0.0, 0, 0, 1, 1, 1]
    for tolerance in [1e-3, 1e-8, 1e-14] {
      let settings = RegressionSettings(tolerance: tolerance)
      let fit = try LogisticRegression(settings: settings).fit(x, separable)
      #expect(fit.certificate.state == .noFiniteSolution && !fit.isCertified)
      #expect(fit.coefficients.values.allSatisfy(\.isFinite) && fit.deviance < 0.1)
      // Quasi-separation: a column that is 0 in one class but for its own rows.
      let indicator = Matrix(rows: 6, columns: 1, elements: [0.0, 0, 0, 0, 1, 1])
      #expect(
        try LogisticRegression(settings: settings).fit(indicator, [0, 1, 0, 1, 1, 1]).certificate.state
          == .noFiniteSolution)
      // Counts of 0 wherever a column is 1.
      #expect(
        try PoissonRegression(settings: settings).fit(indicator, [1, 2, 0, 3, 0, 0]).certificate.state
          == .noFiniteSolution)
      // Bounds do not help where they point the other way, and do where they do not.
      let free = RegressionSettings(bounds: .nonNegative, tolerance: tolerance)
      #expect(try LogisticRegression(settings: free).fit(x, separable).certificate.state == .noFiniteSolution)
      let held = RegressionSettings(bounds: .within(-2, 2), tolerance: tolerance)
      #expect(try LogisticRegression(settings: held).fit(x, separable).isCertified)
      // A free column is not held by the penalty of the others.
      let factors = RegressionSettings(penaltyFactors: [0, 1], tolerance: tolerance)
      #expect(
        try LogisticRegression(.lasso(1), settings: factors).fit(x, separable).certificate.state == .noFiniteSolution)
      #expect(try LogisticRegression(.lasso(1), settings: settings).fit(x, separable).isCertified)
      #expect(try LogisticRegression(.ridge(0.01), settings: settings).fit(x, separable).isCertified)
    }
    // Only one class, only zeros.
    for penalty in [RegressionPenalty.none, .ridge(1), .lasso(1)] {
      for value in [0.0, 1] {
        let y = [Double](repeating: value, count: 6)
        #expect(try LogisticRegression(penalty).fit(x, y).certificate.state == .noFiniteSolution)
      }
      let zeros = [Double](repeating: 0, count: 6)
      #expect(try PoissonRegression(penalty).fit(x, zeros).certificate.state == .noFiniteSolution)
    }
  }

  @Test func predictionsAndTable() throws {
    let y = target(.poisson, problem, seed: 87)
    let names = ["height", "weight", "age", "dose", "sex"]
    let x = try DesignMatrix(problem.x, names: names)
    let fit = try PoissonRegression(.lasso(12)).fit(x, y, weights: nil, offsets: problem.offsets)
    let link = try fit.predict(x, scale: .link, offsets: problem.offsets)
    for (row, eta) in link.enumerated() {
      var expected = fit.intercept + problem.offsets[row]
      for j in 0..<5 { expected += problem.x[row, j] * fit.coefficients[j] }
      #expect(close(eta, expected, 1e-12))
    }
    expectClose(try fit.predict(x, offsets: problem.offsets), link.map { exp($0) }, 1e-12)
    let deviance = zip(y, link).reduce(0) { $0 + Family.poisson.unitDeviance($1.0, linearPredictor: $1.1) }
    #expect(close(deviance, fit.deviance, 1e-10))
    let text = fit.description
    #expect(text.contains("(Intercept)") && text.contains("family poisson, link log"))
    for name in names { #expect(text.contains(name) == (fit.coefficients[name] != 0)) }
    #expect(text.contains("converged") && text.contains("Deviance"))
    #expect(throws: LinearModelError.self) { try fit.predict(DesignMatrix(Matrix<Double>(rows: 1, columns: 4))) }
  }

  @Test func refusals() throws {
    let x = try problem.dense
    let y = target(.binomial, problem, seed: 83)
    var bad = y
    bad[7] = 1.5
    #expect(
      throws: LinearModelError.targetOutsideRange(
        family: .binomial, index: 7, expected: "between 0 and 1", found: 1.5)
    ) { try LogisticRegression().fit(x, bad) }
    bad[7] = -1
    #expect(throws: LinearModelError.self) { try PoissonRegression().fit(x, bad) }
    bad[7] = .nan
    #expect(throws: LinearModelError.entryNotFinite(of: "the target", index: 7)) {
      try LogisticRegression().fit(x, bad)
    }
    for penalty: RegressionPenalty in [.lasso(-1), .ridge(.rss(.nan)), .elasticNet(1, mixing: 2), .lasso(.lars(1))] {
      #expect(throws: LinearModelError.self) { try LogisticRegression(penalty).fit(x, y) }
    }
    #expect(throws: LinearModelError.self) { try PoissonRegression(.lasso(.sklearn(1))).fit(x, y) }
    for (lower, upper) in [(1.0, 0.0), (.nan, 1), (.infinity, .infinity), (-.infinity, -.infinity)] {
      let settings = RegressionSettings(bounds: .within(lower, upper))
      #expect(throws: LinearModelError.self) { try Lasso(lambda: 1, settings: settings).fit(x, y) }
    }
    let short = RegressionSettings(bounds: .each(lower: [0], upper: [1]))
    #expect(throws: LinearModelError.wrongLength(of: "the lower bounds", expected: 5, found: 1)) {
      try Lasso(lambda: 1, settings: short).fit(x, y)
    }
    for groups in [[0, 0, 0, 0], [0, 0, 0, 0, 2], [0, 0, 0, 0, -1], [0, 0, 0, 0, 99]] {
      #expect(throws: LinearModelError.self) { try GroupLasso(lambda: 1, groups: ColumnGroups(groups)).fit(x, y) }
    }
    #expect(throws: LinearModelError.self) {
      try GroupLasso(lambda: 1, groups: ColumnGroups([0, 0, 0, 1, 1], weights: [1, -1])).fit(x, y)
    }
    // What has no solver within bounds says so.
    let bounded = RegressionSettings(bounds: .nonNegative)
    #expect(throws: LinearModelError.self) { try Lasso(lambda: 1, settings: bounded).path(x, y) }
    #expect(throws: LinearModelError.self) { try Lasso(lambda: 1, settings: bounded).crossValidate(x, y) }
    #expect(throws: LinearModelError.self) { try LassoHomotopy(settings: bounded).fit(x, y) }
    #expect(throws: LinearModelError.self) { try Ridge(lambda: 1, method: .eigen, settings: bounded).fit(x, y) }
  }

  /// Without columns, with one row, with a target that one value fits.
  @Test(arguments: Family.allCases)
  func degenerateInputs(_ family: Family) throws {
    let empty = try GeneralizedLinearModel(family, penalty: .lasso(1)).fit(
      DesignMatrix(Matrix<Double>(rows: 3, columns: 0)), [0, 1, 1])
    #expect(empty.isCertified)
    #expect(close(try empty.predict(DesignMatrix(Matrix<Double>(rows: 1, columns: 0)))[0], 2.0 / 3, 1e-12))
    let one = try GeneralizedLinearModel(family, penalty: .lasso(1)).fit(
      DesignMatrix(Matrix(rows: 1, columns: 2, elements: [3.0, 4])), [0.5])
    #expect(one.isCertified && one.coefficients.support.isEmpty)
    let constant = try GeneralizedLinearModel(family, penalty: .ridge(1)).fit(
      problem.dense, [Double](repeating: 0.5, count: 60))
    #expect(constant.isCertified && constant.dualityGap == 0, "\(constant.certificate)")
    #expect(throws: LinearModelError.noObservations) {
      try GeneralizedLinearModel(family).fit(DesignMatrix(Matrix<Double>(rows: 0, columns: 2)), [])
    }
  }
}
