import Tensors
import BLAS

/// y = x where x > 0, else α(e^x - 1), whose derivative is y + α.
struct ExponentialLinear: ElementwiseOperation {
  let alpha: Double
  var name: String { "elu" }
  var instruction: ElementwiseInstruction { .init(opcode: .elu, p: alpha) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    select(step(context.operands[0]), context.graph.constant(1), context.result + alpha)
  }
}

/// x where x > 0, else α(e^x - 1) (Clevert et al. 2015); the gradient there is g·(y + α).
public func elu<S>(_ x: Node<S>, alpha: Double = 1) -> Node<S> { x.graph.record(ExponentialLinear(alpha: alpha), [x]) }
