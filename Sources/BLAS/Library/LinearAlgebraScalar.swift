/// Which triangle of a square matrix holds the data; the other one is not read.
public enum Triangle: Sendable {
  /// The entries on and below the diagonal.
  case lower
  /// The entries on and above the diagonal.
  case upper
}

/// On which side of the unknown the triangular matrix of `trsm` stands.
public enum Side: Sendable {
  /// op(A) X = alpha B.
  case left
  /// X op(A) = alpha B.
  case right
}

/// The linear algebra a scalar type brings with it: BLAS and LAPACK calls over raw pointers.
///
/// Every matrix is row-major: element (i, j) of `a` is `a[i * lda + j]`, so `lda` is at least the number of columns.
/// Each call runs on the calling thread alone and checks nothing; ``Matrix`` and
/// the operations on it are the checked calls. The LAPACK calls return LAPACK's `info`: 0 for success, -i for a bad i-th
/// argument (a NaN in a matrix counts as one), a positive number for a numerical failure.
public protocol LinearAlgebraScalar {
  /// C = alpha op(A) op(B) + beta C, where op(A) is m x k, op(B) is k x n and C is m x n. With beta 0, C is not read.
  static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// y = alpha op(A) x + beta y, where A (before `transpose`) is rows x columns.
  static func gemv(
    _ transpose: Bool, _ rows: Int, _ columns: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ strideX: Int, _ beta: Self, _ y: UnsafeMutablePointer<Self>, _ strideY: Int)

  /// A = alpha x y' + A, where A is rows x columns.
  static func ger(
    _ rows: Int, _ columns: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ strideX: Int,
    _ y: UnsafePointer<Self>, _ strideY: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int)

  /// The sum of x[i] y[i].
  static func dot(
    _ count: Int, _ x: UnsafePointer<Self>, _ strideX: Int, _ y: UnsafePointer<Self>, _ strideY: Int
  ) -> Self

  /// y = alpha x + y.
  static func axpy(
    _ count: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ strideX: Int, _ y: UnsafeMutablePointer<Self>,
    _ strideY: Int)

  /// The Euclidean norm of x, without overflow in between.
  static func nrm2(_ count: Int, _ x: UnsafePointer<Self>, _ strideX: Int) -> Self

  /// x = alpha x.
  static func scal(_ count: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>, _ strideX: Int)

  /// y = x.
  static func copy(
    _ count: Int, _ x: UnsafePointer<Self>, _ strideX: Int, _ y: UnsafeMutablePointer<Self>, _ strideY: Int)

  /// The index of the first element that is infinite or not a number; nil if there is none.
  static func firstNonFinite(_ count: Int, _ x: UnsafePointer<Self>) -> Int?

  /// C = alpha A A' + beta C (A is n x k), or with `transpose` C = alpha A' A + beta C (A is k x n); one triangle only.
  static func syrk(
    _ triangle: Triangle, _ transpose: Bool, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// Solves op(A) X = alpha B or X op(A) = alpha B for the triangular A; X takes the place of the m x n matrix B.
  static func trsm(
    _ side: Side, _ triangle: Triangle, _ transpose: Bool, _ unitDiagonal: Bool, _ m: Int, _ n: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int)

  /// Cholesky factor in place: A = L L' (`lower`) or A = U' U (`upper`). A positive result i: the leading minor of
  /// order i is not positive definite.
  static func potrf(_ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int

  /// Solves A X = B from the factor `potrf` left; X takes the place of the n x columns matrix B.
  static func potrs(
    _ triangle: Triangle, _ n: Int, _ columns: Int, _ factor: UnsafePointer<Self>, _ ldf: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int

  /// Estimates 1 / (|A| |A^-1|) in the 1-norm from the factor `potrf` left and the 1-norm of A.
  static func pocon(
    _ triangle: Triangle, _ n: Int, _ factor: UnsafePointer<Self>, _ ldf: Int, _ norm: Self,
    _ reciprocal: inout Self
  ) -> Int

  /// The 1-norm of a symmetric matrix of which one triangle is given.
  static func lansy(_ triangle: Triangle, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int) -> Self

  /// QR in place: R on and above the diagonal, the reflectors below it, their min(m, n) factors in `tau`.
  static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ tau: UnsafeMutablePointer<Self>
  ) -> Int

  /// Turns the first k reflectors of `geqrf` into the first n columns (k <= n <= m) of Q, in place.
  static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ tau: UnsafePointer<Self>
  ) -> Int

  /// Thin singular value decomposition A = U diag(s) V': with r = min(m, n), `u` is m x r, `s` has r values in
  /// descending order, `vt` is r x n. Destroys A.
  static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ ldu: Int, _ vt: UnsafeMutablePointer<Self>, _ ldvt: Int
  ) -> Int

  /// Symmetric eigenproblem by divide and conquer: `w` ascending, the eigenvectors as the columns of A.
  static func syevd(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ w: UnsafeMutablePointer<Self>
  )
    -> Int

  /// The eigenvalues `first` to `last` (from 0, of all in ascending order) of a symmetric matrix and their eigenvectors, by
  /// bisection and inverse iteration: `w`, of n places, begins with the values in ascending order, row i of `z`,
  /// (last - first + 1) x n, is the vector of `w[i]`, and `found` is their number. Destroys A.
  static func syevr(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ first: Int, _ last: Int,
    _ found: inout Int, _ w: UnsafeMutablePointer<Self>, _ z: UnsafeMutablePointer<Self>, _ ldz: Int
  ) -> Int
}
