import RealModule

/// The Cholesky factor of a symmetric positive definite matrix, A = L L', and what it is good for.
///
/// ```swift
/// let factor = try Cholesky(gram)
/// let coefficients = factor.solve(rightHandSides)
/// ```
public struct Cholesky<S: Scalar>: Sendable, Equatable {
  /// The lower triangular factor L; zeros above the diagonal.
  public let lower: Matrix<S>

  /// The 1-norm of A, the largest sum of absolute values in a column.
  public let norm: S

  /// Factors a symmetric positive definite matrix, of which only `triangle` is read.
  ///
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(order:)``, or ``LinearAlgebraError/notFinite(operation:row:column:)``
  ///   if any element is infinite or not a number.
  public init(_ a: Matrix<S>, triangle: Triangle = .lower) throws {
    a.requireSquare("Cholesky")
    try a.requireFinite("Cholesky")
    let n = a.rows
    var factor = triangle == .lower ? a : a.transposed()
    guard n > 0 else {
      (lower, norm) = (factor, 0)
      return
    }
    norm = factor.withUnsafeElements { S.lansy(.lower, n, $0, n) }
    let info = factor.withUnsafeMutableElements { factor in
      for row in 0..<n { (factor + row * n + row + 1).update(repeating: 0, count: n - row - 1) }
      return S.potrf(.lower, n, factor, n)
    }
    try checkArguments(info, "Cholesky")
    if info > 0 { throw LinearAlgebraError.notPositiveDefinite(order: info) }
    lower = factor
  }

  /// The order of the matrix.
  public var order: Int { lower.rows }

  /// The solution X of A X = B.
  public func solve(_ b: Matrix<S>) -> Matrix<S> {
    precondition(b.rows == order, "a matrix of order \(order) does not fit right-hand sides of \(b.rows) rows")
    var x = b
    guard !x.elements.isEmpty else { return x }
    x.withUnsafeMutableElements { x in
      lower.withUnsafeElements { lower in
        // Two TRSM calls, because LAPACK's own solver wants column-major copies of the right-hand sides.
        S.trsm(.left, .lower, false, false, order, b.columns, 1, lower, order, x, b.columns)
        S.trsm(.left, .lower, true, false, order, b.columns, 1, lower, order, x, b.columns)
      }
    }
    return x
  }

  /// The solution x of A x = b.
  public func solve(_ b: [S]) -> [S] {
    solve(Matrix(rows: b.count, columns: 1, elements: b)).elements
  }

  /// The logarithm of the determinant of A.
  public var logDeterminant: S {
    var sum: S = 0
    for i in 0..<order { sum += S.log(lower.elements[i * order + i]) }
    return 2 * sum
  }

  /// An estimate of 1 / (|A| |A^-1|) in the 1-norm: near 1 for a well conditioned matrix, 0 for a singular one.
  ///
  /// LAPACK's `pocon` after Higham, "FORTRAN codes for estimating the one-norm" (1988): a lower bound of |A^-1|, seldom
  /// more than a factor of 3 too small. 1 for a matrix of order 0.
  ///
  /// - Throws: ``LinearAlgebraError/outOfMemory(operation:)``.
  public func reciprocalConditionEstimate() throws -> S {
    guard order > 0 else { return 1 }
    var reciprocal: S = 0
    let info = lower.withUnsafeElements { S.pocon(.lower, order, $0, order, norm, &reciprocal) }
    try checkArguments(info, "the condition estimate")
    return reciprocal
  }
}
