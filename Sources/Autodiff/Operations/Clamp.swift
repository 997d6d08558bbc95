import Tensors
import BLAS

/// y = x held between two bounds; the derivative is 1 within them, bounds included.
struct Clamp: ElementwiseOperation {
  let lower: Double
  let upper: Double
  var name: String { "clamp" }
  var instruction: ElementwiseInstruction { .init(opcode: .clamp, p: lower, q: upper) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    let (x, lower, upper) = (context.operands[0], context.graph.constant(lower), context.graph.constant(upper))
    return greaterEqual(x, lower) * greaterEqual(upper, x)
  }
}

/// Every element held in `range`; the gradient passes where x lies in it, bounds included.
public func clamp<S>(_ x: Node<S>, _ range: ClosedRange<Double>) -> Node<S> {
  x.graph.record(Clamp(lower: range.lowerBound, upper: range.upperBound), [x])
}
