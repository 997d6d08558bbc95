import BLAS
import Testing

@Suite struct MatrixTests {
  @Test func isAValue() {
    let a = Matrix<Double>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    var b = a
    b[1, 2] = 7
    #expect(a[1, 2] == 6)
    #expect(b.elements == [1, 2, 3, 4, 5, 7])
    #expect(a.description == "[1.0, 2.0, 3.0]\n[4.0, 5.0, 6.0]")
  }

  @Test func transposes() {
    let a = Matrix<Float>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    #expect(a.transposed() == Matrix(rows: 3, columns: 2, elements: [1, 4, 2, 5, 3, 6]))
    #expect(Matrix<Float>(rows: 0, columns: 3).transposed() == Matrix(rows: 3, columns: 0))
  }

  @Test func badUseStopsWithAMessage() async {
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(rows: 2, columns: 2, elements: [1]) }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(rows: 2, columns: 2)[2, 0] }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(rows: 2, columns: 2)[0, -1] }
    await #expect(processExitsWith: .failure) {
      _ = matrixMultiply(Matrix<Float>(rows: 2, columns: 3), Matrix<Float>(rows: 2, columns: 3))
    }
    await #expect(processExitsWith: .failure) { _ = MatrixProduct<Float>(m: 2, n: 2, k: 4, lda: 3) }
  }

  @Test func checkedProducts() {
    var generator = TestGenerator(3)
    let a: Matrix<Double> = generator.matrix(7, 4)
    let b: Matrix<Double> = generator.matrix(7, 5)
    let expected = naiveMultiply(a, b, transposeA: true)
    #expect(largestDifference(matrixMultiply(a, b, transposeA: true), expected) < 1e-14)
    var c = expected
    matrixMultiply(a, b, into: &c, transposeA: true, alpha: -1, beta: 1)
    #expect(largestDifference(c, Matrix(rows: 4, columns: 5)) < 1e-14)
    let x: [Double] = generator.values(4)
    let y = naiveMultiply(a, Matrix(rows: 4, columns: 1, elements: x)).elements
    #expect(largestDifference(matrixVectorMultiply(a, x), y) < 1e-14)
    #expect(largestDifference(matrixVectorMultiply(a.transposed(), x, transposeA: true, alpha: 1), y) < 1e-14)
  }

  @Test(arguments: [(0, 3), (3, 0), (1, 1), (5, 9), (300, 40), (520, 3)])
  func symmetricProducts(n: Int, k: Int) {
    var generator = TestGenerator(4)
    let a: Matrix<Float> = generator.matrix(n, k)
    let expected = naiveMultiply(a, a, transposeB: true)
    let product = symmetricRankK(a, pool: ThreadPool(threads: 2))
    #expect(largestDifference(product, expected) < tolerance(k, Float.self))
    #expect(product == product.transposed())
    #expect(symmetricRankK(a, pool: ThreadPool(threads: 1)) == product)
    let transposed = symmetricRankK(a.transposed(), transposeA: true, alpha: 2)
    let doubled = Matrix(rows: n, columns: n, elements: expected.elements.map { 2 * $0 })
    #expect(largestDifference(transposed, doubled) < 2 * tolerance(k, Float.self))
  }
}

@Suite struct RawVectorTests {
  private func check<S: Scalar>(_ type: S.Type) {
    let x: [S] = [1, 2, 3, 4, 5, 6]
    let y: [S] = [1, -1, 2]
    #expect(S.dot(3, x, 2, y, 1) == 1 - 3 + 10)
    var z = y
    S.axpy(3, 2, x, 1, &z, 1)
    #expect(z == [3, 3, 8])
    S.scal(2, 10, &z, 2)
    #expect(z == [30, 3, 80])
    #expect(S.nrm2(2, [3, 4], 1) == 5)
    // The squares would overflow.
    let large = S.greatestFiniteMagnitude / 4
    #expect(S.nrm2(2, [large, large], 1).isFinite)
    var a = [S](repeating: 1, count: 6)
    S.ger(2, 3, 1, [1, 2], 1, y, 1, &a, 3)
    #expect(a == [2, 0, 3, 3, -1, 5])
    var v = [S](repeating: .nan, count: 2)
    S.gemv(false, 2, 3, 1, x, 3, y, 1, 0, &v, 1)
    #expect(v == [5, 11])
    S.copy(3, x, 2, &z, 1)
    #expect(z == [1, 3, 5])
    #expect(S.firstNonFinite(6, x) == nil)
    #expect(S.firstNonFinite(3, [1, .infinity, .nan]) == 1)
    #expect(S.firstNonFinite(0, x) == nil)
    var solution: [S] = [8, 14]
    #expect(S.potrs(.lower, 2, 1, [2, 0, 1, 2], 2, &solution, 1) == 0)
    #expect(largestDifference(solution, [S(8 * 5 - 14 * 2) / 16, S(14 * 4 - 8 * 2) / 16]) < 1e-5)
  }

  @Test func float() { check(Float.self) }
  @Test func double() { check(Double.self) }

  @Test func names() {
    #expect(Float.safetensorsName == "F32")
    #expect(Double.safetensorsName == "F64")
  }
}
