import BLAS
import Testing

@testable import LinearModels

@Suite struct StandardisationTests {
  private func standardised(
    _ x: DesignMatrix, weights: [Double]? = nil, _ standardisation: Standardisation, intercept: Bool = true
  ) throws -> StandardisedDesign {
    try StandardisedDesign(
      x, RowWeights(weights, rows: x.rows),
      StandardisationChoice(standardisation: standardisation, centres: intercept), pool: .shared)
  }

  /// Dense and sparse, weighted or not, centred or not, against the definitions.
  @Test(arguments: Standardisation.allCases, [true, false])
  func againstDefinitions(_ standardisation: Standardisation, _ intercept: Bool) throws {
    let problem = TestProblem(37, 21, seed: 1, density: 0.6)
    for weights in [nil, problem.weights, problem.weights.enumerated().map { $0 % 5 == 0 ? 0 : $1 }] {
      let naive = NaiveStandardisation(
        problem.x, problem.y, weights: weights, standardisation, intercept: intercept)
      for x in [try problem.dense, try problem.sparse] {
        let design = try standardised(x, weights: weights, standardisation, intercept: intercept)
        expectClose(design.statistics.means, naive.means, 1e-14)
        expectClose(design.statistics.scales, naive.scales, 1e-14)
        expectClose(design.statistics.squaredNorms, naive.columns.map(squares), 1e-13)
        for j in 0..<21 { expectClose(design.column(j), naive.columns[j], 1e-13) }
        // A vector that is not orthogonal to the intercept.
        expectClose(design.correlations(problem.y, pool: .shared), naive.correlations(problem.y), 1e-12)
      }
    }
  }

  /// A large mean must not eat the deviation.
  @Test func largeMeans() throws {
    let problem = TestProblem(200, 3, seed: 2)
    let shifted = Matrix(rows: 200, columns: 3, elements: problem.x.elements.map { $0 + 1e8 })
    let plain = try standardised(problem.dense, .population)
    let far = try standardised(DesignMatrix(shifted), .population)
    expectClose(far.statistics.scales, plain.statistics.scales, 1e-7)
    for j in 0..<3 { #expect(abs(far.column(j).reduce(0, +)) < 1e-10) }
  }

  /// A sparse column without zeros may be far from 0, and its products with others still have their digits.
  @Test(arguments: [false, true]) func sparseColumnsFarFromZero(_ isWeighted: Bool) throws {
    var problem = TestProblem(40, 4, seed: 6, density: 0.5)
    for i in 0..<40 { problem.x[i, 1] = 1e6 + Double(i * i % 17) }
    let weights = isWeighted ? problem.weights.enumerated().map { $0 == 3 ? 0 : $1 } : nil
    let dense = try standardised(problem.dense, weights: weights, .population)
    let sparse = try standardised(problem.sparse, weights: weights, .population)
    expectClose(sparse.statistics.means, dense.statistics.means, 1e-15)
    expectClose(sparse.gram(pool: .shared).elements, dense.gram(pool: .shared).elements, 1e-11)
    expectClose(sparse.column(1), dense.column(1), 1e-12)
    let ones = [Double](repeating: 1, count: 4)
    expectClose(
      sparse.outerGram(factors: ones, pool: .shared).elements, dense.outerGram(factors: ones, pool: .shared).elements,
      1e-11)
  }

  @Test func integerWeightsAreReplication() throws {
    let problem = TestProblem(9, 4, seed: 3)
    let counts = [1, 2, 0, 3, 1, 1, 4, 2, 1]
    let positions = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    for x in [try problem.dense, try problem.sparse] {
      let weighted = try standardised(x, weights: counts.map(Double.init), .population)
      let repeated = try standardised(x.selectingRows(positions), .population)
      expectClose(weighted.statistics.means, repeated.statistics.means, 1e-14)
      expectClose(weighted.statistics.scales, repeated.statistics.scales, 1e-14)
      expectClose(weighted.statistics.squaredNorms, repeated.statistics.squaredNorms, 1e-13)
    }
  }

  @Test func backTransformation() throws {
    let problem = TestProblem(30, 5, seed: 4)
    let design = try standardised(problem.dense, .sample)
    let b = Coefficients(names: try problem.dense.names, values: [1, 0, -2, 0.5, 3])
    let beta = design.statistics.originalScale(b)
    #expect(beta.support == [0, 2, 3, 4])
    #expect(beta["x3"] == -2 / design.statistics.scales[2])
    #expect(beta["x2"] == 0 && beta["x6"] == nil && beta["x03"] == nil)
    expectClose(design.statistics.standardisedScale(beta).values, b.values, 1e-15)
    let intercept = design.statistics.intercept(beta, targetMean: 7)
    for i in 0..<30 {
      let original = intercept + (0..<5).map { problem.x[i, $0] * beta[$0] }.reduce(0, +)
      let standard = 7 + (0..<5).map { design.column($0)[i] * b[$0] }.reduce(0, +)
      #expect(close(original, standard, 1e-13))
    }
  }

  @Test func constantColumns() throws {
    let x = Matrix(rows: 4, columns: 2, elements: [0.1, 1, 0.1, 2, 0.1, 3, 0.1, 4])
    let sparse = try SparseMatrix(
      rows: 4, columns: 2, entries: (0..<8).map { ($0 / 2, $0 % 2, x.elements[$0]) })
    for design in [try DesignMatrix(x), try DesignMatrix(sparse)] {
      #expect(try standardised(design, .population).statistics.emptyColumns == [0])
      #expect(throws: LinearModelError.constantColumn("x1")) {
        try standardised(design, .population, intercept: false)
      }
      #expect(try standardised(design, .none, intercept: false).statistics.emptyColumns == [])
      #expect(try standardised(design, .unitNorm, intercept: false).statistics.emptyColumns == [])
    }
  }

