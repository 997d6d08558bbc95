import CKernels

/// How a thread's arithmetic rounds, and whether it takes subnormal numbers for zeros.
///
/// A processor may need a hundred times as long for a number below the smallest normal one (1.2e-38 in single precision), and
/// gradients that fade away pass through that range. A ``ThreadPool`` computes each region in its caller's mode, so that results
/// do not depend on which thread computed them.
public struct FloatingPointMode: Equatable, Sendable {
  private let word: UInt64

  /// The calling thread's mode.
  public static var current: FloatingPointMode { FloatingPointMode(word: ridgeline_floating_point_mode()) }

  /// Makes this the calling thread's mode.
  public func makeCurrent() { ridgeline_set_floating_point_mode(word) }

  /// The same mode, but with subnormal operands and results taken as zeros.
  public var flushingSubnormals: FloatingPointMode { FloatingPointMode(word: ridgeline_flushing_subnormals(word)) }
}
