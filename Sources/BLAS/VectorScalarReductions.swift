import CKernels

/// A scalar with kernels that sum and take maxima.
///
/// Sums run in a fixed order that depends on the counts only: partial sums of at most 1024 elements side by side in the
/// scalar's precision, added in double precision. Maxima of nothing are -infinity, and a NaN among the elements wins.
public protocol ReductionScalar {
  /// `out[r] = Σ x[r · stride + c]` over the columns `c`.
  static func sumRows(rows: Int, columns: Int, _ x: UnsafePointer<Self>, stride: Int, _ out: UnsafeMutablePointer<Self>)

  /// `out[r] = max x[r · stride + c]` over the columns `c`.
  static func maxRows(rows: Int, columns: Int, _ x: UnsafePointer<Self>, stride: Int, _ out: UnsafeMutablePointer<Self>)

  /// `out[c] = Σ x[r · stride + c]` over the rows `r`, added to what `out` holds if `accumulate`.
  static func sumColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Self>, stride: Int, _ out: UnsafeMutablePointer<Self>,
    accumulate: Bool)

  /// Adds the elements of `x` to those of `sums`. `lost` is what rounding took from the additions before, 0 at first: it is made up
  /// for, and becomes what rounding takes from this one (Kahan, 1965).
  static func addCompensated(
    _ count: Int, _ x: UnsafePointer<Self>, to sums: UnsafeMutablePointer<Self>, lost: UnsafeMutablePointer<Self>)

  /// `out[c] = max x[r · stride + c]` over the rows `r`, and of what `out` holds if `accumulate`.
  static func maxColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Self>, stride: Int, _ out: UnsafeMutablePointer<Self>,
    accumulate: Bool)

  /// `Σ a[i] b[i]`. `a` and `b` may be the same pointer.
  static func dot(_ count: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>) -> Self

  /// `Σ x[i]²`.
  static func sumOfSquares(_ count: Int, _ x: UnsafePointer<Self>) -> Self
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: ReductionScalar {
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.sum_rows(rows, columns, x, stride, out)
  }

  public static func maxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.max_rows(rows, columns, x, stride, out)
  }

  public static func sumColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int, _ out: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    kernels.pointee.sum_columns(rows, columns, x, stride, out, accumulate ? 1 : 0)
  }

  public static func addCompensated(
    _ count: Int, _ x: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, lost: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.add_compensated(count, x, sums, lost)
  }

  public static func maxColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int, _ out: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    kernels.pointee.max_columns(rows, columns, x, stride, out, accumulate ? 1 : 0)
  }

  public static func dot(_ count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    kernels.pointee.dot(count, a, b)
  }

  public static func sumOfSquares(_ count: Int, _ x: UnsafePointer<Float>) -> Float {
    kernels.pointee.sum_of_squares(count, x)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: ReductionScalar {
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, stride: Int, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.sum_rows(rows, columns, x, stride, out)
  }

  public static func maxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, stride: Int, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.max_rows(rows, columns, x, stride, out)
  }

  public static func sumColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, stride: Int, _ out: UnsafeMutablePointer<Double>,
    accumulate: Bool
  ) {
    kernels.pointee.sum_columns(rows, columns, x, stride, out, accumulate ? 1 : 0)
  }

  public static func addCompensated(
    _ count: Int, _ x: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>, lost: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.add_compensated(count, x, sums, lost)
  }

  public static func maxColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, stride: Int, _ out: UnsafeMutablePointer<Double>,
    accumulate: Bool
  ) {
    kernels.pointee.max_columns(rows, columns, x, stride, out, accumulate ? 1 : 0)
  }

  public static func dot(_ count: Int, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>) -> Double {
    kernels.pointee.dot(count, a, b)
  }

  public static func sumOfSquares(_ count: Int, _ x: UnsafePointer<Double>) -> Double {
    kernels.pointee.sum_of_squares(count, x)
  }
}
