import Tensors
import BLAS

/// y = x/(1 + |x|), dy/dx = (1 - |y|)².
struct Softsign: ElementwiseOperation {
  var name: String { "softsign" }
  var instruction: ElementwiseInstruction { .init(opcode: .softsign) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    square(1 - abs(context.result))
  }
}

/// x/(1 + |x|), which saturates polynomially (Bergstra et al. 2009); the gradient is g·(1 - |y|)².
public func softsign<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Softsign(), [x]) }
