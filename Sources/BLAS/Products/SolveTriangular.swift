/// Solves op(A) X = alpha B, or X op(A) = alpha B with `side` right, for a triangular A.
///
/// - Parameters:
///   - a: The square matrix; only one of its triangles is read.
///   - b: The right-hand sides.
///   - triangle: Which triangle of `a` is the matrix.
///   - transposeA: Whether op(A) is the transpose of `a`.
///   - unitDiagonal: Whether the diagonal is taken as all ones and not read.
///   - side: On which side of X the matrix stands.
///   - alpha: A factor of the right-hand sides.
/// - Throws: ``LinearAlgebraError/singular(position:)`` if the diagonal has a 0.
public func solveTriangular<S: Scalar>(
  _ a: Matrix<S>, _ b: Matrix<S>, triangle: Triangle, transposeA: Bool = false, unitDiagonal: Bool = false,
  side: Side = .left, alpha: S = 1
) throws -> Matrix<S> {
  a.requireSquare("a triangular system")
  let expected = side == .left ? b.rows : b.columns
  precondition(
    a.rows == expected, "a triangular matrix of order \(a.rows) does not fit \(b.rows) x \(b.columns) right-hand sides")
  if !unitDiagonal {
    for i in 0..<a.rows where a.elements[i * a.rows + i] == 0 { throw LinearAlgebraError.singular(position: i) }
  }
  var x = b
  guard !x.elements.isEmpty else { return x }
  x.withUnsafeMutableElements { x in
    a.withUnsafeElements { a in
      S.trsm(side, triangle, transposeA, unitDiagonal, b.rows, b.columns, alpha, a, expected, x, b.columns)
    }
  }
  return x
}
