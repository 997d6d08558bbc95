import Tensors
import BLAS

/// y = tanh x, dy/dx = 1 - y².
struct HyperbolicTangent: ElementwiseOperation {
  var name: String { "tanh" }
  var instruction: ElementwiseInstruction { .init(opcode: .tanh) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    1 - square(context.result)
  }
}

/// The hyperbolic tangent; the gradient is g·(1 - y²).
public func tanh<S>(_ x: Node<S>) -> Node<S> { x.graph.record(HyperbolicTangent(), [x]) }
