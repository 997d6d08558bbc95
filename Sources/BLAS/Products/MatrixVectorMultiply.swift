/// The product alpha op(A) x with a vector.
///
/// - Parameters:
///   - a: The matrix.
///   - x: The vector, of as many elements as op(A) has columns.
///   - transposeA: Whether op(A) is the transpose of `a`.
///   - alpha: A factor of the product.
///   - pool: The threads that share the work; the result does not depend on their number.
public func matrixVectorMultiply<S: Scalar>(
  _ a: Matrix<S>, _ x: [S], transposeA: Bool = false, alpha: S = 1, pool: ThreadPool = .shared
) -> [S] {
  let expected = transposeA ? a.rows : a.columns
  precondition(x.count == expected, "op(A) has \(expected) columns, but the vector has \(x.count) elements")
  let column = Matrix(rows: x.count, columns: 1, elements: x)
  return matrixMultiply(a, column, transposeA: transposeA, alpha: alpha, pool: pool).elements
}
