import CKernels

/// The loops over elements that exist as whole kernels for a scalar type.
///
/// Generic Swift code is slow in a loop over elements, so each requirement is a complete loop, written in C once and
/// compiled for several instruction sets; the best that the processor has is chosen at the first call. All of them are
/// single-threaded, unchecked and write only what they are told to: shapes are checked by the rooms above. Memory is
/// row-major, and no two pointers may overlap unless the requirement says so.
public protocol VectorScalar: ConvolutionScalar, ElementwiseScalar, InterleavingScalar, MovementScalar, PoolingScalar,
  ProductScalar, RandomScalar, ReductionScalar, ResponseScalar, RowScalar, SoftmaxScalar, WinogradScalar
{}

/// The instruction set that the vector kernels use.
///
/// It is chosen from the processor when the first kernel runs. The environment variable `RIDGELINE_SIMD` (`baseline`,
/// `v3` or `v4`) lowers it, which is meant for tests and for comparing machines.
public enum VectorLevel: String, Sendable, CaseIterable, Comparable {
  /// SSE2 on x86-64, NEON on arm64.
  case baseline
  /// x86-64-v3: AVX2 and FMA.
  case v3
  /// x86-64-v4: AVX-512.
  case v4

  /// The level in use in this process.
  public static var current: VectorLevel {
    VectorLevel(rawValue: String(cString: ridgeline_level_name(ridgeline_current_level()))) ?? .baseline
  }

  /// Orders levels from narrow to wide vectors.
  public static func < (left: VectorLevel, right: VectorLevel) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }
}

extension Float: VectorScalar {
  /// The C kernels of the level in use.
  static var kernels: UnsafePointer<ridgeline_float_kernels> { ridgeline_float_kernels_current() }
}

extension Double: VectorScalar {
  /// The C kernels of the level in use.
  static var kernels: UnsafePointer<ridgeline_double_kernels> { ridgeline_double_kernels_current() }
}
