import BLAS
import Kernels
import Tensors

/// ln Σ e^x - x_label for each row; the gradient is g·(softmax(x) - one-hot).
struct SoftmaxCrossEntropy: Operation {
  var name: String { "softmax cross-entropy" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard operands[0].rank >= 1, operands[0].dimensions.last?.fixedSize != nil,
      SymbolicShape(Array(operands[0].dimensions.dropLast())) == operands[1]
    else { throw ShapeMismatch(expected: "logits [.., classes] and labels [..]") }
    return operands[1]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [residual(context) * column(context.gradient), nil]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let p = softmax(context.operands[0])
    let own = context.firstGradient.map { p * (1 - p) * column($0) } ?? context.graph.constant(0)
    return [square(residual(context)) * column(context.gradient) + own, nil]
  }

  private func residual<S>(_ context: GradientContext<S>) -> Node<S> {
    let (logits, labels) = (context.operands[0], context.operands[1])
    return softmax(logits) - oneHot(labels, depth: logits.shape.dimensions.last?.fixedSize ?? 1)
  }

  private func column<S>(_ x: Node<S>) -> Node<S> { x.reshaped(to: SymbolicShape(x.shape.dimensions + [1])) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.SoftmaxCrossEntropy<S>(rows: result.count, columns: operands[0].lastDimension)
    let byRows = PreparedKernel<S>.ByImages(
      operandCount: operands[0].lastDimension, resultCount: 1, otherOperands: 1
    ) { at, rows, _ in
      kernel.run(rows: rows, logits: at.operands[0], labels: at.operands[1], losses: at.result)
    }
    return PreparedKernel(kernel, byImages: byRows) { phase, task, at in
      kernel.run(phase: phase, task: task, logits: at.operands[0], labels: at.operands[1], losses: at.result)
    }
  }
}

/// -ln softmax(logits)_label for each example: logits [.., classes], labels [..] as whole numbers from 0.
///
/// A label outside the classes gives NaN, which a trainer reports.
public func softmaxCrossEntropy<S>(_ logits: Node<S>, labels: Node<S>) -> Node<S> {
  logits.graph.record(SoftmaxCrossEntropy(), [logits, labels])
}

/// -Σ p·ln softmax(logits) for each example, with target probabilities of the logits' shape.
public func softmaxCrossEntropy<S>(_ logits: Node<S>, probabilities: Node<S>) -> Node<S> {
  -sum(probabilities * logSoftmax(logits), axes: [logits.rank - 1])
}
