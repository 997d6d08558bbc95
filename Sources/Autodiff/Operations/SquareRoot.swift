import Tensors
import BLAS

/// y = √x, dy/dx = 1/(2y).
struct SquareRoot: ElementwiseOperation {
  var name: String { "sqrt" }
  var instruction: ElementwiseInstruction { .init(opcode: .sqrt) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    0.5 / context.result
  }
}

/// The square root of every element; the gradient is g/(2y), infinite at 0.
public func sqrt<S>(_ x: Node<S>) -> Node<S> { x.graph.record(SquareRoot(), [x]) }
