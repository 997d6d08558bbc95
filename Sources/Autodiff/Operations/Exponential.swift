import Tensors
import BLAS

/// y = e^x, dy/dx = y.
struct Exponential: ElementwiseOperation {
  var name: String { "exp" }
  var instruction: ElementwiseInstruction { .init(opcode: .exp) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    context.result
  }
}

/// The exponential of every element; the gradient is g·y.
public func exp<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Exponential(), [x]) }
