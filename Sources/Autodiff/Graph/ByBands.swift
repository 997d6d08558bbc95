import BLAS
import Tensors

/// How a kernel is run for a band of rows of an image at a time: one that makes a gradient by bands, or sums over one. What is
/// made by one and summed by the others is then kept nowhere, and stays in the first-level cache.
///
/// A sum has the same bits as over whole images.
struct ByBands<S: Scalar> {
  typealias Addresses = PreparedKernel<S>.Addresses

  enum Role {
    /// Makes a band of the result.
    case making((_ band: UnsafeMutablePointer<S>, Addresses, _ image: Int, _ rows: Range<Int>) -> Void)
    /// Adds what a band of the last operand adds to a sum in scratch, or overwrites it, and writes it to a part in the end. All
    /// bands of an image come in their order.
    case summing(
      scratchCount: Int,
      add: (
        _ band: UnsafePointer<S>, Addresses, _ image: Int, _ rows: Range<Int>, _ isFirst: Bool,
        _ scratch: UnsafeMutablePointer<S>
      ) -> Void,
      finish: (_ part: UnsafeMutablePointer<S>, _ scratch: UnsafeMutablePointer<S>) -> Void)
  }

  /// Rows of a band, and elements of a row.
  let height: Int
  let rowCount: Int
  let role: Role
}
