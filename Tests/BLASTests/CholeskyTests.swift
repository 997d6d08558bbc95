import BLAS
import Testing

@Suite struct CholeskyTests {
  private func check<S: Scalar>(_ order: Int, _ type: S.Type) throws {
    var generator = TestGenerator(UInt64(order))
    let a: Matrix<S> = generator.positiveDefinite(order)
    var upperOnly = a
    for i in 0..<order { for j in 0..<i { upperOnly[i, j] = -1 } }
    let factor = try Cholesky(a)
    let scale = Double(order + 10) * Double(S.ulpOfOne)
    #expect(largestDifference(naiveMultiply(factor.lower, factor.lower, transposeB: true), a) < 10 * scale)
    for i in 0..<order { for j in (i + 1)..<max(order, i + 1) { #expect(factor.lower[i, j] == 0) } }
    #expect(largestDifference(try Cholesky(upperOnly, triangle: .upper).lower, factor.lower) < 10 * scale)

    let x: Matrix<S> = generator.matrix(order, 3)
    #expect(largestDifference(factor.solve(naiveMultiply(a, x)), x) < 1000 * scale)
    let vector: [S] = generator.values(order)
    let product = naiveMultiply(a, Matrix(rows: order, columns: 1, elements: vector)).elements
    #expect(largestDifference(factor.solve(product), vector) < 1000 * scale)
  }

  @Test(arguments: [0, 1, 2, 9, 70]) func factorsAndSolves(order: Int) throws {
    try check(order, Float.self)
    try check(order, Double.self)
  }

  @Test func knownFactor() throws {
    let factor = try Cholesky(Matrix<Double>(rows: 2, columns: 2, elements: [4, 2, 2, 5]))
    #expect(factor.lower == Matrix(rows: 2, columns: 2, elements: [2, 0, 1, 2]))
    #expect(factor.norm == 7)
    #expect(abs(factor.logDeterminant - 2.772588722239781) < 1e-14)
  }

  @Test func namesTheOrderThatIsNotPositiveDefinite() {
    var a = Matrix<Double>.identity(4)
    a[2, 2] = -1
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 3)) { try Cholesky(a) }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 1)) {
      try Cholesky(Matrix<Float>(rows: 1, columns: 1, elements: [0]))
    }
    let message = "\(LinearAlgebraError.notPositiveDefinite(order: 3))"
    #expect(message == "Cholesky needs a positive definite matrix, but its leading part of order 3 is not")
  }

  @Test func estimatesTheCondition() throws {
    #expect(try Cholesky(Matrix<Double>.identity(5)).reciprocalConditionEstimate() == 1)
    #expect(try Cholesky(Matrix<Double>(rows: 0, columns: 0)).reciprocalConditionEstimate() == 1)
    var a = Matrix<Double>.identity(5)
    a[3, 3] = 1e-6
    #expect(abs(try Cholesky(a).reciprocalConditionEstimate() - 1e-6) < 1e-10)
  }

  @Test func triangularSystems() throws {
    var generator = TestGenerator(21)
    for (m, n) in [(1, 1), (6, 4), (4, 9), (0, 3), (3, 0)] {
      for triangle in [Triangle.lower, .upper] {
        for transposeA in [false, true] {
          for side in [Side.left, .right] {
            for unitDiagonal in [false, true] {
              let order = side == .left ? m : n
              // `full` also holds numbers in the other triangle, which must not be read.
              var full: Matrix<Double> = generator.matrix(order, order)
              var a = Matrix<Double>(rows: order, columns: order)
              for i in 0..<order {
                full[i, i] = unitDiagonal ? 0 : full[i, i] + 3
                for j in 0..<order where i == j || (triangle == .lower) == (j < i) {
                  a[i, j] = i == j && unitDiagonal ? 1 : full[i, j]
                }
              }
              let x: Matrix<Double> = generator.matrix(m, n)
              let b =
                side == .left
                ? naiveMultiply(a, x, transposeA: transposeA) : naiveMultiply(x, a, transposeB: transposeA)
              let solution = try solveTriangular(
                full, b, triangle: triangle, transposeA: transposeA, unitDiagonal: unitDiagonal, side: side)
              #expect(largestDifference(solution, x) < 1e-9)
            }
          }
        }
      }
    }
    #expect(throws: LinearAlgebraError.singular(position: 1)) {
      try solveTriangular(
        Matrix<Float>(rows: 2, columns: 2, elements: [1, 0, 1, 0]), .identity(2), triangle: .lower)
    }
  }

  @Test func informationNamesTheLibrary() {
    let information = BLASInformation.current
    #expect(information.configuration.contains("OpenBLAS"))
    #expect(!information.core.isEmpty)
    #expect(information.description.contains(information.core))
  }
}
