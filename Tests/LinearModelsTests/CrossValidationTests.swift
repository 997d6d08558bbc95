import BLAS
import LinearModels
import Testing

@Suite struct CrossValidationTests {
  /// Every fold by itself: rows chosen, standardised and fitted anew, with the lambda of the same strength per observation.
  @Test(arguments: [(60, 8), (40, 30), (24, 50)], [false, true])
  func againstFittingEachFold(_ shape: (Int, Int), _ isWeighted: Bool) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: 71, density: 0.9)
    let assignment = (0..<n).map { ($0 * 7) % 4 }
    let (weights, offsets) = (isWeighted ? problem.weights : nil, isWeighted ? problem.offsets : nil)
    for (mixing, standardisation) in [(1.0, Standardisation.population), (0.7, .sample), (1, .unitNorm), (1, .none)] {
      let settings = RegressionSettings(
        standardisation: standardisation, penaltyFactors: (0..<p).map { $0 == 1 ? 0 : 1 + Double($0 % 2) },
        tolerance: 1e-12)
      let model = ElasticNet(lambda: 1, mixing: mixing, settings: settings)
      for x in [try problem.dense, try problem.sparse] {
        let found = try model.crossValidate(
          x, problem.y, weights: weights, offsets: offsets, grid: .automatic(count: 5, ratio: 0.05),
          folds: .predefined(assignment))
        #expect(found.isCertified && found.lambdas.count == 5)
        let w = weights ?? [Double](repeating: 1, count: n)
        let total = w.reduce(0, +)
        for (column, lambda) in found.lambdas.enumerated() {
          var (errors, foldWeights): ([Double], [Double]) = ([], [])
          for fold in 0..<4 {
            let train = (0..<n).filter { assignment[$0] != fold }
            let test = (0..<n).filter { assignment[$0] == fold }
            let share = train.reduce(0) { $0 + w[$1] } / total
            var single = model
            single.lambda = Lambda(lambda.value * share)
            let fit = try single.fit(
              x.selectingRows(train), train.map { problem.y[$0] }, weights: weights.map { w in train.map { w[$0] } },
              offsets: offsets.map { o in train.map { o[$0] } })
            let predictions = try fit.predict(x.selectingRows(test), offsets: offsets.map { o in test.map { o[$0] } })
            var (sum, weight) = (0.0, 0.0)
            for (row, prediction) in zip(test, predictions) {
              // A gap of 1e-12 bounds the difference of fitted values by about 1e-6 ‖y‖.
              #expect(close(found.predictions[0][row, column], prediction, 1e-5))
              sum += w[row] * (problem.y[row] - prediction) * (problem.y[row] - prediction)
              weight += w[row]
            }
            errors.append(sum / weight)
            foldWeights.append(weight)
          }
          let mean = zip(errors, foldWeights).reduce(0) { $0 + $1.0 * $1.1 } / total
          var spread = 0.0
          for (error, weight) in zip(errors, foldWeights) { spread += weight * (error - mean) * (error - mean) / total }
          #expect(close(found.meanError[column], mean, 1e-5))
          #expect(close(found.standardError[column], (spread / 3).squareRoot(), 1e-4))
        }
      }
    }
  }

  /// Without an L1 part a fold's lambdas come from one factorisation.
  @Test(arguments: [(60, 8), (24, 40)])
  func ridgeFolds(_ shape: (Int, Int)) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: 74)
    let assignment = (0..<n).map { ($0 * 5) % 3 }
    for x in [try problem.dense, try problem.sparse] {
      let found = try ElasticNet(lambda: 1, mixing: 0).crossValidate(
        x, problem.y, weights: problem.weights, grid: .automatic(count: 15), folds: .predefined(assignment))
      #expect(found.isCertified && found.lambdas.count == 15)
      for fold in 0..<3 {
        let (train, test) = ((0..<n).filter { assignment[$0] != fold }, (0..<n).filter { assignment[$0] == fold })
        let weights = train.map { problem.weights[$0] }
        let share = weights.reduce(0, +) / problem.weights.reduce(0, +)
        for index in [0, 7, 14] {
          let fit = try Ridge(lambda: .rss(found.lambdas[index].value * share))
            .fit(x.selectingRows(train), train.map { problem.y[$0] }, weights: weights)
          for (row, prediction) in zip(test, try fit.predict(x.selectingRows(test))) {
            #expect(close(found.predictions[0][row, index], prediction, 1e-8))
          }
        }
      }
    }
  }

  @Test func choices() throws {
    let problem = TestProblem(100, 10, seed: 72)
    let found = try Lasso(lambda: 1).crossValidate(problem.dense, problem.y, folds: .random(count: 5, repeats: 2))
    #expect(found.predictions.count == 2 && found.predictions[0] != found.predictions[1])
    let best = found.meanError.min()!
    #expect(found.meanError[found.minimum] == best)
    #expect(found.oneStandardError <= found.minimum)
    let limit = best + found.standardError[found.minimum]
    #expect(found.meanError[found.oneStandardError] <= limit)
    #expect(found.meanError[..<found.oneStandardError].allSatisfy { $0 > limit })
    #expect(found.minimumFit.coefficients == found.path.fits[found.minimum].coefficients)
    #expect(found.oneStandardErrorFit.coefficients.support.count <= found.minimumFit.coefficients.support.count)
    let again = try Lasso(lambda: 1).crossValidate(problem.dense, problem.y, folds: .random(count: 5, repeats: 2))
    #expect(again.meanError == found.meanError && again.predictions == found.predictions)
  }

  /// A column that is constant but for the held-out rows, where a difference of Gram matrices would be all rounding.
  @Test func columnsThatLiveInOneFold() throws {
    var problem = TestProblem(40, 4, seed: 73)
    for i in 0..<40 { problem.x[i, 2] = i < 10 ? Double(i) * 1e3 : 0.1 }
    let assignment = (0..<40).map { $0 / 10 }
    for x in [try problem.dense, try problem.sparse] {
      let found = try Lasso(lambda: 1).crossValidate(
        x, problem.y, grid: .automatic(count: 4), folds: .predefined(assignment))
      let train = Array(10..<40)
      let fit = try Lasso(lambda: Lambda(found.lambdas[2].value * 0.75)).fit(
        x.selectingRows(train), train.map { problem.y[$0] })
      #expect(fit.coefficients[2] == 0)
      let expected = try fit.predict(x.selectingRows(Array(0..<10)))
      for i in 0..<10 { #expect(close(found.predictions[0][i, 2], expected[i], 1e-4)) }
    }
  }

  @Test func folds() throws {
    let random = try Folds.random(count: 3, repeats: 2, seed: 5).assignments(rows: 11)
    #expect(random.count == 2 && random[0] != random[1])
    for assignment in random { #expect((0..<3).map { f in assignment.count { $0 == f } }.sorted() == [3, 4, 4]) }
    let groups = [7, 7, 7, 1, 1, 2, 2, 3, 9, 9]
    let grouped = try Folds.grouped(groups, count: 3).assignments(rows: 10)[0]
    for (i, first) in groups.enumerated() {
      for (j, second) in groups.enumerated() where first == second { #expect(grouped[i] == grouped[j]) }
    }
    #expect((0..<3).map { f in grouped.count { $0 == f } }.sorted() == [3, 3, 4])
    for folds in [
      Folds.random(count: 1), .random(count: 12), .random(count: 2, repeats: 0), .grouped(groups, count: 6),
      .grouped([1], count: 2), .predefined([0]), .predefined([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      .predefined([0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), .predefined([-1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      .predefined([0, Int.max - 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] {
      #expect(throws: LinearModelError.self) { try folds.assignments(rows: 11) }
    }
  }

  /// An error inside a fold is thrown, not skipped.
  @Test func errorsOfAFold() throws {
    let x = Matrix<Double>(rows: 4, columns: 1, elements: [1, 2, 3, 4])
    #expect(throws: LinearModelError.noWeight) {
      try Lasso(lambda: 1).crossValidate(
        DesignMatrix(x), [1, 2, 3, 4], weights: [1, 1, 0, 0], grid: .values([0.1]), folds: .predefined([0, 0, 1, 1]))
    }
  }
}
