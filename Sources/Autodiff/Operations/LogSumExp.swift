import RealModule
import BLAS
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

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let (rows, columns) = (operands[0].rowCount, operands[0].lastDimension)
    return PreparedKernel(workspaceCount: columns, phases: [1]) { _, _, at in
      for row in 0..<rows {
        let (input, output) = (at.operands[0] + row * columns, at.result + row)
        S.maxRows(rows: 1, columns: columns, input, stride: columns, output)
        // A row of -∞ alone has the sum 0; subtracting its maximum would make NaN of it.
        let largest = output.pointee.isFinite ? output.pointee : 0
        S.elementwise(.affine, columns, input, nil, nil, at.workspace, 1, -largest)
        S.elementwise(.exp, columns, at.workspace, nil, nil, at.workspace, 0, 0)
        S.sumRows(rows: 1, columns: columns, at.workspace, stride: columns, output)
        output.pointee = S.log(output.pointee) + largest
      }
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
