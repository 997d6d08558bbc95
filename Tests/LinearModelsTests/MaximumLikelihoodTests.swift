import BLAS
import Foundation
import LinearModels
import Testing

/// Inference of logistic and Poisson regression against R's glm; see `Fixtures`.
@Suite struct MaximumLikelihoodTests {
  struct Case: Decodable {
    let family: Family
    let intercept: Bool
    let y, weights, offsets: [Double]
    let estimates, standardErrors, zValues, pValues: [Double]
    let deviance, nullDeviance, aic: Double
    let degreesOfFreedom, nullDegreesOfFreedom: Int
    let residualDeviances, devianceP: [Double]
  }

  private func load<T: Decodable>(_ name: String) throws -> T {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(T.self, from: Data(contentsOf: url))
  }

  @Test func againstR() throws {
    let reference: GeneralizedFixtureTests.Reference = try load("generalized")
    let cases: [Case] = try load("likelihood")
    #expect(cases.count == 8)
    for item in cases {
      let comment = Comment(rawValue: "\(item.family) \(item.intercept) \(item.weights[0])")
      for x in [try DesignMatrix(reference.matrix), try DesignMatrix(reference.sparse)] {
        let fit = try MaximumLikelihood(item.family, intercept: item.intercept, tolerance: 1e-13)
          .fit(x, item.y, weights: item.weights, offsets: item.offsets)
        #expect(fit.fit.isCertified, comment)
        #expect(fit.terms.map(\.name) == (item.intercept ? ["(Intercept)"] : []) + ["x1", "x2", "x3", "x4", "x5"])
        expectClose(fit.terms.map(\.estimate), item.estimates, 1e-9, comment)
        expectClose(fit.terms.map(\.standardError), item.standardErrors, 1e-8, comment)
        expectClose(fit.terms.map(\.zValue), item.zValues, 1e-8, comment)
        expectClose(fit.terms.map(\.pValue), item.pValues, 1e-8, comment)
        #expect(close(fit.fit.deviance, item.deviance, 1e-10) && close(fit.akaike, item.aic, 1e-9), comment)
        #expect(close(fit.fit.nullDeviance, item.nullDeviance, 1e-10), comment)
        #expect(fit.degreesOfFreedom == item.degreesOfFreedom, comment)
        #expect(fit.nullDegreesOfFreedom == item.nullDegreesOfFreedom, comment)
        expectClose(
          [fit.fit.nullDeviance] + fit.devianceTable.map(\.residualDeviance), item.residualDeviances, 1e-9, comment)
        expectClose(fit.devianceTable.map(\.pValue), item.devianceP, 1e-7, comment)
        let count = Double(fit.terms.count)
        #expect(close(fit.bayes - fit.akaike, (log(30.0) - 2) * count, 1e-10))
        #expect(close(fit.covariance[1, 2], fit.covariance[2, 1], 1e-14))
        // 1.959963984540054 is the 97.5 % point of the normal distribution.
        let interval = try fit.confidenceIntervals()[1]
        #expect(
          close(interval.upperBound - fit.terms[1].estimate, 1.959963984540054 * fit.terms[1].standardError, 1e-12))
        for part in ["z value", "Null deviance", "AIC", "Analysis of deviance", "x5"] {
          #expect(fit.description.contains(part))
        }
      }
    }
  }

  /// The covariance is that of the numbers of a table of two by two, whose log odds ratio has a formula.
  @Test func oddsRatio() throws {
    // 12 of 20 with the exposure, 5 of 18 without.
    let x = Matrix<Double>(rows: 2, columns: 1, elements: [1, 0])
    let fit = try MaximumLikelihood(.binomial, tolerance: 1e-14).fit(
      DesignMatrix(x, names: ["exposed"]), [12.0 / 20, 5.0 / 18], weights: [20, 18])
    #expect(close(fit.terms[1].estimate, log(12.0 * 13 / (8 * 5)), 1e-8))
    #expect(close(fit.terms[1].standardError, (1.0 / 12 + 1.0 / 8 + 1.0 / 5 + 1.0 / 13).squareRoot(), 1e-8))
    #expect(close(fit.terms[0].standardError, (1.0 / 5 + 1.0 / 13).squareRoot(), 1e-8))
    #expect(fit.degreesOfFreedom == 0 && fit.fit.deviance < 1e-10)
  }

  @Test func withoutAnswers() throws {
    let problem = TestProblem(30, 4, seed: 431)
    let y = target(.binomial, problem, seed: 432)
    var dependent = problem
    for row in 0..<30 { dependent.x[row, 3] = dependent.x[row, 0] - 2 * dependent.x[row, 1] }
    for x in [try dependent.dense, try dependent.sparse] {
      #expect(throws: LinearModelError.dependentColumns(["x4"])) { try MaximumLikelihood(.binomial).fit(x, y) }
    }
    for row in 0..<30 { dependent.x[row, 3] = 7 }
    #expect(throws: LinearModelError.dependentColumns(["x4"])) {
      try MaximumLikelihood(.binomial).fit(dependent.dense, y)
    }
    // Without an intercept a constant column is one.
    let plain = try MaximumLikelihood(.binomial, intercept: false, tolerance: 1e-13).fit(dependent.dense, y)
    for row in 0..<30 { dependent.x[row, 3] = 0 }
    let three = try DesignMatrix(
      Matrix(rows: 30, columns: 3, elements: (0..<30).flatMap { row in (0..<3).map { problem.x[row, $0] } }))
    let with = try MaximumLikelihood(.binomial, tolerance: 1e-13).fit(three, y)
    #expect(close(plain.terms[3].estimate * 7, with.terms[0].estimate, 1e-7))
    #expect(close(plain.terms[3].standardError * 7, with.terms[0].standardError, 1e-7))
    // Separated classes: no finite estimate, and no error to trust.
    let separated = try MaximumLikelihood(.binomial).fit(
      DesignMatrix(Matrix<Double>(rows: 4, columns: 1, elements: [1, 2, 3, 4])), [0, 0, 1, 1])
    #expect(separated.fit.certificate.state == .noFiniteSolution && separated.terms[1].standardError > 10)
    #expect(throws: LinearModelError.self) { try MaximumLikelihood(.gaussian).fit(problem.dense, problem.y) }
    #expect(throws: LinearModelError.tooFewObservations(expectedMoreThan: 4, found: 3)) {
      try MaximumLikelihood(.poisson).fit(problem.dense.selectingRows([0, 1, 2]), [1, 2, 3])
    }
    let quick = try MaximumLikelihood(.binomial, analysesDeviance: false).fit(problem.dense, y)
    #expect(quick.devianceTable.isEmpty)
  }
}
