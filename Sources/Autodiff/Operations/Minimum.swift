import Tensors
import BLAS

/// The smaller of a and b; where they are equal each gets half of the gradient.
struct Minimum: ElementwiseOperation {
  var name: String { "minimum" }
  var instruction: ElementwiseInstruction { .init(opcode: .minimum) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    shareOfWinner(context.operands[1 - index], context.operands[index])
  }
}

/// The smaller of two elements, with broadcasting; where they tie each operand gets half of the gradient.
public func minimum<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> { a.graph.record(Minimum(), [a, b]) }
