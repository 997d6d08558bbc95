import Tensors
import BLAS

/// y = 1/x, dy/dx = -y².
struct Reciprocal: ElementwiseOperation {
  var name: String { "reciprocal" }
  var instruction: ElementwiseInstruction { .init(opcode: .reciprocal) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    -square(context.result)
  }
}

/// One over every element; the gradient is -g·y².
public func reciprocal<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Reciprocal(), [x]) }
