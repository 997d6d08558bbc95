import BLAS
import Testing

@testable import LinearModels

/// Rows of the Gram matrix instead of all of it, against plain loops and against all of it.
@Suite struct GramRowsTests {
  /// Enough elements to be read block by block, and rows that fill no block.
  private static let (rows, columns) = (4_003, 270)

  private func design(
    _ problem: TestProblem, _ weights: [Double]? = nil, _ standardisation: Standardisation = .population,
    pool: ThreadPool = .shared
  ) throws -> StandardisedDesign {
    try StandardisedDesign(
      problem.dense, RowWeights(weights, rows: problem.x.rows),
      StandardisationChoice(standardisation: standardisation, centres: true), pool: pool)
  }

  private func streamed(_ design: StandardisedDesign) throws -> StreamedRows {
    guard case .dense(let dense) = design.columns else { throw Missing() }
    return try #require(dense.streamed)
  }

  private struct Missing: Error {}

  @Test(arguments: [Standardisation.population, .none], [false, true])
  func againstDefinitions(_ standardisation: Standardisation, _ isWeighted: Bool) throws {
    let problem = TestProblem(Self.rows, Self.columns, seed: 91)
    let weights = isWeighted ? problem.weights.enumerated().map { $0 % 7 == 0 ? 0 : $1 } : nil
    let naive = NaiveStandardisation(problem.x, problem.y, weights: weights, standardisation)
    let streamed = try streamed(design(problem, weights, standardisation))
    #expect(streamed.hasModestMeans)
    func product(_ i: Int, _ j: Int) -> Double {
      zip(naive.columns[i], naive.columns[j]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let scale = Double(Self.rows)
    // In no order, the last column among them.
    let chosen = [200, 3, 269, 0, 77]
    let products = streamed.products(of: chosen, pool: .shared)
    let square = streamed.gram(of: chosen, pool: .shared)
    for (index, column) in chosen.enumerated() {
      expectClose(
        (0..<Self.columns).map { products[index * Self.columns + $0] / scale },
        (0..<Self.columns).map { product(column, $0) / scale }, 1e-13)
      expectClose(
        chosen.indices.map { square[index, $0] / scale }, chosen.map { product(column, $0) / scale }, 1e-13)
    }
    // Against others, and residuals of coefficients that end early.
    let others = [5, 250]
    let rectangle = streamed.products(of: chosen, with: others, pool: .shared)
    for (index, column) in chosen.enumerated() {
      expectClose(
        (others + chosen).indices.map { rectangle[index, $0] / scale },
        (others + chosen).map { product(column, $0) / scale }, 1e-13)
    }
    let coefficients = [[0.5, -1], [], [0, 2, 0.25, 0, -0.125]]
    let expected = coefficients.flatMap { b -> [Double] in
      var all = [Double](repeating: 0, count: Self.columns)
      for (place, value) in b.enumerated() { all[chosen[place]] = value }
      return naive.correlations(naive.residual(all)).map { $0 / scale }
    }
    let found = streamed.correlations(
      ofResiduals: coefficients, columns: chosen, target: naive.target, pool: .shared)
    expectClose(found.map { $0 / scale }, expected, 1e-12)
    // A vector that is not orthogonal to the intercept.
    expectClose(
      streamed.correlations(problem.y, pool: .shared).map { $0 / scale },
      naive.correlations(problem.y).map { $0 / scale }, 1e-12)
  }

  @Test func bitsDoNotDependOnTheThreads() throws {
    let problem = TestProblem(Self.rows, Self.columns, seed: 92)
    let chosen = Array(stride(from: 1, to: 270, by: 8))
    let single = ThreadPool(threads: 1)
    let expected = try streamed(design(problem, problem.weights, pool: single))
    for threads in [2, 3] {
      let pool = ThreadPool(threads: threads)
      let found = try streamed(design(problem, problem.weights, pool: pool))
      #expect(found.products(of: chosen, pool: pool) == expected.products(of: chosen, pool: single))
      #expect(found.correlations(problem.y, pool: pool) == expected.correlations(problem.y, pool: single))
      #expect(found.gram(pool: pool).elements == expected.gram(pool: single).elements)
    }
  }

  /// A few rows, then the rest of the matrix: all of it.
  @Test func rowsAndRestAreTheMatrix() throws {
    let problem = TestProblem(Self.rows, Self.columns, seed: 93)
    let design = try design(problem, problem.weights)
    var rows = try #require(GramRows(design, problem.y, pool: .shared))
    let (first, second) = ([250, 4, 90], [1, 269])
    let all = design.gram(pool: .shared)
    let scale = Double(Self.rows)
    for (added, count) in [(first, 3), (second, 5)] {
      let products = rows.append(added, pool: .shared)
      #expect(rows.columns.count == count)
      for (index, column) in added.enumerated() {
        for (other, partner) in rows.columns.enumerated() {
          #expect(close(products[index, other] / scale, all[column, partner] / scale, 1e-13))
        }
      }
    }
    let whole = rows.whole(pool: .shared)
    expectClose(whole.elements.map { $0 / scale }, all.elements.map { $0 / scale }, 1e-13)
    for i in 0..<Self.columns { for j in 0..<i { #expect(whole[i, j] == whole[j, i]) } }
    // Z't − (Z'Z) b.
    let b = [0.5, 0, -2, 0.25, 1]
    let expected = (0..<Self.columns).map { j in
      rows.targetCorrelations[j] - zip(rows.columns, b).reduce(0) { $0 + all[j, $1.0] * $1.1 }
    }
    expectClose(rows.correlations(b).map { $0 / scale }, expected.map { $0 / scale }, 1e-12)
  }

  /// The rows and the whole matrix lead to the same path, whose certificates hold on the observations themselves; with a
  /// small last lambda, or too few to begin with, so many columns come in that the rest of the matrix is made.
  @Test(
    arguments: [
      (0.02, 1.0, true, 0), (0.02, 0.7, true, 0), (1e-5, 1.0, false, 0), (0.02, 1.0, true, 33), (0.02, 0.7, true, 33),
      (0.02, 1.0, false, 2), (1e-5, 1.0, false, 33),
    ])
  func pathsAreThoseOfTheWholeMatrix(
    _ ratio: Double, _ mixing: Double, _ keepsToRows: Bool, _ leading: Int
  ) throws {
    let data = TestProblem(Self.rows, Self.columns, seed: 94, correlation: 0.5, signals: 12)
    let factors = (0..<Self.columns).map { 1 + Double($0 % 3) / 4 }
    let settings = RegressionSettings(penaltyFactors: factors, tolerance: 1e-10)
    let model = ElasticNet(lambda: 1, mixing: mixing, settings: settings)
    let problem = try RegressionProblem(
      data.dense, data.y, weights: data.weights, offsets: nil, settings: settings, leading: leading, pool: .shared)
    let grid = LambdaGrid.automatic(count: 15, ratio: ratio)
    let path = try RegularizationPath(model, problem, grid, PathStop(), pool: .shared)
    let whole = try RegularizationPath(model, problem, grid, PathStop(), wantsGram: true, pool: .shared)
    #expect((path.gram == nil) == keepsToRows && whole.gram != nil)
    #expect(path.isCertified && path.fits.count == 15)
    let naive = NaiveStandardisation(data.x, data.y, weights: data.weights)
    for (fit, expected) in zip(path.fits, whole.fits) {
      #expect(fit.solver.solver == .coordinateDescentGram)
      let scale = max(expected.standardizedCoefficients.values.map(\.magnitude).max() ?? 0, 1)
      expectClose(
        fit.standardizedCoefficients.values.map { $0 / scale },
        expected.standardizedCoefficients.values.map { $0 / scale },
        1e-6)
      let b = fit.standardizedCoefficients.values
      let residual = naive.residual(b)
      let penalty = CoordinatePenalty(l1: fit.l1, l2: fit.l2, factors: factors)
      let primal = 0.5 * squares(residual) + b.enumerated().reduce(0) { $0 + penalty.value($1.offset, $1.element) }
      #expect(close(fit.certificate.primal / primal, 1, 1e-11))
      let violation = zip(b, naive.correlations(residual)).enumerated().map {
        penalty.violation($0.offset, $0.element.0, correlation: $0.element.1)
      }
      #expect(violation.max()! <= 1e-4 * path.fits[0].l1)
    }
    // By itself, without knowing what is to come.
    var single = model
    single.lambda = path.lambdas[9]
    let alone = try single.fit(data.dense, data.y, weights: data.weights)
    #expect(alone.isCertified && close(alone.certificate.primal / path.fits[9].certificate.primal, 1, 1e-10))
  }

  /// Columns far from 0 would cost the products digits; they are centred first, and the fit is the same.
  @Test func farMeansAreCentredFirst() throws {
    let near = TestProblem(Self.rows, Self.columns, seed: 95)
    var far = near
    for i in 0..<Self.rows { far.x[i, 5] += 1e6 }
    let design = try design(far)
    #expect(try streamed(design).hasModestMeans == false)
    #expect(GramRows(design, near.y, pool: .shared) == nil)
    let grid = LambdaGrid.automatic(count: 5, ratio: 0.05)
    let lasso = Lasso(lambda: 1, settings: RegressionSettings(tolerance: 1e-10))
    let (expected, found) = (
      try lasso.path(near.dense, near.y, grid: grid), try lasso.path(far.dense, near.y, grid: grid)
    )
    #expect(found.isCertified && found.gram != nil && expected.gram == nil)
    for (a, b) in zip(found.fits, expected.fits) {
      expectClose(a.standardizedCoefficients.values, b.standardizedCoefficients.values, 1e-6)
    }
  }
}