  @Test func valuesThatAreNotFiniteAreNamed() throws {
    for value in [Double.nan, .infinity, -.infinity] {
      let dense = Matrix(rows: 3, columns: 2, elements: [1, 2, 3, value, 5, 6])
      let sparse = try SparseMatrix(rows: 3, columns: 2, entries: [(0, 0, 1), (1, 1, value)])
      for design in [try DesignMatrix(dense, names: ["a", "b"]), try DesignMatrix(sparse, names: ["a", "b"])] {
        #expect(throws: LinearModelError.inputNotFinite(row: 1, column: "b")) { try standardised(design, .population) }
      }
    }
    let huge = try DesignMatrix(Matrix(rows: 2, columns: 1, elements: [1e300, -1e300]))
    #expect(throws: LinearModelError.overflow(of: "column x1")) { try standardised(huge, .none) }
  }

  @Test func weightsAreChecked() throws {
    #expect(throws: LinearModelError.noWeight) { try RowWeights([0, 0], rows: 2) }
    #expect(throws: LinearModelError.noObservations) { try RowWeights(nil, rows: 0) }
    #expect(throws: LinearModelError.wrongLength(of: "the observation weights", expected: 2, found: 1)) {
      try RowWeights([1], rows: 2)
    }
    #expect(throws: LinearModelError.negativeEntry(of: "the observation weights", index: 1, value: -1)) {
      try RowWeights([1, -1], rows: 2)
    }
  }

  @Test func squaresThatVanishAreRefused() throws {
    for intercept in [true, false] {
      let settings = RegressionSettings(intercept: intercept)
      // At the first size squares are exact, at the second they lose digits, at the third they are 0.
      for (size, isFine) in [(1e-140, true), (1e-155, false), (1e-170, false)] {
        let x = Matrix(rows: 4, columns: 2, elements: [1 * size, 2, 3 * size, 1, 2 * size, 5, 7 * size, 3])
        let y = [1.0, 4, 2, 3]
        let sparse = try SparseMatrix(
          rows: 4, columns: 2, columnStarts: [0, 4, 8], rowIndices: [0, 1, 2, 3, 0, 1, 2, 3],
          values: [1 * size, 3 * size, 2 * size, 7 * size, 2, 1, 5, 3])
        for design in [try DesignMatrix(x), try DesignMatrix(sparse)] {
          let error = LinearModelError.underflow(of: "column x1")
          if isFine {
            let fit = try Lasso(lambda: 0.5, settings: settings).fit(design, y)
            let scaled = Matrix(rows: 4, columns: 2, elements: [1, 2, 3, 1, 2, 5, 7, 3])
            let expected = try Lasso(lambda: 0.5, settings: settings).fit(DesignMatrix(scaled), y)
            let (found, wanted) = (fit.standardizedCoefficients[0], expected.standardizedCoefficients[0])
            #expect(abs(found - wanted) < 1e-12)
          } else {
            #expect(throws: error) { try Lasso(lambda: 0.5, settings: settings).fit(design, y) }
          }
        }
        let target = y.map { $0 * size }
        let plain = try DesignMatrix(Matrix(rows: 4, columns: 1, elements: [1.0, 3, 2, 7]))
        var bounded = settings
        bounded.bounds = .nonNegative
        if isFine {
          #expect(throws: Never.self) { try Ridge(lambda: 1, settings: settings).fit(plain, target) }
          #expect(throws: Never.self) { try Ridge(lambda: 1, settings: bounded).fit(plain, target) }
        } else {
          #expect(throws: LinearModelError.underflow(of: "the target")) {
            try Ridge(lambda: 1, settings: settings).fit(plain, target)
          }
          #expect(throws: LinearModelError.underflow(of: "the target")) {
            try Ridge(lambda: 1, settings: bounded).fit(plain, target)
          }
        }
      }
      // What is exactly constant is no matter of digits.
      let constant = try DesignMatrix(Matrix(rows: 3, columns: 2, elements: [0, 1.0, 0, 2, 0, 4]))
      #expect(throws: Never.self) { try Ridge(lambda: 1, settings: settings).fit(constant, [0, 0, 0]) }
    }
  }
}
