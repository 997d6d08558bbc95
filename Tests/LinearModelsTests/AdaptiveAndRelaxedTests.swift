import BLAS
import Foundation
import LinearModels
import Testing

@Suite struct AdaptiveAndRelaxedTests {
  let problem = TestProblem(80, 9, seed: 96)
  let settings = RegressionSettings(tolerance: 1e-11)

  /// The factors are those of the pilot, and the fit is the lasso with them.
  @Test(arguments: Family.allCases)
  func adaptive(_ family: Family) throws {
    let (x, y) = (try problem.dense, target(family, problem, seed: 97))
    for (pilot, exponent) in [(AdaptiveLasso.Pilot.unpenalised, 1.0), (.ridge(3), 2)] {
      let model = AdaptiveLasso(lambda: 3, pilot: pilot, exponent: exponent, family: family, settings: settings)
      let found = try model.fit(x, y, weights: problem.weights)
      #expect(found.isCertified)
      let penalty: RegressionPenalty = pilot == .unpenalised ? .none : .ridge(3)
      let first = try GeneralizedLinearModel(family, penalty: penalty, settings: settings)
        .fit(x, y, weights: problem.weights)
      let factors = first.standardizedCoefficients.values.map { pow(abs($0), -exponent) }
      expectClose(found.factors.map { log($0) }, factors.map { log($0) }, 1e-6)
      var weighted = settings
      weighted.penaltyFactors = found.factors
      let second = try GeneralizedLinearModel(family, penalty: .lasso(3), settings: weighted)
        .fit(x, y, weights: problem.weights)
      expectClose(found.coefficients.values, second.coefficients.values, 1e-7)
      #expect(found.description.contains("Pilot"))
    }
  }

  /// A constant column has no pilot coefficient, and separable classes no pilot.
  @Test func pilotsWithoutAnswer() throws {
    var problem = problem
    for row in 0..<80 { problem.x[row, 4] = 2 }
    let fit = try AdaptiveLasso(lambda: 1).fit(problem.dense, problem.y)
    #expect(fit.isCertified && fit.coefficients[4] == 0 && fit.factors.allSatisfy(\.isFinite))
    let x = Matrix(rows: 6, columns: 1, elements: [1.0, 2, 3, 4, 5, 6])
    let separable = try AdaptiveLasso(lambda: 1, family: .binomial).fit(x, [0.0, 0, 0, 1, 1, 1])
    #expect(!separable.isCertified && separable.pilot.certificate.state == .noFiniteSolution)
    for exponent in [0, -1, Double.nan] {
      #expect(throws: LinearModelError.self) {
        try AdaptiveLasso(lambda: 1, exponent: exponent).fit(problem.dense, problem.y)
      }
    }
  }

  /// The ends of the blend are the two fits, between them coefficients are linear.
  @Test(arguments: Family.allCases)
  func relaxed(_ family: Family) throws {
    let y = target(family, problem, seed: 98)
    for x in [try problem.dense, try problem.sparse] {
      func fit(_ blend: Double) throws -> RelaxedLassoFit {
        try RelaxedLasso(lambda: 25, blend: blend, family: family, settings: settings)
          .fit(x, y, weights: problem.weights, offsets: nil)
      }
      let (refit, half, lasso) = (try fit(0), try fit(0.5), try fit(1))
      #expect(half.isCertified)
      let support = lasso.lasso.coefficients.support
      #expect(!support.isEmpty && support.count < 9)
      #expect(lasso.coefficients == lasso.lasso.coefficients && lasso.intercept == lasso.lasso.intercept)
      #expect(close(lasso.deviance, lasso.lasso.deviance, 1e-10))
      #expect(close(refit.deviance, refit.refit.deviance, 1e-10))
      #expect(refit.deviance < half.deviance && half.deviance < lasso.deviance)
      for j in 0..<9 {
        #expect(close(half.coefficients[j], 0.5 * (lasso.coefficients[j] + refit.coefficients[j]), 1e-12))
      }
      // The refit against one on the columns written out.
      let selected = Matrix(
        rows: 80, columns: support.count, elements: (0..<80).flatMap { row in support.map { problem.x[row, $0] } })
      let free = try GeneralizedLinearModel(family, settings: settings)
        .fit(DesignMatrix(selected), y, weights: problem.weights)
      expectClose(support.map { refit.coefficients[$0] }, free.coefficients.values, 1e-7)
      expectClose(
        try half.predict(x, scale: .link),
        zip(try refit.predict(x, scale: .link), try lasso.predict(x, scale: .link)).map { 0.5 * ($0 + $1) }, 1e-10)
      #expect(half.description.contains("Refit"))
    }
  }

  @Test func relaxedEdges() throws {
    // Nothing selected: the refit is the intercept.
    let none = try RelaxedLasso(lambda: 1e9).fit(problem.dense, problem.y)
    #expect(none.isCertified && none.coefficients.support.isEmpty)
    #expect(close(none.deviance, none.nullDeviance, 1e-12))
    let bounded = RegressionSettings(bounds: .nonNegative, tolerance: 1e-11)
    let held = try RelaxedLasso(lambda: 5, settings: bounded).fit(problem.dense, problem.y)
    #expect(held.isCertified && held.coefficients.values.allSatisfy { $0 >= 0 })
    for blend in [-0.1, 1.1, Double.nan] {
      #expect(throws: LinearModelError.self) { try RelaxedLasso(lambda: 1, blend: blend).fit(problem.dense, problem.y) }
    }
  }
}
