/// The thin singular value decomposition A = U diag(s) V' of an m x n matrix, by divide and conquer.
///
/// With r = min(m, n), U is m x r and V' is r x n; the columns of U and the rows of V' are orthonormal.
public struct SingularValueDecomposition<S: Scalar>: Sendable, Equatable {
  /// The m x min(m, n) left singular vectors, as columns.
  public let u: Matrix<S>

  /// The min(m, n) singular values, in descending order, none negative.
  public let s: [S]

  /// The min(m, n) x n right singular vectors, as rows.
  public let vt: Matrix<S>

  /// Decomposes a matrix of any shape and rank.
  ///
  /// - Throws: ``LinearAlgebraError/notFinite(operation:row:column:)`` if an element is infinite or not a number,
  ///   ``LinearAlgebraError/noConvergence(operation:info:)`` or ``LinearAlgebraError/outOfMemory(operation:)``.
  public init(_ a: Matrix<S>) throws {
    let name = "the singular value decomposition"
    try a.requireFinite(name)
    let (m, n, rank) = (a.rows, a.columns, min(a.rows, a.columns))
    var u = Matrix<S>(rows: m, columns: rank)
    var s = [S](repeating: 0, count: rank)
    var vt = Matrix<S>(rows: rank, columns: n)
    if rank > 0 {
      var scratch = a
      let info = scratch.withUnsafeMutableElements { a in
        u.withUnsafeMutableElements { u in
          vt.withUnsafeMutableElements { vt in S.gesdd(m, n, a, n, &s, u, rank, vt, n) }
        }
      }
      try checkArguments(info, name)
      if info > 0 { throw LinearAlgebraError.noConvergence(operation: name, info: info) }
    }
    (self.u, self.s, self.vt) = (u, s, vt)
  }
}
