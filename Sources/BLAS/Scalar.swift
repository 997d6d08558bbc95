public import RealModule

/// A floating-point type that every kernel of the engine exists for: `Float` and `Double`.
///
/// Unspecialised generic loops are slow, so a generic algorithm never loops over elements itself: it calls a whole
/// kernel, which is a requirement of one of the refined protocols, written once for each of the two types.
public protocol Scalar: Real, BinaryFloatingPoint, BitwiseCopyable, Sendable, LinearAlgebraScalar, VectorScalar {
  /// The type's name in the header of a safetensors file: `"F32"` or `"F64"`.
  static var safetensorsName: String { get }
}

extension Float: Scalar {
  /// `"F32"`.
  public static var safetensorsName: String { "F32" }
}

extension Double: Scalar {
  /// `"F64"`.
  public static var safetensorsName: String { "F64" }
}
