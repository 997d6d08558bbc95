import Tensors
import BLAS

/// a + b with broadcasting; both derivatives are 1.
struct Addition: ElementwiseOperation {
  var name: String { "addition" }
  var instruction: ElementwiseInstruction { .init(opcode: .add) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? { context.graph.constant(1) }
}

extension Node {
  /// a + b, with NumPy's broadcasting; the gradient is summed over broadcast axes.
  public static func + (a: Node, b: Node) -> Node {
    if let value = b.uniformValue, a.absorbs(b) { return affine(a, scale: 1, offset: value) }
    if let value = a.uniformValue, b.absorbs(a) { return affine(b, scale: 1, offset: value) }
    return a.graph.record(Addition(), [a, b])
  }

  /// Whether broadcasting `other` with this node leaves this node's shape.
  func absorbs(_ other: Node) -> Bool { SymbolicShape.broadcasting([shape, other.shape]) == shape }
}
