import Tensors
import BLAS

/// a/b with broadcasting; the derivatives are 1/b and -y/b.
struct Division: ElementwiseOperation {
  var name: String { "division" }
  var instruction: ElementwiseInstruction { .init(opcode: .divide) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    let inverse = reciprocal(context.operands[1])
    return index == 0 ? inverse : -(context.result * inverse)
  }
}

extension Node {
  /// a/b element by element, with NumPy's broadcasting; the gradients are g/b and -g·a/b².
  public static func / (a: Node, b: Node) -> Node {
    if let value = b.uniformValue, value != 0, a.absorbs(b) { return affine(a, scale: 1 / value, offset: 0) }
    return a.graph.record(Division(), [a, b])
  }
}
