import BLAS
import Tensors
import Testing

@testable import LinearModels

@Suite struct DualityBoundTests {
  let problem = TestProblem(18, 7, seed: 41, density: 0.8)

  /// The bound at some coefficients, with everything it needs in plain loops.
  private func bound(
    _ z: NaiveStandardisation, _ b: [Double], l1: Double, l2: Double, factors: [Double]
  ) -> (bound: DualityBound, correlations: [Double]) {
    let r = z.residual(b)
    let u = z.correlations(r)
    let support = b.indices.filter { b[$0] != 0 }
    let bound = DualityBound(
      CoordinatePenalty(l1: l1, l2: l2, factors: factors), support: support, values: support.map { b[$0] },
      correlations: u, residualSquares: squares(r), residualTarget: zip(r, z.target).reduce(0) { $0 + $1.0 * $1.1 },
      targetSquares: squares(z.target), squaredNorms: z.columns.map(squares))
    return (bound, u)
  }

  /// Minimises over columns 0 and 1, the others held, so that the residual is orthogonal to them.
  private func fitFree(_ z: NaiveStandardisation, _ b: [Double]) -> [Double] {
    var b = b
    for _ in 0..<3 {
      let u = z.correlations(z.residual(b))
      func dot(_ i: Int, _ j: Int) -> Double { zip(z.columns[i], z.columns[j]).reduce(0) { $0 + $1.0 * $1.1 } }
      let determinant = dot(0, 0) * dot(1, 1) - dot(0, 1) * dot(0, 1)
      b[0] += (u[0] * dot(1, 1) - u[1] * dot(0, 1)) / determinant
      b[1] += (u[1] * dot(0, 0) - u[0] * dot(0, 1)) / determinant
    }
    return b
  }

  static let penalties = [(6.0, 0.0), (6, 2), (6, 1e-6), (0, 2), (40, 0.5)]

  /// No dual value lies above any primal one, for lasso, elastic net and ridge, with weights and with free columns.
  @Test(arguments: penalties, [false, true])
  func weakDuality(_ penalty: (Double, Double), _ isFree: Bool) {
    let (l1, l2) = penalty
    for weights in [nil, problem.weights] {
      let z = NaiveStandardisation(problem.x, problem.y, weights: weights)
      let factors: [Double] = isFree ? [0, 0, 1, 2, 0.5, 1, 1] : [1, 1, 1, 2, 0.5, 1, 1]
      var random = RandomGenerator(seed: 42)
      var (smallestPrimal, largestDual) = (Double.infinity, -Double.infinity)
      for trial in 0..<300 {
        let size = [0.01, 0.3, 1, 3][trial % 4]
        var b = (0..<7).map { _ in random.uniform() < 0.3 ? 0 : size * random.normal() }
        if isFree { b = fitFree(z, b) }
        let found = bound(z, b, l1: l1, l2: l2, factors: factors).bound
        #expect(close(found.primal, primal(z, b, l1: l1, l2: l2, factors: factors), 1e-12))
        #expect(found.dual > -.infinity)
        smallestPrimal = min(smallestPrimal, found.primal)
        largestDual = max(largestDual, found.dual)
      }
      let best = proximalGradient(z, l1: l1, l2: l2, factors: factors)
      smallestPrimal = min(smallestPrimal, primal(z, best, l1: l1, l2: l2, factors: factors))
      #expect(largestDual <= smallestPrimal * (1 + 1e-13))
      // At the optimum there is no gap.
      let optimum = bound(z, isFree ? fitFree(z, best) : best, l1: l1, l2: l2, factors: factors).bound
      #expect(optimum.relativeGap < 1e-11 && optimum.kktViolation < 1e-8)
    }
  }

  /// The reference's rule for the lasso, written out.
  @Test func lassoDualIsTheReferences() {
    let z = NaiveStandardisation(problem.x, problem.y)
    let b = [0.5, 0, -1, 0, 0, 0.2, 0]
    let r = z.residual(b)
    let scale = min(1, 3 / z.correlations(r).map(abs).max()!)
    let distance = squares(zip(z.target, r).map { $0 - scale * $1 })
    let found = bound(z, b, l1: 6, l2: 0, factors: [Double](repeating: 1, count: 7)).bound
    #expect(close(found.dual, 0.5 * squares(z.target) - 0.5 * distance, 1e-12))
    #expect(close(found.relativeGap, (found.primal - found.dual) / (0.5 * squares(z.target)), 1e-14))
  }

  /// A residual that is not orthogonal to a free column proves nothing.
  @Test func freeColumnsNeedOrthogonality() {
    let z = NaiveStandardisation(problem.x, problem.y)
    let factors: [Double] = [0, 0, 1, 1, 1, 1, 1]
    #expect(bound(z, [Double](repeating: 0, count: 7), l1: 6, l2: 0, factors: factors).bound.dual == -.infinity)
    #expect(bound(z, [Double](repeating: 0, count: 7), l1: 6, l2: 0, factors: factors).bound.relativeGap == .infinity)
  }

  /// Wherever the bound is taken, what it proves zero is zero at the optimum.
  @Test(arguments: [(6.0, 0.0), (6, 2), (40, 0.5), (100, 0)])
  func provedZeros(_ penalty: (Double, Double)) {
    let (l1, l2) = penalty
    let z = NaiveStandardisation(problem.x, problem.y)
    let factors = [Double](repeating: 1, count: 7)
    let best = proximalGradient(z, l1: l1, l2: l2, factors: factors)
    var random = RandomGenerator(seed: 43)
    var proved = 0
    for trial in 0..<60 {
      // From far away to the optimum itself.
      let distance = trial < 59 ? 1 / Double(1 << (trial / 2)) : 0
      let b = best.map { $0 == 0 && trial % 2 == 0 ? 0 : $0 + distance * random.normal() }
      let (bound, u) = bound(z, b, l1: l1, l2: l2, factors: factors)
      let set = bound.provedZero(
        CoordinatePenalty(l1: l1, l2: l2, factors: factors), correlations: u, squaredNorms: z.columns.map(squares))
      for column in set.columns { #expect(best[column] == 0) }
      proved = max(proved, set.count)
    }
    #expect(proved == best.count { $0 == 0 })
  }

  @Test func constantTarget() {
    let z = NaiveStandardisation(problem.x, [Double](repeating: 2, count: 18))
    let found = bound(z, [Double](repeating: 0, count: 7), l1: 1, l2: 0, factors: [Double](repeating: 1, count: 7))
    #expect(found.bound.relativeGap == 0)
  }

  @Test func columnSets() {
    var set = ColumnSet(columnCount: 130)
    for column in [0, 63, 64, 129, 64] { set.insert(column) }
    #expect(set.count == 4 && set.columns == [0, 63, 64, 129] && !set.contains(1))
  }
}
