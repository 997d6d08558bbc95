import CKernels

/// A scalar with kernels for the softmax of contiguous rows, each shifted by its maximum so that nothing overflows.
public protocol SoftmaxScalar {
  /// `out[r, c] = exp(x[r, c]) / Σ exp(x[r, ·])`. `out` may be the same pointer as `x`.
  static func softmaxRows(rows: Int, columns: Int, _ x: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>)

  /// `out[r, c] = x[r, c] - log Σ exp(x[r, ·])`. `out` may be the same pointer as `x`.
  static func logSoftmaxRows(rows: Int, columns: Int, _ x: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>)

  /// `losses[r] = log Σ exp(logits[r, ·]) - logits[r, labels[r]]`; a label that is not the index of a column gives NaN.
  static func softmaxCrossEntropyRows(
    rows: Int, columns: Int, _ logits: UnsafePointer<Self>, _ labels: UnsafePointer<Self>,
    _ losses: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: SoftmaxScalar {
  public static func softmaxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.softmax_rows(rows, columns, x, out)
  }

  public static func logSoftmaxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.log_softmax_rows(rows, columns, x, out)
  }

  public static func softmaxCrossEntropyRows(
    rows: Int, columns: Int, _ logits: UnsafePointer<Float>, _ labels: UnsafePointer<Float>,
    _ losses: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.softmax_cross_entropy_rows(rows, columns, logits, labels, losses)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: SoftmaxScalar {
  public static func softmaxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.softmax_rows(rows, columns, x, out)
  }

  public static func logSoftmaxRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.log_softmax_rows(rows, columns, x, out)
  }

  public static func softmaxCrossEntropyRows(
    rows: Int, columns: Int, _ logits: UnsafePointer<Double>, _ labels: UnsafePointer<Double>,
    _ losses: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.softmax_cross_entropy_rows(rows, columns, logits, labels, losses)
  }
}
