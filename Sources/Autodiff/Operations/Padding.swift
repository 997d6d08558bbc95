import BLAS
import Kernels
import Tensors

/// Zeros set before and after the elements along one axis; the gradient is the slice between them.
struct Padding: Operation {
  let axis: Int
  let before: Int
  let after: Int

  var name: String { "padding of axis \(axis)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard operands[0].dimensions.indices.contains(axis), let size = operands[0][axis].fixedSize,
      (0...(1 << 40)).contains(before),
      (0...(1 << 40)).contains(after)
    else {
      throw ShapeMismatch(expected: "an operand with a fixed axis \(axis), and no negative padding")
    }
    var dimensions = operands[0].dimensions
    dimensions[axis] = Dimension(before + size + after)
    return SymbolicShape(dimensions)
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let size = context.operands[0].shape[axis].fixedSize ?? 0
    return [context.gradient.sliced(axis: axis, from: before, to: before + size)]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let inner = operands[0].dimensions[(axis + 1)...].reduce(1, *)
    return endToEnd(
      rows: operands[0].dimensions[..<axis].reduce(1, *),
      [.zeros(width: before * inner), .operand(0, width: operands[0][axis] * inner), .zeros(width: after * inner)])
  }
}

extension Node {
  /// Zeros before and after the elements along `axis`, an axis other than the batch.
  public func padded(axis: Int, before: Int, after: Int) -> Node {
    before == 0 && after == 0 ? self : graph.record(Padding(axis: axis, before: before, after: after), [self])
  }
}
