import BLAS
import Kernels
import Tensors

/// x - ln Σ e^x along the last axis; the gradient is g - softmax(x)·Σ g.
struct LogSoftmax: Operation {
  var name: String { "log-softmax" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { try shapeOfRows(operands[0]) }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let g = context.gradient
    return [g - exp(context.result) * rowSum(g)]
  }

  // The Jacobian of a row is δ - p_i, whose squares weigh h; a cross-entropy's own second derivative, p(1 - p) a unit of
  // weight on the row, is where a loss built on it gets its curvature.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (p, h) = (exp(context.result), context.gradient)
    let spread = h * (1 - 2 * p) + square(p) * rowSum(h)
    return [context.firstGradient.map { spread - p * (1 - p) * rowSum($0) } ?? spread]
  }

  private func rowSum<S>(_ x: Node<S>) -> Node<S> { sum(x, axes: [x.rank - 1], keepingDimensions: true) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.LogSoftmax<S>(rows: result.rowCount, columns: result.lastDimension)
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result)
    }
  }
}

/// x - ln Σ e^x along the last axis, without overflow; the gradient is g - softmax(x)·Σ g.
public func logSoftmax<S>(_ x: Node<S>) -> Node<S> { x.graph.record(LogSoftmax(), [x]) }
