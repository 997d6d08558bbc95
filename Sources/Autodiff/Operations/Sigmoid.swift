import Tensors
import BLAS

/// y = 1/(1 + e^-x), dy/dx = y(1 - y).
struct Sigmoid: ElementwiseOperation {
  var name: String { "sigmoid" }
  var instruction: ElementwiseInstruction { .init(opcode: .sigmoid) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    context.result * (1 - context.result)
  }
}

/// The logistic function 1/(1 + e^-x); the gradient is g·y(1 - y).
public func sigmoid<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Sigmoid(), [x]) }
