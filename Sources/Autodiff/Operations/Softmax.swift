import BLAS
import Kernels
import Tensors

/// e^x / Σ e^x along the last axis; the gradient is y·(g - Σ g·y).
struct Softmax: Operation {
  var name: String { "softmax" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { try shapeOfRows(operands[0]) }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (y, g) = (context.result, context.gradient)
    return [y * (g - sum(g * y, axes: [y.rank - 1], keepingDimensions: true))]
  }

  // The Jacobian of a row is y_k(δ - y_i); the squares of its columns, weighted: y_i²·((1 - 2y_i)·h_i + Σ y_k²·h_k).
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (y, h) = (context.result, context.gradient)
    let others = sum(h * square(y), axes: [y.rank - 1], keepingDimensions: true)
    return [square(y) * ((1 - 2 * y) * h + others)]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.Softmax<S>(rows: result.rowCount, columns: result.lastDimension)
    let columns = result.lastDimension
    let byRows = PreparedKernel<S>.ByImages(operandCount: columns, resultCount: columns, isLight: false) {
      at, rows, _ in
      kernel.run(rows: rows, input: at.operands[0], output: at.result)
    }
    return PreparedKernel(kernel, byImages: byRows) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result)
    }
  }
}

func shapeOfRows(_ shape: SymbolicShape) throws(ShapeMismatch) -> SymbolicShape {
  guard shape.dimensions.last?.fixedSize != nil else { throw ShapeMismatch(expected: "a fixed last axis") }
  return shape
}

extension Shape {
  var lastDimension: Int { rank == 0 ? 1 : self[rank - 1] }
  var rowCount: Int { dimensions.dropLast().reduce(1, *) }
}

/// e^x / Σ e^x along the last axis, without overflow; the gradient is y·(g - Σ g·y).
public func softmax<S>(_ x: Node<S>) -> Node<S> { x.graph.record(Softmax(), [x]) }
