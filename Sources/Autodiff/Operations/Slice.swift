import BLAS
import Tensors

/// The elements `lower ..< upper` along one axis; the gradient is set into zeros.
struct Slice: Operation {
  let axis: Int
  let lower: Int
  let upper: Int

  var name: String { "slice \(lower)..<\(upper) of axis \(axis)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard operands[0].dimensions.indices.contains(axis), let size = operands[0][axis].fixedSize, 0 <= lower,
      lower < upper, upper <= size
    else {
      throw ShapeMismatch(expected: "an operand with the elements \(lower)..<\(upper) along a fixed axis \(axis)")
    }
    var dimensions = operands[0].dimensions
    dimensions[axis] = Dimension(upper - lower)
    return SymbolicShape(dimensions)
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let size = context.operands[0].shape[axis].fixedSize ?? upper
    return [context.gradient.padded(axis: axis, before: lower, after: size - upper)]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    rearrangement(result, strides: operands[0].strides, offset: lower * operands[0].strides[axis])
  }
}

extension Node {
  /// The elements `lower ..< upper` along `axis`, an axis other than the batch.
  public func sliced(axis: Int, from lower: Int, to upper: Int) -> Node {
    graph.record(Slice(axis: axis, lower: lower, upper: upper), [self])
  }
}
