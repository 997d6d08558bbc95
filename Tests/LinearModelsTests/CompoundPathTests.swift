import BLAS
import LinearModels
import Testing

/// Paths and cross-validation of the models that are made of several fits, or of several targets.
@Suite struct CompoundPathTests {
  let problem = TestProblem(60, 8, seed: 441)
  let settings = RegressionSettings(tolerance: 1e-12)
  let assignment = (0..<60).map { $0 * 7 % 4 }

  /// The rows of a fold and the others, with their share of the weight.
  private func split(_ fold: Int) -> (train: [Int], test: [Int], share: Double) {
    let train = (0..<60).filter { assignment[$0] != fold }
    let share = train.reduce(0) { $0 + problem.weights[$1] } / problem.weights.reduce(0, +)
    return (train, (0..<60).filter { assignment[$0] == fold }, share)
  }

  private func part(_ values: [Double], _ rows: [Int]) -> [Double] { rows.map { values[$0] } }

  /// The weighted mean error of each candidate.
  private func mean(_ count: Int, _ error: (Int, Int) throws -> Double) rethrows -> [Double] {
    try (0..<count).map { candidate in
      try (0..<60).reduce(0) { $0 + problem.weights[$1] * (try error($1, candidate)) } / problem.weights.reduce(0, +)
    }
  }

