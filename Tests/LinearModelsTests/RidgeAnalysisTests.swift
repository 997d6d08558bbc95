import BLAS
import LinearModels
import Testing

@Suite struct RidgeAnalysisTests {
  /// Every observation left out and the model refitted on columns standardised once, by the normal equations.
  @Test(arguments: [(24, 4), (10, 15)], [false, true])
  func leaveOneOutIsRefitting(_ shape: (Int, Int), _ isWeighted: Bool) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: 21, density: 0.8)
    var weights = problem.weights
    weights[3] = 0
    let factors = (0..<p).map { $0 == 1 ? 0 : 1 + Double($0 % 2) }
    let settings = RegressionSettings(penaltyFactors: factors)
    let given = isWeighted ? weights : nil
    let naive = NaiveStandardisation(problem.x, problem.y, weights: given)
    // Standardised columns on the rows as they are, not yet weighted.
    let columns = (0..<p).map { j in (0..<n).map { (problem.x[$0, j] - naive.means[j]) / naive.scales[j] } }
    let scaled = Matrix(rows: n, columns: p, elements: (0..<n).flatMap { i in (0..<p).map { columns[$0][i] } })
    for lambda in [0.3, 5.0] {
      var (sum, total) = (0.0, 0.0)
      for i in 0..<n {
        var left = given ?? [Double](repeating: 1, count: n)
        let weight = left[i]
        left[i] = 0
        let without = NaiveStandardisation(scaled, problem.y, weights: left, .none)
        let b = naiveRidge(without, lambda, factors: factors)
        let intercept = without.targetMean - (0..<p).map { b[$0] * without.means[$0] }.reduce(0, +)
        let error = problem.y[i] - intercept - (0..<p).map { b[$0] * scaled[i, $0] }.reduce(0, +)
        sum += weight * error * error
        total += weight
      }
      for x in [try problem.dense, try problem.sparse] {
        for singularValues in [false, true] {
          let analysis = try RidgeAnalysis(
            x, problem.y, weights: given, settings: settings, singularValues: singularValues)
          let found = try analysis.validate([.rss(lambda), .rss(2)])
          #expect(close(found.leaveOneOut[0], sum / total, 1e-8))
          let fit = try Ridge(lambda: .rss(lambda), settings: settings).fit(x, problem.y, weights: given)
          #expect(close(found.rss[0], fit.rss, 1e-9))
          #expect(close(found.degreesOfFreedom[0], 1 + (try analysis.degreesOfFreedom(.rss(lambda))), 1e-9))
          let remaining = 1 - found.degreesOfFreedom[0] / Double(isWeighted ? n - 1 : n)
          #expect(close(found.generalised[0], fit.rss / total / (remaining * remaining), 1e-9))
          let same = try analysis.fit(.rss(lambda))
          expectClose(same.coefficients.values, fit.coefficients.values, 1e-9)
          #expect(same.isCertified)
        }
      }
    }
  }

  @Test(arguments: [(24, 4), (10, 15), (600, 3)], [false, true])
  func otherTargetsShareAFactorisation(_ shape: (Int, Int), _ singularValues: Bool) throws {
    let (n, p) = shape
    let problem = TestProblem(n, p, seed: 24, density: 0.8)
    var targets = Matrix<Double>(rows: n, columns: 3)
    for row in 0..<n {
      targets[row, 0] = problem.y[row]
      targets[row, 1] = Double(row % 3 - 1)
      targets[row, 2] = problem.y[n - 1 - row] + 4
    }
    let lambdas: [Lambda] = [.rss(0.3), .rss(5), .rss(80)]
    // A free column, and weights of which one is 0.
    let settings = RegressionSettings(penaltyFactors: (0..<p).map { $0 == 1 ? 0 : 1 })
    var weights = problem.weights
    weights[3] = 0
    func analysis(_ y: [Double]) throws -> RidgeAnalysis {
      try RidgeAnalysis(problem.dense, y, weights: weights, settings: settings, singularValues: singularValues)
    }
    let shared = try analysis(problem.y).validate(lambdas, targets: targets)
    #expect(shared.count == 3)
    for (column, found) in shared.enumerated() {
      let own = try analysis((0..<n).map { targets[$0, column] }).validate(lambdas)
      #expect(found.lambdas == own.lambdas)
      expectClose(found.leaveOneOut, own.leaveOneOut, 1e-12)
      expectClose(found.generalised, own.generalised, 1e-12)
      expectClose(found.degreesOfFreedom, own.degreesOfFreedom, 1e-12)
      expectClose(found.rss, own.rss, 1e-12)
    }
    #expect(throws: LinearModelError.self) {
      try analysis(problem.y).validate(lambdas, targets: Matrix<Double>(rows: n - 1, columns: 1))
    }
    #expect(throws: LinearModelError.self) {
      try analysis(problem.y).validate(lambdas, targets: Matrix(rows: n, columns: 1, repeating: .nan))
    }
    #expect(try analysis(problem.y).validate(lambdas, targets: Matrix(rows: n, columns: 0)).isEmpty)
  }

  @Test func lambdaOfDegreesOfFreedom() throws {
    let problem = TestProblem(40, 6, seed: 22)
    let analysis = try RidgeAnalysis(problem.dense, problem.y)
    for degrees in [0.01, 1, 3.3, 5.99] {
      #expect(close(try analysis.degreesOfFreedom(analysis.lambda(degreesOfFreedom: degrees)), degrees, 1e-12))
    }
    #expect(throws: LinearModelError.self) { try analysis.lambda(degreesOfFreedom: 6) }
    #expect(throws: LinearModelError.self) { try analysis.lambda(degreesOfFreedom: 0) }
    #expect(throws: LinearModelError.self) { try analysis.lambda(degreesOfFreedom: .nan) }
  }

  /// Without a penalty and with as many columns as rows nothing is left to test with.
  @Test func interpolationHasNoFiniteError() throws {
    let problem = TestProblem(6, 9, seed: 23)
    let found = try RidgeAnalysis(problem.dense, problem.y).validate([0, 1])
    #expect(found.leaveOneOut[0] == .infinity && found.leaveOneOut[1].isFinite)
    #expect(found.leaveOneOutMinimum == 1 && found.generalisedMinimum == 1)
  }

  /// Hastie, Tibshirani and Friedman, "The elements of statistical learning" (2nd ed.), table 3.3.
  @Test(.enabled(if: PublishedData.isThere, "set RIDGELINE_DATA to a folder with regression/ in it"))
  func prostate() throws {
    let (x, names, y, train) = try PublishedData.prostate()
    // The book standardises by the n − 1 deviation of all 97 rows and fits on 67 of them.
    let all = NaiveStandardisation(x, y, .sample)
    let scaled = Matrix(
      rows: 97, columns: 8,
      elements: (0..<97).flatMap { i in (0..<8).map { (x[i, $0] - all.means[$0]) / all.scales[$0] } })
    let design = try DesignMatrix(scaled, names: names)
    let rows = (0..<97).filter { train[$0] }
    let analysis = try RidgeAnalysis(
      design.selectingRows(rows), rows.map { y[$0] }, settings: RegressionSettings(standardisation: .none))
    let lambda = try analysis.lambda(degreesOfFreedom: 5)
    #expect(abs(lambda.value - 23.998908) < 5e-7)
    let fit = try analysis.fit(lambda)
    let published = [0.4210, 0.2388, -0.0480, 0.1623, 0.2271, -0.0001, 0.0411, 0.1324]
    for (found, expected) in zip(fit.coefficients.values, published) { #expect(abs(found - expected) <= 5.1e-5) }
    let test = (0..<97).filter { !train[$0] }
    let predictions = try fit.predict(design.selectingRows(test))
    let error = zip(predictions, test).map { ($0 - y[$1]) * ($0 - y[$1]) }.reduce(0, +) / Double(test.count)
    #expect(abs(error - 0.4904) <= 5e-5)
    let own = try RidgeAnalysis(DesignMatrix(x).selectingRows(rows), rows.map { y[$0] })
    #expect(abs(try own.lambda(degreesOfFreedom: 5).value - 23.122) < 5e-4)
  }
}
