import Tensors
import BLAS

/// y = ln(1 + e^x), dy/dx = sigmoid(x).
struct Softplus: ElementwiseOperation {
  var name: String { "softplus" }
  var instruction: ElementwiseInstruction { .init(opcode: .softplus) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    sigmoid(context.operands[0])
  }
}

/// ln(1 + e^x), without overflow; the gradient is g·sigmoid(x).
public func softplus<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Softplus(), [x]) }
