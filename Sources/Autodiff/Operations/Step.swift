import Tensors
import BLAS

/// y = 1 where x > 0, else 0; the derivative is 0 wherever it exists.
struct Step: ElementwiseOperation {
  var name: String { "step" }
  var instruction: ElementwiseInstruction { .init(opcode: .step) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    nil
  }
}

/// 1 where x > 0, else 0. Nothing flows back through it.
public func step<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Step(), [x]) }
