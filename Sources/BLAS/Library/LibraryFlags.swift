import COpenBLAS

/// CBLAS's word for whether an operand is transposed.
func cblas(_ transpose: Bool) -> CBLAS_TRANSPOSE {
  transpose ? CblasTrans : CblasNoTrans
}

/// CBLAS's word for a triangle.
func cblas(_ triangle: Triangle) -> CBLAS_UPLO {
  triangle == .lower ? CblasLower : CblasUpper
}

/// LAPACK takes its options as single letters.
func lapack(_ letter: Unicode.Scalar) -> CChar {
  CChar(letter.value)
}

/// LAPACK's letter for a triangle.
func lapack(_ triangle: Triangle) -> CChar {
  lapack(triangle == .lower ? "L" : "U")
}

/// LAPACK's letter for a triangle of a row-major matrix that is handed over as its column-major transpose.
func lapackTransposed(_ triangle: Triangle) -> CChar {
  lapack(triangle == .lower ? "U" : "L")
}
