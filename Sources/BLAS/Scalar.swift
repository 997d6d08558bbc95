public import RealModule
import COpenBLAS
/// A floating-point type that every kernel of the engine exists for: `Float` and `Double`.
public protocol Scalar: Real, BinaryFloatingPoint, BitwiseCopyable, Sendable {}
extension Float: Scalar {}
extension Double: Scalar {}
func f() { openblas_set_num_threads(1) }
