import Tensors
import BLAS

/// The larger of a and b; where they are equal each gets half of the gradient.
struct Maximum: ElementwiseOperation {
  var name: String { "maximum" }
  var instruction: ElementwiseInstruction { .init(opcode: .maximum) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    shareOfWinner(context.operands[index], context.operands[1 - index])
  }
}

/// 1 where a > b, ½ where a = b, else 0.
func shareOfWinner<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> { 0.5 * (greater(a, b) + greaterEqual(a, b)) }

/// The larger of two elements, with broadcasting; where they tie each operand gets half of the gradient.
public func maximum<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> { a.graph.record(Maximum(), [a, b]) }
