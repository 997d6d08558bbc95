/// The eigenvalues and eigenvectors of a symmetric matrix, A = V diag(values) V': all of them by divide and conquer, or the
/// largest alone by bisection and inverse iteration.
public struct SymmetricEigen<S: Scalar>: Sendable, Equatable {
  /// The eigenvalues, in ascending order.
  public let values: [S]

  /// The orthonormal eigenvectors: column j belongs to `values[j]`.
  public let vectors: Matrix<S>

  private static var name: String { "the symmetric eigenproblem" }

  /// Decomposes a symmetric matrix, of which only `triangle` is used.
  ///
  /// - Throws: ``LinearAlgebraError/notFinite(operation:row:column:)`` if an element is infinite or not a number,
  ///   ``LinearAlgebraError/noConvergence(operation:info:)`` or ``LinearAlgebraError/outOfMemory(operation:)``.
  public init(_ a: Matrix<S>, triangle: Triangle = .lower) throws {
    a.requireSquare(Self.name)
    try a.requireFinite(Self.name)
    let n = a.rows
    var vectors = a
    var values = [S](repeating: 0, count: n)
    if n > 0 {
      let info = vectors.withUnsafeMutableElements { S.syevd(triangle, n, $0, n, &values) }
      try checkArguments(info, Self.name)
      if info > 0 { throw LinearAlgebraError.noConvergence(operation: Self.name, info: info) }
    }
    (self.values, self.vectors) = (values, vectors)
  }

  /// The largest eigenvalues of a symmetric matrix, of which only `triangle` is used, and their eigenvectors: `values` has
  /// `count` numbers and `vectors` as many columns.
  ///
  /// Where `count` is a quarter of the order or less this takes about half the time of all of them. Vectors of equal
  /// eigenvalues are an orthonormal basis of the plane they span, another one than the full decomposition's.
  ///
  /// - Parameters:
  ///   - a: a square matrix.
  ///   - count: how many eigenvalues, from 0 to the order of the matrix.
  ///   - triangle: the triangle that is read.
  /// - Throws: ``LinearAlgebraError/notFinite(operation:row:column:)`` if an element is infinite or not a number,
  ///   ``LinearAlgebraError/noConvergence(operation:info:)`` or ``LinearAlgebraError/outOfMemory(operation:)``.
  public init(_ a: Matrix<S>, largest count: Int, triangle: Triangle = .lower) throws {
    a.requireSquare(Self.name)
    let n = a.rows
    precondition(count >= 0 && count <= n, "\(Self.name) of order \(n) has no \(count) largest eigenvalues")
    try a.requireFinite(Self.name)
    guard count > 0 else {
      (values, vectors) = ([], Matrix(rows: n, columns: 0))
      return
    }
    var work = a
    var rows = Matrix<S>(rows: count, columns: n)
    var values = [S](repeating: 0, count: n)
    var found = 0
    let info = work.withUnsafeMutableElements { work in
      rows.withUnsafeMutableElements { S.syevr(triangle, n, work, n, n - count, n - 1, &found, &values, $0, n) }
    }
    try checkArguments(info, Self.name)
    if info == 0, found == count {
      (self.values, vectors) = (Array(values[0..<count]), rows.transposed())
    } else {
      // Inverse iteration has no answer for some matrices that divide and conquer has one for.
      let all = try SymmetricEigen(a, triangle: triangle)
      var vectors = Matrix<S>(rows: n, columns: count)
      for row in 0..<n { for column in 0..<count { vectors[row, column] = all.vectors[row, n - count + column] } }
      (self.values, self.vectors) = (Array(all.values[(n - count)...]), vectors)
    }
  }
}
