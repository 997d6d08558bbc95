import Tensors
import BLAS

/// a^b element by element; the derivatives are b·a^(b-1) and y·ln a.
struct Raise: ElementwiseOperation {
  var name: String { "pow" }
  var instruction: ElementwiseInstruction { .init(opcode: .raise) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    let (base, exponent) = (context.operands[0], context.operands[1])
    return index == 0 ? exponent * pow(base, exponent - 1) : context.result * log(base)
  }
}

/// a^b element by element, with broadcasting; the gradients are g·b·a^(b-1) and g·y·ln a, which needs a > 0.
public func pow<S>(_ base: Node<S>, _ exponent: Node<S>) -> Node<S> {
  if let value = exponent.uniformValue, base.absorbs(exponent) { return pow(base, value) }
  return base.graph.record(Raise(), [base, exponent])
}
