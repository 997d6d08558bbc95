import Tensors
import BLAS

/// y = |x|, dy/dx = sign x, 0 at the kink.
struct Absolute: ElementwiseOperation {
  var name: String { "abs" }
  var instruction: ElementwiseInstruction { .init(opcode: .abs) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    sign(context.operands[0])
  }
}

/// The magnitude of every element; the gradient is g·sign(x), 0 at 0.
public func abs<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Absolute(), [x]) }
