import CKernels

/// A scalar with kernels that copy through strided views.
public protocol MovementScalar {
  /// Copies a part of a strided view: `out[i] = source[Σ index[axis] · strides[axis]]`, where `index` is the position of
  /// element `start + i` in row-major order of `dimensions`, for `i` in `0..<count`.
  ///
  /// A stride of 0 broadcasts; strides in another order transpose; `source` may point into a larger tensor (a slice).
  /// `rank` is at most 16, and 0 for a single element.
  static func broadcastCopy(
    rank: Int, dimensions: UnsafePointer<Int>, strides: UnsafePointer<Int>, start: Int, count: Int,
    _ source: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: MovementScalar {
  public static func broadcastCopy(
    rank: Int, dimensions: UnsafePointer<Int>, strides: UnsafePointer<Int>, start: Int, count: Int,
    _ source: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.broadcast_copy(rank, dimensions, strides, start, count, source, out)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: MovementScalar {
  public static func broadcastCopy(
    rank: Int, dimensions: UnsafePointer<Int>, strides: UnsafePointer<Int>, start: Int, count: Int,
    _ source: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.broadcast_copy(rank, dimensions, strides, start, count, source, out)
  }
}
