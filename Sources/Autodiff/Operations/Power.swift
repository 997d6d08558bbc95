import Tensors
import BLAS

/// y = x^e for a fixed exponent, dy/dx = e·x^(e-1).
struct Power: ElementwiseOperation {
  let exponent: Double
  var name: String { "pow" }
  var instruction: ElementwiseInstruction { .init(opcode: .power, p: exponent) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    exponent * pow(context.operands[0], exponent - 1)
  }
}

/// Every element to a fixed power; the gradient is g·e·x^(e-1). Negative bases need a whole exponent, as in C.
public func pow<S>(_ x: Node<S>, _ exponent: Double) -> Node<S> {
  switch exponent {
  case 0: x.graph.constant(1, shape: x.shape)
  case 1: x
  case 2: square(x)
  default: x.graph.record(Power(exponent: exponent), [x])
  }
}
