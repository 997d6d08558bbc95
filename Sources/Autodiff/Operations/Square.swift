import Tensors
import BLAS

/// y = x², dy/dx = 2x.
struct Square: ElementwiseOperation {
  var name: String { "square" }
  var instruction: ElementwiseInstruction { .init(opcode: .square) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    2 * context.operands[0]
  }

  // A square is where a loss gets its curvature from, so its second derivative is kept: 4x²·h + 2·∂E/∂y.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let first = context.firstGradient.map { 2 * $0 } ?? context.graph.constant(0)
    return [4 * square(context.operands[0]) * context.gradient + first]
  }
}

/// The square of every element; the gradient is 2·g·x.
public func square<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Square(), [x]) }
