import Tensors
import BLAS

/// y = ln x, dy/dx = 1/x.
struct Logarithm: ElementwiseOperation {
  var name: String { "log" }
  var instruction: ElementwiseInstruction { .init(opcode: .log) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    1 / context.operands[0]
  }
}

/// The natural logarithm of every element; the gradient is g/x.
public func log<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Logarithm(), [x]) }
