import Tensors
import BLAS

/// y = max(x, 0), dy/dx = 1 where y > 0, 0 at the kink.
struct RectifiedLinear: ElementwiseOperation {
  var name: String { "relu" }
  var instruction: ElementwiseInstruction { .init(opcode: .relu) }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    if let gradient = MaxPoolingGradient.passed(context.gradient, throughRectifierOf: context.result) {
      return [gradient]
    }
    guard let derivative = derivative(by: 0, context) else { return [nil] }
    return [context.gradient * derivative]
  }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    step(context.result)
  }
}

/// max(x, 0); the gradient passes where x > 0 and is 0 at 0.
public func relu<S>(_ x: Node<S>) -> Node<S> { x.graph.record(RectifiedLinear(), [x]) }
