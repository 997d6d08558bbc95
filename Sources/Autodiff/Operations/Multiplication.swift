import Tensors
import BLAS

/// a·b with broadcasting; the derivatives are b and a.
struct Multiplication: ElementwiseOperation {
  var name: String { "multiplication" }
  var instruction: ElementwiseInstruction { .init(opcode: .multiply) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? { context.operands[1 - index] }
}

extension Node {
  /// a·b element by element, with NumPy's broadcasting; the gradients are g·b and g·a.
  public static func * (a: Node, b: Node) -> Node {
    if let value = b.uniformValue, a.absorbs(b) { return a.scaled(by: value) }
    if let value = a.uniformValue, b.absorbs(a) { return b.scaled(by: value) }
    return a == b ? square(a) : a.graph.record(Multiplication(), [a, b])
  }

  private func scaled(by value: Double) -> Node { value == 0 ? zeros : affine(self, scale: value, offset: 0) }
}
