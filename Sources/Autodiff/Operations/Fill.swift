import BLAS
import Tensors

/// The same number everywhere; divided by a power of the batch size where it stands for a mean (and multiplied where the
/// power is negative).
struct Fill: Operation {
  let value: Double
  let shape: SymbolicShape
  var batchPower = 0

  var name: String { "constant" }

  func resolved(batch: Int) -> Double {
    var result = value
    for _ in 0..<Swift.max(batchPower, 0) { result /= Double(batch) }
    for _ in 0..<Swift.max(-batchPower, 0) { result *= Double(batch) }
    return result
  }

  func spread(over shape: SymbolicShape) -> Fill { Fill(value: value, shape: shape, batchPower: batchPower) }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { shape }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [] }

  // Written before the first step and never again; the plan keeps its memory to itself.
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    PreparedKernel { _ in [] }
  }
}

extension Node {
  /// A node of zeros with this node's shape.
  var zeros: Node { graph.constant(0, shape: shape) }
}
