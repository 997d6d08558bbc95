import BLAS

/// The columns that are not penalised: an orthonormal basis Q of them, and how they are fitted to a residual.
///
/// These few columns are written out, in a sparse design too.
struct FreeColumns: Sendable {
  /// Their numbers.
  let columns: [Int]
  /// Q', a row a basis vector of n.
  let basis: Matrix<Double>
  /// Z_F⁺ = pseudoinverse · basis: from Q'r to coefficients.
  private let fromBasis: Matrix<Double>

  init(_ problem: RegressionProblem) throws(LinearModelError) {
    try self.init(
      problem.design,
      problem.factors.indices.filter { problem.factors[$0] == 0 && problem.design.statistics.squaredNorms[$0] > 0 })
  }

  init(_ design: StandardisedDesign, _ columns: [Int]) throws(LinearModelError) {
    self.columns = columns
    let n = design.rowCount
    let rows = Matrix(rows: columns.count, columns: n, elements: columns.flatMap { design.column($0) })
    let decomposition = try withLinearAlgebra { try SingularValueDecomposition(rows) }
    let limit = (decomposition.s.first ?? 0) * Double(max(n, columns.count)) * Double.ulpOfOne
    let rank = decomposition.s.count { $0 > limit }
    basis = Matrix(rows: rank, columns: n, elements: Array(decomposition.vt.elements.prefix(rank * n)))
    var fromBasis = Matrix<Double>(rows: columns.count, columns: rank)
    for i in 0..<columns.count {
      for k in 0..<rank { fromBasis[i, k] = decomposition.u[i, k] / decomposition.s[k] }
    }
    self.fromBasis = fromBasis
  }

  /// Whether there are none.
  var isEmpty: Bool { basis.rows == 0 }

  /// v − QQ'v.
  func projected(_ vector: [Double]) -> [Double] {
    var vector = vector
    project(&vector)
    return vector
  }

  /// v = v − QQ'v, twice, since once leaves what rounding lost.
  func project(_ vector: UnsafeMutablePointer<Double>) {
    let n = basis.columns
    basis.withUnsafeElements { basis in
      for _ in 0..<(isEmpty ? 0 : 2) {
        for k in 0..<self.basis.rows {
          Double.axpy(n, -Double.dot(n, basis + k * n, vector), basis + k * n, 1, vector, 1)
        }
      }
    }
  }

  /// M K M of a symmetric n x n matrix, with M = I − QQ'.
  func project(bothSidesOf matrix: inout Matrix<Double>) {
    guard !isEmpty else { return }
    for _ in 0..<2 {
      let n = matrix.rows
      matrix.withUnsafeMutableElements { elements in
        for row in 0..<n { project(elements + row * n) }
      }
      matrix = matrix.transposed()
    }
  }

  /// Q'Z, a row a basis vector.
  func products(_ design: StandardisedDesign, pool: ThreadPool) -> Matrix<Double> {
    let n = basis.columns
    let rows = (0..<basis.rows).flatMap { k in
      design.correlations(Array(basis.elements[k * n..<(k + 1) * n]), pool: pool)
    }
    return Matrix(rows: basis.rows, columns: design.columnCount, elements: rows)
  }

  /// Z'Z − Z'QQ'Z of the Gram matrix Z'Z.
  func subtractProjection(from gram: inout Matrix<Double>, _ design: StandardisedDesign, pool: ThreadPool) {
    subtractProjection(from: &gram, products(design, pool: pool), pool: pool)
  }

  /// The same with the products Q'Z.
  func subtractProjection(from gram: inout Matrix<Double>, _ products: Matrix<Double>, pool: ThreadPool) {
    guard !isEmpty else { return }
    matrixMultiply(products, products, into: &gram, transposeA: true, alpha: -1, beta: 1, pool: pool)
  }

  /// Sets the free coefficients to those that minimise the residual beside the other coefficients.
  func fit(_ b: inout [Double], _ problem: RegressionProblem) {
    guard !isEmpty else { return }
    // The second pass fits what rounding left of the first.
    for pass in 0..<2 {
      if pass == 0 { for column in columns { b[column] = 0 } }
      let residual = problem.residual(Array(b.indices), b)
      for (column, change) in zip(columns, correction(of: residual)) { b[column] += change }
    }
  }

  /// What to add to the free coefficients so that a residual becomes orthogonal to their columns.
  func correction(of residual: [Double]) -> [Double] {
    let n = basis.columns
    let inBasis = basis.withUnsafeElements { basis in
      (0..<self.basis.rows).map { Double.dot(n, basis + $0 * n, residual) }
    }
    return matrixVectorMultiply(fromBasis, inBasis)
  }
}
