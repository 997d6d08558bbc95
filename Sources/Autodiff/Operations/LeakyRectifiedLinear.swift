import Tensors
import BLAS

/// y = x where x > 0, else slope·x.
struct LeakyRectifiedLinear: ElementwiseOperation {
  let slope: Double
  var name: String { "leakyRelu" }
  var instruction: ElementwiseInstruction { .init(opcode: .leakyRelu, p: slope) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    slope + (1 - slope) * step(context.operands[0])
  }
}

/// x where x > 0, else slope·x (Maas et al. 2013); at 0 the derivative is the slope.
public func leakyRelu<S>(_ x: Node<S>, slope: Double = 0.01) -> Node<S> {
  x.graph.record(LeakyRectifiedLinear(slope: slope), [x])
}
