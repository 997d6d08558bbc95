/// The eigenvalues and eigenvectors of a symmetric matrix, A = V diag(values) V', by divide and conquer.
public struct SymmetricEigen<S: Scalar>: Sendable, Equatable {
  /// The eigenvalues, in ascending order.
  public let values: [S]

  /// The orthonormal eigenvectors: column j belongs to `values[j]`.
  public let vectors: Matrix<S>

  /// Decomposes a symmetric matrix, of which only `triangle` is used.
  ///
  /// - Throws: ``LinearAlgebraError/notFinite(operation:row:column:)`` if an element is infinite or not a number,
  ///   ``LinearAlgebraError/noConvergence(operation:info:)`` or ``LinearAlgebraError/outOfMemory(operation:)``.
  public init(_ a: Matrix<S>, triangle: Triangle = .lower) throws {
    let name = "the symmetric eigenproblem"
    a.requireSquare(name)
    try a.requireFinite(name)
    let n = a.rows
    var vectors = a
    var values = [S](repeating: 0, count: n)
    if n > 0 {
      let info = vectors.withUnsafeMutableElements { S.syevd(triangle, n, $0, n, &values) }
      try checkArguments(info, name)
      if info > 0 { throw LinearAlgebraError.noConvergence(operation: name, info: info) }
    }
    (self.values, self.vectors) = (values, vectors)
  }
}
