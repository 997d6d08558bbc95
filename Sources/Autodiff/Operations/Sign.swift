import Tensors
import BLAS

/// y = -1, 0 or 1; the derivative is 0 wherever it exists.
struct Sign: ElementwiseOperation {
  var name: String { "sign" }
  var instruction: ElementwiseInstruction { .init(opcode: .sign) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    nil
  }
}

/// The sign of every element: -1, 0 or 1. Nothing flows back through it.
public func sign<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Sign(), [x]) }
