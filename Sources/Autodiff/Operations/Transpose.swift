import BLAS
import Tensors

/// Permutes the axes: axis `i` of the result is axis `permutation[i]` of the operand.
struct Transpose: Operation {
  let permutation: [Int]

  var name: String { "transpose \(permutation)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard permutation.sorted() == Array(0..<operands[0].rank) else {
      throw ShapeMismatch(expected: "an operand whose axes are the numbers in \(permutation)")
    }
    return SymbolicShape(permutation.map { operands[0][$0] })
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return [context.gradient.transposed(inverse)]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    rearrangement(result, strides: permutation.map { operands[0].strides[$0] })
  }
}

extension Node {
  /// The axes in another order: axis `i` of the result is axis `permutation[i]` of this node.
  public func transposed(_ permutation: [Int]) -> Node {
    permutation == Array(0..<rank) ? self : graph.record(Transpose(permutation: permutation), [self])
  }

  /// A matrix with rows and columns exchanged.
  public var transposed: Node { transposed([1, 0]) }
}
