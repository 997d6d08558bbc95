import CKernels

/// A scalar with kernels that draw by counter: a draw is a function of a key and its number alone, so any part of a
/// sequence can be made anywhere and made again (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC11; Philox4x32-10).
public protocol RandomScalar {
  /// Fills `out` with numbers uniform in [0, 1): draw `i` depends on `key` and `counter + i` only.
  ///
  /// A `Float` has 24 random bits (four draws a Philox block), a `Double` 53 (two draws a block).
  static func philoxUniform(key: UInt64, counter: UInt64, count: Int, _ out: UnsafeMutablePointer<Self>)

  /// `out[i] = x[i] · scale` with probability `1 - rate`, and 0 else; whether element `i` is kept depends on `key`,
  /// `counter + start + i` and `rate` only, so that the gradient is the same call on the gradient.
  ///
  /// The mask is the same for `Float` and `Double`. `out` may be the same pointer as `x`.
  static func dropout(
    key: UInt64, counter: UInt64, start: Int, count: Int, rate: Self, scale: Self, _ x: UnsafePointer<Self>,
    _ out: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: RandomScalar {
  public static func philoxUniform(key: UInt64, counter: UInt64, count: Int, _ out: UnsafeMutablePointer<Float>) {
    kernels.pointee.philox_uniform(key, counter, count, out)
  }

  public static func dropout(
    key: UInt64, counter: UInt64, start: Int, count: Int, rate: Float, scale: Float, _ x: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.dropout(key, counter &+ UInt64(start), count, Double(rate), scale, x, out)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: RandomScalar {
  public static func philoxUniform(key: UInt64, counter: UInt64, count: Int, _ out: UnsafeMutablePointer<Double>) {
    kernels.pointee.philox_uniform(key, counter, count, out)
  }

  public static func dropout(
    key: UInt64, counter: UInt64, start: Int, count: Int, rate: Double, scale: Double, _ x: UnsafePointer<Double>,
    _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.dropout(key, counter &+ UInt64(start), count, Double(rate), scale, x, out)
  }
}
