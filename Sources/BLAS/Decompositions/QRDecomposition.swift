/// The thin QR decomposition A = Q R of an m x n matrix, by Householder reflections.
///
/// With r = min(m, n), Q is m x r with orthonormal columns and R is r x n, zero below its diagonal. The signs are
/// LAPACK's: the diagonal of R may be negative.
public struct QRDecomposition<S: Scalar>: Sendable, Equatable {
  /// The m x min(m, n) matrix with orthonormal columns.
  public let q: Matrix<S>

  /// The min(m, n) x n upper triangular (or trapezoidal) matrix.
  public let r: Matrix<S>

  /// Decomposes a matrix of any shape and rank.
  ///
  /// - Throws: ``LinearAlgebraError/notFinite(operation:row:column:)`` if an element is infinite or not a number, or
  ///   ``LinearAlgebraError/outOfMemory(operation:)``.
  public init(_ a: Matrix<S>) throws {
    try a.requireFinite("QR")
    let (m, n, rank) = (a.rows, a.columns, min(a.rows, a.columns))
    guard rank > 0 else {
      (q, r) = (Matrix(rows: m, columns: rank), Matrix(rows: rank, columns: n))
      return
    }
    var packed = a
    var tau = [S](repeating: 0, count: rank)
    try checkArguments(packed.withUnsafeMutableElements { S.geqrf(m, n, $0, n, &tau) }, "QR")

    var r = Matrix<S>(rows: rank, columns: n)
    var q = Matrix<S>(rows: m, columns: rank)
    packed.withUnsafeElements { packed in
      r.withUnsafeMutableElements { r in
        for i in 0..<rank { (r + i * n + i).update(from: packed + i * n + i, count: n - i) }
      }
      q.withUnsafeMutableElements { q in
        for i in 0..<m { (q + i * rank).update(from: packed + i * n, count: rank) }
      }
    }
    try checkArguments(q.withUnsafeMutableElements { S.orgqr(m, rank, rank, $0, rank, tau) }, "QR")
    (self.q, self.r) = (q, r)
  }
}
