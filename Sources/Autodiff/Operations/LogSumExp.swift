import BLAS
import Kernels
import Tensors

/// ln Σ e^x along the last axis, which stays with size 1; the gradient is g·softmax(x).
struct LogSumExp: Operation {
  var name: String { "log-sum-exp" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    _ = try shapeOfRows(operands[0])
    return SymbolicShape(operands[0].dimensions.dropLast() + [1])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.gradient * softmax(context.operands[0])]
  }

  // The function's own second derivative, p(1 - p), is where a loss built on it gets its curvature.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let p = softmax(context.operands[0])
    let own = context.firstGradient.map { p * (1 - p) * $0 } ?? context.graph.constant(0)
    return [context.gradient * square(p) + own]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.LogSumExp<S>(rows: operands[0].rowCount, columns: operands[0].lastDimension)
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

/// ln Σ e^x along the last axis, without overflow.
///
/// - Parameter keepingDimensions: whether the axis stays with size 1.
public func logSumExp<S>(_ x: Node<S>, keepingDimensions: Bool = false) -> Node<S> {
  let result = x.graph.record(LogSumExp(), [x])
  return keepingDimensions ? result : result.dropping([x.rank - 1])
}
