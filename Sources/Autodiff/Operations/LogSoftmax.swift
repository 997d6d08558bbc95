import BLAS
import Kernels
import Tensors

/// x - ln Σ e^x along the last axis; the gradient is g - softmax(x)·Σ g.
struct LogSoftmax: Operation {
  var name: String { "log-softmax" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { try shapeOfRows(operands[0]) }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let g = context.gradient
    return [g - exp(context.result) * sum(g, axes: [g.rank - 1], keepingDimensions: true)]
  }

  // As part of a cross-entropy its own second derivative is p(1 - p) a unit of weight on the row.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let p = exp(context.result)
    let weight = context.firstGradient.map { -sum($0, axes: [$0.rank - 1], keepingDimensions: true) }
    return [context.gradient * square(1 - p) + p * (1 - p) * (weight ?? context.graph.constant(0))]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.LogSoftmax<S>(rows: result.rowCount, columns: result.lastDimension)
    return PreparedKernel(workspaceCount: kernel.workspaceCount, phases: kernel.phases) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result)
    }
  }
}

/// x - ln Σ e^x along the last axis, without overflow; the gradient is g - softmax(x)·Σ g.
public func logSoftmax<S>(_ x: Node<S>) -> Node<S> { x.graph.record(LogSoftmax(), [x]) }
