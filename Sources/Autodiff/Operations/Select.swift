import Tensors
import BLAS

/// b where the condition is not 0, else c; the gradient goes to the one that was taken.
struct Select: ElementwiseOperation {
  var name: String { "select" }
  var instruction: ElementwiseInstruction { .init(opcode: .select) }

  // Selecting the gradient, not multiplying it by a mask, keeps an infinity of the other branch out.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (condition, gradient, zero) = (context.operands[0], context.gradient, context.graph.constant(0))
    return [
      nil,
      context.ifNeeded(1) { select(condition, gradient, zero).summed(to: context.operands[1].shape) },
      context.ifNeeded(2) { select(condition, zero, gradient).summed(to: context.operands[2].shape) },
    ]
  }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    let taken = select(context.operands[0], context.graph.constant(1), context.graph.constant(0))
    return [nil, taken, 1 - taken][index]
  }
}

/// `a` where `condition` is not 0, else `b`, with broadcasting; the gradient goes to the operand that was taken.
public func select<S>(_ condition: Node<S>, _ a: Node<S>, _ b: Node<S>) -> Node<S> {
  condition.graph.record(Select(), [condition, a, b])
}
