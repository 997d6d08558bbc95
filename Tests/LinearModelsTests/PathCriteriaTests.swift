import BLAS
import Foundation
import LinearModels
import Testing

@Suite struct PathCriteriaTests {
  let problem = TestProblem(30, 6, seed: 165, density: 0.8)

  /// The degrees of freedom are Σ ∂μ_i/∂y_i, by finite differences of refitted means.
  @Test(arguments: Family.allCases, 0..<4)
  func degreesOfFreedom(_ family: Family, _ kind: Int) throws {
    // Within the range of every family, so that both directions are.
    let y = target(family, problem, seed: 166).map { 0.9 * $0 + 0.05 }
    let groups = ColumnGroups([0, 0, 1, 1, 1, 2])
    let penalty: RegressionPenalty = [
      .lasso(2), .ridge(9), .elasticNet(6, mixing: 0.4), .groupLasso(3, groups),
    ][kind]
    let settings = RegressionSettings(
      penaltyFactors: kind == 3 ? nil : [1, 0, 2, 1, 1, 0.5], tolerance: 1e-13)
    let model = GeneralizedLinearModel(family, penalty: penalty, settings: settings)
    let lambda = [Lambda.rss(2), .rss(9), .rss(6), .rss(3)][kind]
    for x in [try problem.dense, try problem.sparse] {
      let path = try model.path(x, y, weights: problem.weights, grid: .values([lambda]))
      var trace = 0.0
      for row in y.indices {
        func mean(_ step: Double) throws -> Double {
          var moved = y
          moved[row] += step
          return try model.fit(x, moved, weights: problem.weights).predict(x)[row]
        }
        trace += (try mean(1e-4) - mean(-1e-4)) / 2e-4
      }
      let degrees = try path.degreesOfFreedom()[0]
      #expect(close(degrees + 1, trace, 1e-5), "\(degrees + 1), by differences \(trace)")
      #expect(degrees > 1 && degrees <= 6)
    }
  }

  @Test func informationCriteria() throws {
    let y = target(.poisson, problem, seed: 167)
    let model = PoissonRegression(.lasso(1))
    let path = try model.path(problem.dense, y, grid: .automatic(count: 8, ratio: 1e-2))
    let (akaike, bayes) = (try path.informationCriteria(.akaike), try path.informationCriteria(.bayes))
    let extended = try path.informationCriteria(.extendedBayes(gamma: 0.5))
    let choices = [1.0, 6, 15, 20, 15, 6, 1]
    for (index, fit) in path.fits.enumerated() {
      let k = fit.coefficients.support.count
      #expect(close(akaike[index], fit.deviance + 2 * Double(k + 1), 1e-12))
      #expect(close(bayes[index], fit.deviance + log(30) * Double(k + 1), 1e-12))
      #expect(close(extended[index], bayes[index] + log(choices[k]), 1e-10))
    }
    // The squared loss by either road.
    let squared = try GeneralizedLinearModel(.gaussian, penalty: .elasticNet(1, mixing: 0.5))
      .path(problem.dense, problem.y, grid: .values([5, 20]))
    let special = try ElasticNet(lambda: 1, mixing: 0.5).path(problem.dense, problem.y, grid: .values([5, 20]))
    expectClose(try squared.informationCriteria(.bayes), special.informationCriteria(.bayes), 1e-5)
  }
}
