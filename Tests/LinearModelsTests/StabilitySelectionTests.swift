import BLAS
import LinearModels
import Tensors
import Testing

@Suite struct StabilitySelectionTests {
  /// The halves by the rule: a permutation of a generator's own for each number.
  private func halves(_ n: Int, _ count: Int, _ random: RandomGenerator, pairs: Bool) -> [[Int]] {
    (0..<count).flatMap { number -> [[Int]] in
      var generator = random.fork("subsamples").fork(number)
      let order = generator.permutation(n)
      let first = order[..<(n / 2)].sorted()
      return pairs ? [first, order[(n / 2)..<(2 * (n / 2))].sorted()] : [first]
    }
  }

  /// Frequencies against fits of each half by itself, at every lambda.
  @Test(arguments: [Family.gaussian, .binomial], [false, true])
  func againstFittingEachHalf(_ family: Family, _ pairs: Bool) throws {
    let (n, p) = (41, 7)
    let problem = TestProblem(n, p, seed: 401)
    let y = target(family, problem, seed: 402)
    let settings = RegressionSettings(penaltyFactors: [1, 1, 0, 2, 1, 1, 1], tolerance: 1e-12)
    let random = RandomGenerator(seed: 7)
    let model = GeneralizedLinearModel(family, penalty: .elasticNet(1, mixing: 0.9), settings: settings)
    let found = try model.stabilitySelection(
      problem.sparse, y, weights: problem.weights, grid: .automatic(count: 6, ratio: 0.1),
      sampling: pairs ? .complementaryPairs(4) : .independent(8), random: random)
    let subsamples = halves(n, pairs ? 4 : 8, random, pairs: pairs)
    #expect(found.subsampleCount == 8 && found.isCertified && found.lambdas.count == 6 && found.penalisedCount == 6)
    if pairs { #expect(Set(subsamples[0]).isDisjoint(with: subsamples[1])) }
    let total = problem.weights.reduce(0, +)
    var counts = [[Double]](repeating: [Double](repeating: 0, count: p), count: 6)
    var unions = 0
    for half in subsamples {
      let share = half.reduce(0) { $0 + problem.weights[$1] } / total
      var union: Set<Int> = []
      for (index, lambda) in found.lambdas.enumerated() {
        var single = model
        single.penalty = .elasticNet(.rss(lambda.value * share), mixing: 0.9)
        let fit = try single.fit(
          problem.dense.selectingRows(half), half.map { y[$0] }, weights: half.map { problem.weights[$0] })
        for column in fit.coefficients.support { counts[index][column] += 1 }
        union.formUnion(fit.coefficients.support.filter { $0 != 2 })
      }
      unions += union.count
    }
    for index in 0..<6 {
      for column in 0..<p { #expect(found.pathFrequencies[index, column] == counts[index][column] / 8) }
    }
    for column in 0..<p { #expect(found.frequencies[column] == counts.map { $0[column] / 8 }.max()) }
    #expect(found.averageSelected == Double(unions) / 8)
    let bound = found.averageSelected * found.averageSelected / 0.6 / 6
    #expect(close(try found.expectedFalseSelections(threshold: 0.8), bound, 1e-12))
    let stable = found.selected(threshold: 0.6)
    #expect(Set(stable) == Set((0..<p).filter { $0 != 2 && found.frequencies[$0] >= 0.6 }))
    for (more, less) in zip(stable, stable.dropFirst()) { #expect(found.frequencies[more] >= found.frequencies[less]) }
  }

  /// A half stops before it selects more than it may, and keeps what it had.
  @Test func theMostSelected() throws {
    let problem = TestProblem(60, 20, seed: 403)
    let model = GeneralizedLinearModel(.gaussian, penalty: .lasso(1))
    let random = RandomGenerator(seed: 8)
    func select(_ most: Int?) throws -> StabilitySelection {
      try model.stabilitySelection(
        problem.dense, problem.y, sampling: .independent(20), maximumSelected: most, random: random)
    }
    let (free, held) = (try select(nil), try select(3))
    #expect(free.averageSelected > 10 && held.averageSelected <= 3 && held.averageSelected > 1)
    for column in 0..<20 { #expect(held.frequencies[column] <= free.frequencies[column]) }
    // What was selected somewhere stays selected at the end of the grid.
    let last = (0..<20).reduce(0) { $0 + held.pathFrequencies[held.lambdas.count - 1, $1] }
    #expect(last > 1 && last <= held.averageSelected + 1e-12)
  }

  /// Over many data sets the false selections are on average no more than the bound, and the signals are found.
  @Test func theBoundHolds() throws {
    var (falseSelections, bounds, missed) = (0, 0.0, 0)
    let sets = 30
    for set in 0..<sets {
      var random = RandomGenerator(seed: UInt64(500 + set))
      var x = Matrix<Double>(rows: 60, columns: 25)
      var y: [Double] = []
      for row in 0..<60 {
        for column in 0..<25 { x[row, column] = random.normal() }
        y.append(2 * x[row, 3] - 2 * x[row, 11] + random.normal())
      }
      let found = try GeneralizedLinearModel(.gaussian, penalty: .lasso(1)).stabilitySelection(
        DesignMatrix(x), y, grid: .automatic(count: 25), sampling: .complementaryPairs(25), maximumSelected: 5,
        random: random)
      let stable = found.selected(threshold: 0.7)
      falseSelections += stable.count { $0 != 3 && $0 != 11 }
      missed += stable.filter { $0 == 3 || $0 == 11 }.count < 2 ? 1 : 0
      bounds += try found.expectedFalseSelections(threshold: 0.7)
    }
    #expect(Double(falseSelections) <= bounds, "\(falseSelections) false selections, \(bounds) bounded")
    #expect(missed == 0 && bounds < 3 * Double(sets))
  }

  @Test func doesNotDependOnThreads() throws {
    let problem = TestProblem(50, 10, seed: 404)
    let model = GeneralizedLinearModel(.gaussian, penalty: .lasso(1))
    func select() -> Matrix<Double>? {
      try? model.stabilitySelection(
        problem.dense, problem.y, sampling: .independent(15), random: RandomGenerator(seed: 3)
      ).pathFrequencies
    }
    let outside = try #require(select())
    var inside: [Matrix<Double>?] = [nil]
    // Within a task everything runs on one thread.
    inside.withUnsafeMutableBufferPointer { inside in
      ThreadPool.shared.run(1) { _ in inside[0] = select() }
    }
    #expect(inside[0] == outside)
  }

  @Test func refusals() throws {
    let problem = TestProblem(20, 3, seed: 405)
    let (x, random) = (try problem.dense, RandomGenerator(seed: 1))
    let lasso = GeneralizedLinearModel(.gaussian, penalty: .lasso(1))
    #expect(throws: LinearModelError.self) {
      try GeneralizedLinearModel(.gaussian, penalty: .ridge(1)).stabilitySelection(x, problem.y, random: random)
    }
    #expect(throws: LinearModelError.self) {
      try lasso.stabilitySelection(x, problem.y, sampling: .independent(0), random: random)
    }
    #expect(throws: LinearModelError.self) {
      try lasso.stabilitySelection(x, problem.y, maximumSelected: 0, random: random)
    }
    #expect(throws: LinearModelError.self) {
      try lasso.stabilitySelection(x.selectingRows([0]), [1], random: random)
    }
    let found = try lasso.stabilitySelection(x, problem.y, sampling: .independent(3), random: random)
    #expect(throws: LinearModelError.self) { try found.expectedFalseSelections(threshold: 0.5) }
    #expect(found.description.contains("3 subsamples"))
  }
}