  @Test(arguments: [Family.gaussian, .poisson])
  func adaptive(_ family: Family) throws {
    let y = target(family, problem, seed: 442)
    let model = AdaptiveLasso(lambda: 1, pilot: .ridge(4), family: family, settings: settings)
    let grid = LambdaGrid.automatic(count: 5, ratio: 0.05)
    let found = try model.crossValidate(
      problem.dense, y, weights: problem.weights, grid: grid, folds: .predefined(assignment))
    let path = try model.path(problem.dense, y, weights: problem.weights, grid: grid)
    #expect(path.isCertified && found.isCertified && path.lambdas == found.lambdas && path.lambdas.count == 5)
    #expect(path.fits[0].coefficients.support.isEmpty && found.minimumFit.coefficients.support.count > 1)
    for (index, lambda) in path.lambdas.enumerated() {
      var single = model
      single.lambda = lambda
      let fit = try single.fit(problem.dense, y, weights: problem.weights)
      expectClose(path.fits[index].coefficients.values, fit.coefficients.values, 1e-6)
      expectClose(path.factors.map { 1 / $0 }, fit.factors.map { 1 / $0 }, 1e-6)
      for fold in 0..<4 {
        let (train, test, share) = split(fold)
        var model = AdaptiveLasso(
          lambda: .rss(lambda.value * share), pilot: .ridge(.rss(4 * share)), family: family, settings: settings)
        model.exponent = 1
        let fit = try model.fit(
          problem.dense.selectingRows(train), part(y, train), weights: part(problem.weights, train))
        let predictors = try fit.fit.predict(problem.dense.selectingRows(test), scale: .link)
        for (row, value) in zip(test, predictors) { #expect(close(found.predictors[0][row, index], value, 1e-5)) }
      }
    }
    let errors = mean(5) { family.unitDeviance(y[$0], linearPredictor: found.predictors[0][$0, $1]) }
    expectClose(found.meanError, errors, 1e-10)
  }

  @Test(arguments: [Family.gaussian, .poisson])
  func relaxed(_ family: Family) throws {
    let y = target(family, problem, seed: 443)
    let model = RelaxedLasso(lambda: 1, blend: 0.5, family: family, settings: settings)
    let grid = LambdaGrid.automatic(count: 5, ratio: 0.05)
    let found = try model.crossValidate(
      problem.sparse, y, weights: problem.weights, grid: grid, blends: [1, 0, 0.5], folds: .predefined(assignment))
    #expect(found.isCertified && found.blends == [0, 0.5, 1] && found.lambdas.count == 5)
    let path = try model.path(problem.sparse, y, weights: problem.weights, grid: grid)
    for (index, lambda) in found.lambdas.enumerated() {
      var single = model
      single.lambda = lambda
      let fit = try single.fit(problem.sparse, y, weights: problem.weights)
      expectClose(path.fits[index].coefficients.values, fit.coefficients.values, 1e-6)
      #expect(close(path.fits[index].deviance, fit.deviance, 1e-6))
      for fold in 0..<4 {
        let (train, test, share) = split(fold)
        for (position, blend) in found.blends.enumerated() {
          let model = RelaxedLasso(
            lambda: .rss(lambda.value * share), blend: blend, family: family, settings: settings)
          let fit = try model.fit(
            problem.sparse.selectingRows(train), part(y, train), weights: part(problem.weights, train))
          let predictors = try fit.predict(problem.sparse.selectingRows(test), scale: .link)
          for (row, value) in zip(test, predictors) {
            #expect(close(found.predictors[0][row, index * 3 + position], value, 1e-5))
          }
        }
      }
    }
    let errors = mean(15) { family.unitDeviance(y[$0], linearPredictor: found.predictors[0][$0, $1]) }
    expectClose(found.meanError.elements, errors, 1e-10)
    let (lambda, blend) = found.minimum
    #expect(found.meanError[lambda, blend] == found.meanError.elements.min())
    #expect(found.minimumFit.blend == found.blends[blend] && found.minimumFit.lasso.l1 > 0)
    #expect(throws: LinearModelError.self) { try model.crossValidate(problem.dense, y, blends: []) }
    #expect(throws: LinearModelError.self) { try model.crossValidate(problem.dense, y, blends: [1.5]) }
  }

  @Test(arguments: [1.0, 0.6, 0])
  func severalResponses(_ mixing: Double) throws {
    var y = Matrix<Double>(rows: 60, columns: 3)
    for (response, seed) in [UInt64(444), 445, 446].enumerated() {
      for (row, value) in target(.gaussian, problem, seed: seed).enumerated() {
        y[row, response] = value + Double(response) * problem.x[row, response]
      }
    }
    func rows(_ positions: [Int]) -> Matrix<Double> {
      Matrix(rows: positions.count, columns: 3, elements: positions.flatMap { row in (0..<3).map { y[row, $0] } })
    }
    var settings = settings
    settings.penaltyFactors = [1, 0, 2, 1, 1, 1, 1, 0.5]
    let penalty: (Lambda) -> RegressionPenalty = { mixing == 0 ? .ridge($0) : .elasticNet($0, mixing: mixing) }
    let model = MultiResponseModel(penalty(1), settings: settings)
    let grid = LambdaGrid.automatic(count: 5, ratio: 0.05)
    let found = try model.crossValidate(
      problem.dense, y, weights: problem.weights, grid: grid, folds: .predefined(assignment))
    #expect(found.isCertified && found.lambdas.count == 5 && found.minimumFit.responseCount == 3)
    if mixing == 1 {
      // The first lambda leaves the free column alone, a little less lets another in.
      #expect(found.path.fits[0].coefficients.allSatisfy { $0.support == [1] })
      let less = try MultiResponseModel(penalty(.rss(found.lambdas[0].value * 0.999)), settings: settings)
        .fit(problem.dense, y, weights: problem.weights)
      #expect(less.coefficients[0].support.count == 2)
    }
    for (index, lambda) in found.lambdas.enumerated() {
      let fit = try MultiResponseModel(penalty(lambda), settings: settings)
        .fit(problem.dense, y, weights: problem.weights)
      for response in 0..<3 {
        expectClose(found.path.fits[index].coefficients[response].values, fit.coefficients[response].values, 1e-5)
      }
      for fold in 0..<4 {
        let (train, test, share) = split(fold)
        let fit = try MultiResponseModel(penalty(.rss(lambda.value * share)), settings: settings)
          .fit(problem.dense.selectingRows(train), rows(train), weights: part(problem.weights, train))
        let predictions = try fit.predict(problem.dense.selectingRows(test))
        for (position, row) in test.enumerated() {
          for response in 0..<3 {
            #expect(close(found.predictions[0][row, index * 3 + response], predictions[position, response], 1e-5))
          }
        }
      }
    }
    let errors = mean(5) { row, candidate in
      (0..<3).reduce(0) {
        let error = y[row, $1] - found.predictions[0][row, candidate * 3 + $1]
        return $0 + error * error
      }
    }
    expectClose(found.meanError, errors, 1e-10)
    #expect(throws: LinearModelError.self) { try MultiResponseModel(.none).path(problem.dense, y) }
  }
}
