import Tensors
import BLAS

/// a - b with broadcasting; the derivatives are 1 and -1.
struct Subtraction: ElementwiseOperation {
  var name: String { "subtraction" }
  var instruction: ElementwiseInstruction { .init(opcode: .subtract) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    context.graph.constant(index == 0 ? 1 : -1)
  }
}

extension Node {
  /// a - b, with NumPy's broadcasting; the gradient is summed over broadcast axes.
  public static func - (a: Node, b: Node) -> Node {
    if let value = b.uniformValue, a.absorbs(b) { return affine(a, scale: 1, offset: -value) }
    if let value = a.uniformValue, b.absorbs(a) { return affine(b, scale: -1, offset: value) }
    return a.graph.record(Subtraction(), [a, b])
  }
}
