import CKernels

/// What an elementwise kernel computes of its operands `a`, `b`, `c` and its parameters `p`, `q`.
///
/// A NaN operand gives a NaN, also through `maximum`, `minimum`, `relu` and `clamp`. The raw values are those of the C
/// enumeration `ridgeline_opcode`.
public enum ElementwiseOpcode: Int32, Sendable, CaseIterable {
  /// a
  case copy
  /// -a
  case negate
  /// |a|
  case abs
  /// -1, 0 or 1
  case sign
  /// a²
  case square
  /// √a
  case sqrt
  /// 1 / a
  case reciprocal
  /// eᵃ
  case exp
  /// Natural logarithm.
  case log
  /// sin a, in radians
  case sin
  /// cos a, in radians
  case cos
  /// Hyperbolic tangent.
  case tanh
  /// 1 / (1 + e⁻ᵃ)
  case sigmoid
  /// log(1 + eᵃ)
  case softplus
  /// a / (1 + |a|)
  case softsign
  /// max(a, 0)
  case relu
  /// a > 0 ? a : p a
  case leakyRelu
  /// a > 0 ? a : p (eᵃ - 1)
  case elu
  /// p a + q
  case affine
  /// aᵖ
  case power
  /// a limited to p...q
  case clamp
  /// a > 0 ? 1 : 0
  case step
  /// p
  case fill
  /// a + b
  case add
  /// a - b
  case subtract
  /// a b
  case multiply
  /// a / b
  case divide
  /// The larger of a and b.
  case maximum
  /// The smaller of a and b.
  case minimum
  /// aᵇ
  case raise
  /// a > b ? 1 : 0
  case greater
  /// a ≥ b ? 1 : 0
  case greaterEqual
  /// a = b ? 1 : 0
  case equal
  /// a + p b
  case addScaled
  /// a (p b² + q)
  case multiplyBySquare
  /// tanh(a + b)
  case tanhOfSum
  /// a b + c
  case multiplyAdd
  /// a - b c
  case subtractProduct
  /// a ≠ 0 ? b : c
  case select

  /// The operands it reads: 0 (`fill`), 1 (`a`), 2 (`a`, `b`) or 3 (`a`, `b`, `c`).
  public var operandCount: Int {
    switch self {
    case .fill: 0
    case .multiplyAdd, .subtractProduct, .select: 3
    case .add, .subtract, .multiply, .divide, .maximum, .minimum, .raise, .greater, .greaterEqual, .equal, .addScaled,
      .multiplyBySquare, .tanhOfSum:
      2
    default: 1
    }
  }
}

/// A scalar with elementwise kernels.
public protocol ElementwiseScalar {
  /// `out[i] = f(a[i], b[i], c[i]; p, q)` for `i` in `0..<count`.
  ///
  /// Operands that the opcode does not read may be nil. `out` may be the same pointer as `a`, `b` or `c`. An element's
  /// bits do not depend on `count` nor on where it stands, so work may be cut anywhere.
  static func elementwise(
    _ op: ElementwiseOpcode, _ count: Int, _ a: UnsafePointer<Self>?, _ b: UnsafePointer<Self>?,
    _ c: UnsafePointer<Self>?, _ out: UnsafeMutablePointer<Self>, _ p: Self, _ q: Self)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: ElementwiseScalar {
  public static func elementwise(
    _ op: ElementwiseOpcode, _ count: Int, _ a: UnsafePointer<Float>?, _ b: UnsafePointer<Float>?,
    _ c: UnsafePointer<Float>?, _ out: UnsafeMutablePointer<Float>, _ p: Float, _ q: Float
  ) { kernels.pointee.elementwise(op.rawValue, count, a, b, c, out, p, q) }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: ElementwiseScalar {
  public static func elementwise(
    _ op: ElementwiseOpcode, _ count: Int, _ a: UnsafePointer<Double>?, _ b: UnsafePointer<Double>?,
    _ c: UnsafePointer<Double>?, _ out: UnsafeMutablePointer<Double>, _ p: Double, _ q: Double
  ) { kernels.pointee.elementwise(op.rawValue, count, a, b, c, out, p, q) }
}
