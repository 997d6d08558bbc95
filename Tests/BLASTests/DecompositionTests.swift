import BLAS
import Testing

/// Each decomposition is checked by what it promises: it multiplies back, its factors have their form.
@Suite struct DecompositionTests {
  static let shapes = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (4, 4), (30, 12), (12, 30), (90, 90)]

  private func orthonormalColumns<S: Scalar>(_ q: Matrix<S>) -> Double {
    largestDifference(naiveMultiply(q, q, transposeA: true), .identity(q.columns)) / Double(S.ulpOfOne)
  }

  private func checkQR<S: Scalar>(_ a: Matrix<S>) throws {
    let decomposition = try QRDecomposition(a)
    let (q, r) = (decomposition.q, decomposition.r)
    #expect(largestDifference(naiveMultiply(q, r), a) < 100 * Double(S.ulpOfOne))
    #expect(orthonormalColumns(q) < 100)
    for i in 0..<r.rows { for j in 0..<i { #expect(r[i, j] == 0) } }
  }

  private func checkSVD<S: Scalar>(_ a: Matrix<S>) throws {
    let svd = try SingularValueDecomposition(a)
    var scaled = svd.u
    for i in 0..<scaled.rows { for j in 0..<scaled.columns { scaled[i, j] *= svd.s[j] } }
    #expect(largestDifference(naiveMultiply(scaled, svd.vt), a) < 500 * Double(S.ulpOfOne))
    #expect(orthonormalColumns(svd.u) < 200)
    #expect(orthonormalColumns(svd.vt.transposed()) < 200)
    #expect(zip(svd.s, svd.s.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(svd.s.allSatisfy { $0 >= 0 })
  }

  @Test(arguments: shapes) func qr(rows: Int, columns: Int) throws {
    var generator = TestGenerator(11)
    try checkQR(generator.matrix(rows, columns, as: Float.self))
    try checkQR(generator.matrix(rows, columns, as: Double.self))
  }

  @Test(arguments: shapes) func svd(rows: Int, columns: Int) throws {
    var generator = TestGenerator(12)
    try checkSVD(generator.matrix(rows, columns, as: Float.self))
    try checkSVD(generator.matrix(rows, columns, as: Double.self))
  }

  @Test func knownSingularValues() throws {
    // Singular values of [[3, 0], [4, 5]]: sqrt(45) and sqrt(5).
    let svd = try SingularValueDecomposition(Matrix<Double>(rows: 2, columns: 2, elements: [3, 0, 4, 5]))
    #expect(largestDifference(svd.s, [45.squareRoot(), 5.squareRoot()]) < 1e-14)
    let zero = try SingularValueDecomposition(Matrix<Double>(rows: 3, columns: 2))
    #expect(zero.s == [0, 0])
  }

  @Test(arguments: [0, 1, 2, 17, 80]) func symmetricEigen(order: Int) throws {
    try checkEigen(order, Float.self)
    try checkEigen(order, Double.self)
  }

  private func checkEigen<S: Scalar>(_ order: Int, _ type: S.Type) throws {
    var generator = TestGenerator(13)
    let half: Matrix<S> = generator.matrix(order, order)
    var a = half
    for i in 0..<order { for j in 0..<order { a[i, j] = half[i, j] + half[j, i] } }
    let eigen = try SymmetricEigen(a)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(orthonormalColumns(eigen.vectors) < 200)
    var scaled = eigen.vectors
    for i in 0..<order { for j in 0..<order { scaled[i, j] *= eigen.values[j] } }
    let product = naiveMultiply(scaled, eigen.vectors, transposeB: true)
    #expect(largestDifference(product, a) < 500 * Double(S.ulpOfOne))
    // Only the named triangle counts.
    var upper = a
    for i in 0..<order { for j in 0..<i { upper[i, j] = 99 } }
    let again = try SymmetricEigen(upper, triangle: .upper)
    #expect(largestDifference(again.values, eigen.values) < 200 * Double(S.ulpOfOne))
  }

  /// Every largest eigenpair alone against the full decomposition: order, values, residuals |A v − λ v|, orthogonality.
  private func checkLargest<S: Scalar>(_ a: Matrix<S>, counts: [Int], triangle: Triangle = .lower) throws {
    let all = try SymmetricEigen(a, triangle: triangle)
    var whole = a
    for i in 0..<a.rows {
      for j in 0..<i where triangle == .lower { whole[j, i] = a[i, j] }
      for j in 0..<i where triangle == .upper { whole[i, j] = a[j, i] }
    }
    let scale = max(all.values.reduce(0) { max($0, abs(Double($1))) }, 1e-30) * Double(S.ulpOfOne)
    for count in counts {
      let some = try SymmetricEigen(a, largest: count, triangle: triangle)
      #expect(some.values.count == count && some.vectors.rows == a.rows && some.vectors.columns == count)
      #expect(zip(some.values, some.values.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(largestDifference(some.values, Array(all.values.suffix(count))) < 100 * scale)
      #expect(orthonormalColumns(some.vectors) < 1000)
      var scaled = some.vectors
      for i in 0..<a.rows { for j in 0..<count { scaled[i, j] *= some.values[j] } }
      #expect(largestDifference(naiveMultiply(whole, some.vectors), scaled) < 500 * scale)
    }
  }

  @Test func largestEigenvaluesAlone() throws {
    func check<S: Scalar>(_ type: S.Type) throws {
      var generator = TestGenerator(14)
      for order in [1, 2, 17, 80] {
        let half: Matrix<S> = generator.matrix(order, order)
        var a = half
        for i in 0..<order { for j in 0..<order { a[i, j] = half[i, j] + half[j, i] } }
        try checkLargest(a, counts: Array(Set([0, 1, min(3, order), order / 2, order])))
        for i in 0..<order { for j in 0..<i { a[i, j] = 99 } }
        try checkLargest(a, counts: [1, order / 4], triangle: .upper)
      }
      // Repeated eigenvalues: none at all, an identity, two blocks alike, and few directions among zeros.
      try checkLargest(Matrix<S>(rows: 24, columns: 24), counts: [1, 5, 24])
      try checkLargest(Matrix<S>.identity(24), counts: [1, 5, 24])
      let part: Matrix<S> = generator.matrix(20, 20)
      let block = naiveMultiply(part, part, transposeB: true)
      var twice = Matrix<S>(rows: 40, columns: 40)
      for i in 0..<20 {
        for j in 0..<20 { (twice[i, j], twice[20 + i, 20 + j]) = (block[i, j], block[i, j]) }
      }
      try checkLargest(twice, counts: [1, 3, 10])
      let thin: Matrix<S> = generator.matrix(60, 3)
      try checkLargest(naiveMultiply(thin, thin, transposeB: true), counts: [2, 3, 4, 15])
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func knownEigenvalues() throws {
    let eigen = try SymmetricEigen(Matrix<Double>(rows: 2, columns: 2, elements: [2, 1, 1, 2]))
    #expect(largestDifference(eigen.values, [1, 3]) < 1e-14)
    #expect(abs(eigen.vectors[0, 1] - eigen.vectors[1, 1]) < 1e-14)
  }

  @Test func infinityAndNaNAreErrors() {
    for bad in [Double.nan, .infinity, -.infinity] {
      var a = Matrix<Double>.identity(3)
      a[2, 1] = bad
      #expect(throws: LinearAlgebraError.notFinite(operation: "Cholesky", row: 2, column: 1)) { try Cholesky(a) }
      #expect(throws: LinearAlgebraError.notFinite(operation: "QR", row: 2, column: 1)) { try QRDecomposition(a) }
      #expect(throws: LinearAlgebraError.self) { try SingularValueDecomposition(a) }
      #expect(throws: LinearAlgebraError.self) { try SymmetricEigen(a) }
      #expect(throws: LinearAlgebraError.self) { try SymmetricEigen(a, largest: 1) }
    }
  }
}
