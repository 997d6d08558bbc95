import COpenBLAS

/// Each requirement is one library call, in row-major order, but for small products for which the library would allocate.
extension Double: LinearAlgebraScalar {
  /// `cblas_dgemm`, or our own kernel where that would ask for heap memory.
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    LibraryThreads.hold()
    if !transposeA && !transposeB && LibraryKernels.mayAllocate(rows: m, columns: n, depth: k, lanes: 8) {
      cachedProduct(
        rows: m, columns: n, depth: k, alpha, a, rowPitch: lda, depthPitch: 1, b, bPitch: ldb, beta, c,
        cPitch: ldc)
      return
    }
    cblas_dgemm(
      CblasRowMajor, cblas(transposeA), cblas(transposeB), Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b,
      Int32(ldb), beta, c, Int32(ldc))
  }

  /// `cblas_dgemv`.
  public static func gemv(
    _ transpose: Bool, _ rows: Int, _ columns: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ x: UnsafePointer<Double>, _ strideX: Int, _ beta: Double, _ y: UnsafeMutablePointer<Double>, _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_dgemv(
      CblasRowMajor, cblas(transpose), Int32(rows), Int32(columns), alpha, a, Int32(lda), x, Int32(strideX), beta, y,
      Int32(strideY))
  }

  /// `cblas_dger`.
  public static func ger(
    _ rows: Int, _ columns: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ strideX: Int,
    _ y: UnsafePointer<Double>, _ strideY: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int
  ) {
    LibraryThreads.hold()
    cblas_dger(
      CblasRowMajor, Int32(rows), Int32(columns), alpha, x, Int32(strideX), y, Int32(strideY), a, Int32(lda))
  }

  /// `cblas_ddot`.
  public static func dot(
    _ count: Int, _ x: UnsafePointer<Double>, _ strideX: Int, _ y: UnsafePointer<Double>, _ strideY: Int
  ) -> Double {
    LibraryThreads.hold()
    return cblas_ddot(Int32(count), x, Int32(strideX), y, Int32(strideY))
  }

  /// `cblas_daxpy`.
  public static func axpy(
    _ count: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ strideX: Int, _ y: UnsafeMutablePointer<Double>,
    _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_daxpy(Int32(count), alpha, x, Int32(strideX), y, Int32(strideY))
  }

  /// `cblas_dnrm2`.
  public static func nrm2(_ count: Int, _ x: UnsafePointer<Double>, _ strideX: Int) -> Double {
    LibraryThreads.hold()
    return cblas_dnrm2(Int32(count), x, Int32(strideX))
  }

  /// `cblas_dscal`.
  public static func scal(_ count: Int, _ alpha: Double, _ x: UnsafeMutablePointer<Double>, _ strideX: Int) {
    LibraryThreads.hold()
    cblas_dscal(Int32(count), alpha, x, Int32(strideX))
  }

  /// `cblas_dcopy`.
  public static func copy(
    _ count: Int, _ x: UnsafePointer<Double>, _ strideX: Int, _ y: UnsafeMutablePointer<Double>, _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_dcopy(Int32(count), x, Int32(strideX), y, Int32(strideY))
  }

  /// The index of the first element that is infinite or not a number.
  public static func firstNonFinite(_ count: Int, _ x: UnsafePointer<Double>) -> Int? {
    (0..<count).first { !x[$0].isFinite }
  }

  /// `cblas_dsyrk`.
  public static func syrk(
    _ triangle: Triangle, _ transpose: Bool, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    LibraryThreads.hold()
    cblas_dsyrk(
      CblasRowMajor, cblas(triangle), cblas(transpose), Int32(n), Int32(k), alpha, a, Int32(lda), beta, c, Int32(ldc))
  }

  /// `cblas_dtrsm`.
  public static func trsm(
    _ side: Side, _ triangle: Triangle, _ transpose: Bool, _ unitDiagonal: Bool, _ m: Int, _ n: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) {
    LibraryThreads.hold()
    cblas_dtrsm(
      CblasRowMajor, side == .left ? CblasLeft : CblasRight, cblas(triangle), cblas(transpose),
      unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), alpha, a, Int32(lda), b, Int32(ldb))
  }

  /// `LAPACKE_dpotrf`, on the transposed view of the symmetric matrix, which spares LAPACKE its copy.
  public static func potrf(_ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_dpotrf(LAPACK_COL_MAJOR, lapackTransposed(triangle), Int32(n), a, Int32(lda)))
  }

  /// `LAPACKE_dpotrs`.
  public static func potrs(
    _ triangle: Triangle, _ n: Int, _ columns: Int, _ factor: UnsafePointer<Double>, _ ldf: Int,
    _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_dpotrs(
        LAPACK_ROW_MAJOR, lapack(triangle), Int32(n), Int32(columns), factor, Int32(ldf), b, Int32(ldb)))
  }

  /// `LAPACKE_dpocon`, on the transposed view of the factor.
  public static func pocon(
    _ triangle: Triangle, _ n: Int, _ factor: UnsafePointer<Double>, _ ldf: Int, _ norm: Double,
    _ reciprocal: inout Double
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_dpocon(
        LAPACK_COL_MAJOR, lapackTransposed(triangle), Int32(n), factor, Int32(ldf), norm, &reciprocal))
  }

  /// `LAPACKE_dlansy`, on the transposed view of the symmetric matrix.
  public static func lansy(_ triangle: Triangle, _ n: Int, _ a: UnsafePointer<Double>, _ lda: Int) -> Double {
    LibraryThreads.hold()
    return LAPACKE_dlansy(LAPACK_COL_MAJOR, lapack("1"), lapackTransposed(triangle), Int32(n), a, Int32(lda))
  }

  /// `LAPACKE_dgeqrf`.
  public static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ tau: UnsafeMutablePointer<Double>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, Int32(m), Int32(n), a, Int32(lda), tau))
  }

  /// `LAPACKE_dorgqr`.
  public static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ tau: UnsafePointer<Double>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_dorgqr(LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(k), a, Int32(lda), tau))
  }

  /// `LAPACKE_dgesdd` with job S, on the transposed view A' = V diag(s) U', which spares LAPACKE its copies.
  public static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ s: UnsafeMutablePointer<Double>,
    _ u: UnsafeMutablePointer<Double>, _ ldu: Int, _ vt: UnsafeMutablePointer<Double>, _ ldvt: Int
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, lapack("S"), Int32(n), Int32(m), a, Int32(lda), s, vt, Int32(ldvt), u, Int32(ldu)))
  }

  /// `LAPACKE_dsyevd` with job V.
  public static func syevd(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ w: UnsafeMutablePointer<Double>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_dsyevd(LAPACK_ROW_MAJOR, lapack("V"), lapack(triangle), Int32(n), a, Int32(lda), w))
  }

  /// `LAPACKE_dsyevr` with job V and range I, on the transposed view of the symmetric matrix; eigenvalues to the last bits
  /// that bisection gives.
  public static func syevr(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ first: Int, _ last: Int,
    _ found: inout Int, _ w: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, _ ldz: Int
  ) -> Int {
    LibraryThreads.hold()
    var support = [Int32](repeating: 0, count: 2 * max(1, last - first + 1))
    var count: Int32 = 0
    let info = LAPACKE_dsyevr(
      LAPACK_COL_MAJOR, lapack("V"), lapack("I"), lapackTransposed(triangle), Int32(n), a, Int32(lda), 0, 0,
      Int32(first + 1), Int32(last + 1), 2 * Double.leastNormalMagnitude, &count, w, z, Int32(ldz), &support)
    found = Int(count)
    return Int(info)
  }
}
