import BLAS
import Foundation
import Tensors
import Testing

@testable import LinearModels

/// The descent of sparse designs with more columns than their Gram matrix is worth.
@Suite struct ResidualDescentTests {
  private let pool = ThreadPool(threads: 2)

  /// Columns of a few entries each, the second half of them copies of the first with entries changed by `difference`.
  private func nearlyDependent(_ n: Int, _ p: Int, difference: Double, seed: UInt64) throws -> (DesignMatrix, [Double])
  {
    var random = RandomGenerator(seed: seed)
    var entries: [(row: Int, column: Int, value: Double)] = []
    var y = (0..<n).map { _ in random.normal() }
    for column in 0..<p / 2 {
      let effect = column % 10 == 0 ? random.normal() : 0
      for row in 0..<n where random.uniform() < 0.03 {
        let value = random.normal()
        entries.append((row, column, value))
        entries.append((row, column + p / 2, value * (1 + difference * random.normal())))
        y[row] += effect * value
      }
    }
    return (try DesignMatrix(SparseMatrix(rows: n, columns: p, entries: entries)), y)
  }

  @Test(arguments: [1e-100, 1, 1e100])
  func productsInSinglePrecisionAreThoseOfTheColumns(scale: Double) throws {
    var test = TestProblem(60, 9, seed: 3, density: 0.3)
    test.x = Matrix(rows: 60, columns: 9, elements: test.x.elements.map { $0 * scale })
    for (standardisation, intercept) in [(Standardisation.population, true), (.none, true), (.none, false)] {
      let settings = RegressionSettings(standardisation: standardisation, intercept: intercept)
      let problem = try RegressionProblem(
        test.sparse, test.y, weights: test.weights, offsets: nil, settings: settings, pool: pool)
      guard case .sparse(let sparse) = problem.design.columns, var single = SinglePrecisionColumns(sparse) else {
        Issue.record("the design is not sparse")
        return
      }
      let order = [4, 0, 8, 2, 1, 7]
      single.append(Array(order[..<2]), squaredNorms: problem.design.statistics.squaredNorms)
      single.append(Array(order[2...]), squaredNorms: problem.design.statistics.squaredNorms)
      let support = [5, 1, 2]
      let direction = [2e-5, -1e-5, 0.5e-5].map { $0 / scale }
      let naive = NaiveStandardisation(
        test.x, test.y, weights: test.weights, standardisation, intercept: intercept)
      let columns = support.map { naive.columns[order[$0]] }
      let image = (0..<60).map { row in zip(columns, direction).reduce(0) { $0 + $1.0[row] * $1.1 } }
      let expected = columns.map { zip($0, image).reduce(0) { $0 + $1.0 * $1.1 } }
      let largest = expected.map(\.magnitude).max() ?? 0
      for (found, expected) in zip(single.gramProduct(support, direction, pool: pool), expected) {
        #expect((found - expected).magnitude <= 2e-6 * largest, "\(found) and \(expected)")
      }
    }
  }

  @Test(arguments: [0.0])
  func dependentColumnsAreSolvedToTheLastDigits(difference: Double) throws {
    let (x, y) = try nearlyDependent(600, 1600, difference: difference, seed: 17)
    let settings = RegressionSettings(tolerance: 1e-12)
    let problem = try RegressionProblem(x, y, weights: nil, offsets: nil, settings: settings, pool: pool)
    var descent = CoordinateDescent(problem, settings: settings, pool: pool)
    let largest = descent.largestL1
    for step in 1...12 {
      let fit = descent.fit(l1: largest * pow(0.65, Double(step)), l2: 0)
      #expect(fit.certificate.isCertified && fit.dualityGap <= 1e-12, "step \(step): \(fit.dualityGap)")
    }
    #expect(descent.descent != nil, "the Gram matrix of the columns was kept throughout")
  }
}
