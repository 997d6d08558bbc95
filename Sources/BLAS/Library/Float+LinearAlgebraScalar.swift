import COpenBLAS

/// Each requirement is one library call, in row-major order, but for small products for which the library would allocate.
extension Float: LinearAlgebraScalar {
  /// `cblas_sgemm`, or our own kernel where that would ask for heap memory.
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    LibraryThreads.hold()
    if !transposeA && !transposeB && LibraryKernels.mayAllocate(rows: m, columns: n, depth: k, lanes: 16) {
      cachedProduct(
        rows: m, columns: n, depth: k, alpha, a, rowPitch: lda, depthPitch: 1, b, bPitch: ldb, beta, c,
        cPitch: ldc)
      return
    }
    cblas_sgemm(
      CblasRowMajor, cblas(transposeA), cblas(transposeB), Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b,
      Int32(ldb), beta, c, Int32(ldc))
  }

  /// `cblas_sgemv`.
  public static func gemv(
    _ transpose: Bool, _ rows: Int, _ columns: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ x: UnsafePointer<Float>, _ strideX: Int, _ beta: Float, _ y: UnsafeMutablePointer<Float>, _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_sgemv(
      CblasRowMajor, cblas(transpose), Int32(rows), Int32(columns), alpha, a, Int32(lda), x, Int32(strideX), beta, y,
      Int32(strideY))
  }

  /// `cblas_sger`.
  public static func ger(
    _ rows: Int, _ columns: Int, _ alpha: Float, _ x: UnsafePointer<Float>, _ strideX: Int,
    _ y: UnsafePointer<Float>, _ strideY: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int
  ) {
    LibraryThreads.hold()
    cblas_sger(
      CblasRowMajor, Int32(rows), Int32(columns), alpha, x, Int32(strideX), y, Int32(strideY), a, Int32(lda))
  }

  /// `cblas_sdot`.
  public static func dot(
    _ count: Int, _ x: UnsafePointer<Float>, _ strideX: Int, _ y: UnsafePointer<Float>, _ strideY: Int
  ) -> Float {
    LibraryThreads.hold()
    return cblas_sdot(Int32(count), x, Int32(strideX), y, Int32(strideY))
  }

  /// `cblas_saxpy`.
  public static func axpy(
    _ count: Int, _ alpha: Float, _ x: UnsafePointer<Float>, _ strideX: Int, _ y: UnsafeMutablePointer<Float>,
    _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_saxpy(Int32(count), alpha, x, Int32(strideX), y, Int32(strideY))
  }

  /// `cblas_snrm2`.
  public static func nrm2(_ count: Int, _ x: UnsafePointer<Float>, _ strideX: Int) -> Float {
    LibraryThreads.hold()
    return cblas_snrm2(Int32(count), x, Int32(strideX))
  }

  /// `cblas_sscal`.
  public static func scal(_ count: Int, _ alpha: Float, _ x: UnsafeMutablePointer<Float>, _ strideX: Int) {
    LibraryThreads.hold()
    cblas_sscal(Int32(count), alpha, x, Int32(strideX))
  }

  /// `cblas_scopy`.
  public static func copy(
    _ count: Int, _ x: UnsafePointer<Float>, _ strideX: Int, _ y: UnsafeMutablePointer<Float>, _ strideY: Int
  ) {
    LibraryThreads.hold()
    cblas_scopy(Int32(count), x, Int32(strideX), y, Int32(strideY))
  }

  /// The index of the first element that is infinite or not a number.
  public static func firstNonFinite(_ count: Int, _ x: UnsafePointer<Float>) -> Int? {
    (0..<count).first { !x[$0].isFinite }
  }

  /// `cblas_ssyrk`.
  public static func syrk(
    _ triangle: Triangle, _ transpose: Bool, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    LibraryThreads.hold()
    cblas_ssyrk(
      CblasRowMajor, cblas(triangle), cblas(transpose), Int32(n), Int32(k), alpha, a, Int32(lda), beta, c, Int32(ldc))
  }

  /// `cblas_strsm`.
  public static func trsm(
    _ side: Side, _ triangle: Triangle, _ transpose: Bool, _ unitDiagonal: Bool, _ m: Int, _ n: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafeMutablePointer<Float>, _ ldb: Int
  ) {
    LibraryThreads.hold()
    cblas_strsm(
      CblasRowMajor, side == .left ? CblasLeft : CblasRight, cblas(triangle), cblas(transpose),
      unitDiagonal ? CblasUnit : CblasNonUnit, Int32(m), Int32(n), alpha, a, Int32(lda), b, Int32(ldb))
  }

  /// `LAPACKE_spotrf`, on the transposed view of the symmetric matrix, which spares LAPACKE its copy.
  public static func potrf(_ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_spotrf(LAPACK_COL_MAJOR, lapackTransposed(triangle), Int32(n), a, Int32(lda)))
  }

  /// `LAPACKE_spotrs`.
  public static func potrs(
    _ triangle: Triangle, _ n: Int, _ columns: Int, _ factor: UnsafePointer<Float>, _ ldf: Int,
    _ b: UnsafeMutablePointer<Float>, _ ldb: Int
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_spotrs(
        LAPACK_ROW_MAJOR, lapack(triangle), Int32(n), Int32(columns), factor, Int32(ldf), b, Int32(ldb)))
  }

  /// `LAPACKE_spocon`, on the transposed view of the factor.
  public static func pocon(
    _ triangle: Triangle, _ n: Int, _ factor: UnsafePointer<Float>, _ ldf: Int, _ norm: Float, _ reciprocal: inout Float
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_spocon(
        LAPACK_COL_MAJOR, lapackTransposed(triangle), Int32(n), factor, Int32(ldf), norm, &reciprocal))
  }

  /// `LAPACKE_slansy`, on the transposed view of the symmetric matrix.
  public static func lansy(_ triangle: Triangle, _ n: Int, _ a: UnsafePointer<Float>, _ lda: Int) -> Float {
    LibraryThreads.hold()
    return LAPACKE_slansy(LAPACK_COL_MAJOR, lapack("1"), lapackTransposed(triangle), Int32(n), a, Int32(lda))
  }

  /// `LAPACKE_sgeqrf`.
  public static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int, _ tau: UnsafeMutablePointer<Float>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, Int32(m), Int32(n), a, Int32(lda), tau))
  }

  /// `LAPACKE_sorgqr`.
  public static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int, _ tau: UnsafePointer<Float>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_sorgqr(LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(k), a, Int32(lda), tau))
  }

  /// `LAPACKE_sgesdd` with job S, on the transposed view A' = V diag(s) U', which spares LAPACKE its copies.
  public static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int, _ s: UnsafeMutablePointer<Float>,
    _ u: UnsafeMutablePointer<Float>, _ ldu: Int, _ vt: UnsafeMutablePointer<Float>, _ ldvt: Int
  ) -> Int {
    LibraryThreads.hold()
    return Int(
      LAPACKE_sgesdd(
        LAPACK_COL_MAJOR, lapack("S"), Int32(n), Int32(m), a, Int32(lda), s, vt, Int32(ldvt), u, Int32(ldu)))
  }

  /// `LAPACKE_ssyevd` with job V.
  public static func syevd(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int, _ w: UnsafeMutablePointer<Float>
  ) -> Int {
    LibraryThreads.hold()
    return Int(LAPACKE_ssyevd(LAPACK_ROW_MAJOR, lapack("V"), lapack(triangle), Int32(n), a, Int32(lda), w))
  }

  /// `LAPACKE_ssyevr` with job V and range I, on the transposed view of the symmetric matrix; eigenvalues to the last bits
  /// that bisection gives.
  public static func syevr(
    _ triangle: Triangle, _ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int, _ first: Int, _ last: Int,
    _ found: inout Int, _ w: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>, _ ldz: Int
  ) -> Int {
    LibraryThreads.hold()
    var support = [Int32](repeating: 0, count: 2 * max(1, last - first + 1))
    var count: Int32 = 0
    let info = LAPACKE_ssyevr(
      LAPACK_COL_MAJOR, lapack("V"), lapack("I"), lapackTransposed(triangle), Int32(n), a, Int32(lda), 0, 0,
      Int32(first + 1), Int32(last + 1), 2 * Float.leastNormalMagnitude, &count, w, z, Int32(ldz), &support)
    found = Int(count)
    return Int(info)
  }
}
