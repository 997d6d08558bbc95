import Kernels
import BLAS
import Tensors

/// The largest element over some axes, which stay with size 1; ties share the gradient equally.
struct MaximumOverAxes: Operation {
  let axes: [Int]

  var name: String { "maximum over axes \(axes)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try reducedShape(operands[0], axes)
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let winners = equal(context.operands[0], context.result)
    return [context.gradient / sum(winners, axes: axes, keepingDimensions: true) * winners]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    reductionKernel(.maximum, operands[0], axes)
  }
}

/// The largest element over `axes` (all where none are given); equal largest elements share the gradient.
///
/// - Parameter keepingDimensions: whether the axes stay with size 1.
public func max<S>(_ x: Node<S>, axes: [Int]? = nil, keepingDimensions: Bool = false) -> Node<S> {
  let axes = (axes ?? Array(0..<x.rank)).sorted()
  let largest = axes.isEmpty ? x : x.graph.record(MaximumOverAxes(axes: axes), [x])
  return keepingDimensions ? largest : largest.dropping(axes)
}
