import BLAS
import LinearModels
import Testing

@Suite struct GeneralizedPathTests {
  let problem = TestProblem(90, 12, seed: 99)

  /// Every fit of a path is the fit at its lambda, and the first one holds nothing.
  @Test(arguments: [Family.binomial, .poisson, .gaussian], [1.0, 0.5])
  func fitsOfAPath(_ family: Family, _ mixing: Double) throws {
    let y = target(family, problem, seed: 100)
    let settings = RegressionSettings(penaltyFactors: [0] + [Double](repeating: 1, count: 11), tolerance: 1e-10)
    let model = GeneralizedLinearModel(family, penalty: .elasticNet(1, mixing: mixing), settings: settings)
    let x = try problem.sparse
    let path = try model.path(x, y, weights: problem.weights, grid: .automatic(count: 12, ratio: 1e-2))
    #expect(path.isCertified && path.fits.count == 12)
    #expect(path.fits[0].coefficients.support == [0] && path.fits[2].coefficients.support.count > 1)
    for index in [0, 4, 11] {
      var single = model
      single.penalty = .elasticNet(path.lambdas[index], mixing: mixing)
      let fit = try single.fit(x, y, weights: problem.weights, offsets: nil)
      expectClose(path.fits[index].coefficients.values, fit.coefficients.values, 1e-6)
    }
    for (larger, smaller) in zip(path.fits, path.fits.dropFirst()) { #expect(smaller.deviance < larger.deviance) }
    let between = Lambda.rss(0.5 * (path.lambdas[3].value + path.lambdas[4].value))
    #expect(try path.fit(at: between).isCertified)
  }

  @Test func stopping() throws {
    let y = target(.poisson, problem, seed: 103)
    let model = PoissonRegression(.lasso(1))
    let whole = try model.path(problem.dense, y, grid: .automatic(count: 20))
    #expect(whole.stopped == nil && whole.fits.count == 20)
    let few = try model.path(problem.dense, y, grid: .automatic(count: 20), stop: PathStop(maximumNonzero: 3))
    let end = try #require(whole.fits.firstIndex { $0.coefficients.support.count > 3 })
    #expect(few.fits.count == end + 1 && few.lambdas == Array(whole.lambdas[...end]))
    #expect(few.stopped?.contains("more than 3") == true)
    let share = try model.path(problem.dense, y, grid: .automatic(count: 20), stop: PathStop(maximumRSquared: 0.3))
    let reached = try #require(whole.fits.firstIndex { $0.explainedDeviance >= 0.3 })
    #expect(share.fits.count == reached + 1 && share.stopped?.contains("deviance") == true)
  }

  @Test func groupPath() throws {
    let y = target(.binomial, problem, seed: 100)
    let groups = ColumnGroups([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], weights: [1, 1, 2, 0])
    let path = try LogisticRegression(.groupLasso(1, groups))
      .path(problem.dense, y, grid: .automatic(count: 8, ratio: 1e-2))
    #expect(path.isCertified)
    #expect(path.fits[0].coefficients.support == [9, 10, 11] && path.fits[7].coefficients.support.count == 12)
  }

  /// Cross-validation against fits to each fold's other observations.
  @Test(arguments: [Family.binomial, .poisson])
  func crossValidation(_ family: Family) throws {
    let y = target(family, problem, seed: 101)
    let assignment = (0..<90).map { $0 * 7 % 5 }
    let model = GeneralizedLinearModel(
      family, penalty: .elasticNet(1, mixing: 0.7), settings: RegressionSettings(tolerance: 1e-10))
    let found = try model.crossValidate(
      problem.dense, y, weights: problem.weights, offsets: problem.offsets, grid: .automatic(count: 5, ratio: 0.05),
      folds: .predefined(assignment))
    #expect(found.isCertified && found.meanError.count == 5)
    let total = problem.weights.reduce(0, +)
    let naive = NaiveFamily(family: family)
    for (index, lambda) in found.lambdas.enumerated() {
      var sum = 0.0
      for fold in 0..<5 {
        let (train, test) = ((0..<90).filter { assignment[$0] != fold }, (0..<90).filter { assignment[$0] == fold })
        let share = train.reduce(0) { $0 + problem.weights[$1] } / total
        var single = model
        single.penalty = .elasticNet(.rss(lambda.value * share), mixing: 0.7)
        let fit = try single.fit(
          problem.dense.selectingRows(train), train.map { y[$0] }, weights: train.map { problem.weights[$0] },
          offsets: train.map { problem.offsets[$0] })
        let eta = try fit.predict(
          problem.dense.selectingRows(test), scale: .link, offsets: test.map { problem.offsets[$0] })
        for (position, row) in test.enumerated() {
          #expect(close(found.predictors[0][row, index], eta[position], 1e-6))
          sum += 2 * problem.weights[row] * naive.loss(y[row], eta[position])
        }
      }
      #expect(close(found.meanError[index], sum / total, 1e-7))
    }
    #expect(found.meanError[found.minimum] == found.meanError.min())
    #expect(found.oneStandardError <= found.minimum)
  }

  @Test func refusals() throws {
    let y = target(.binomial, problem, seed: 101)
    #expect(throws: LinearModelError.unsupported("a path without a penalty")) {
      try LogisticRegression().path(problem.dense, y)
    }
    #expect(throws: LinearModelError.self) {
      try LogisticRegression(.lasso(1)).crossValidate(problem.dense, y, folds: .random(count: 1))
    }
  }
}
