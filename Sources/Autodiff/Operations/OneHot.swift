import BLAS
import Kernels
import Tensors

/// Class indices as rows with a single 1; nothing flows back through it.
struct OneHot: Operation {
  let depth: Int

  var name: String { "one-hot" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard depth > 0 else { throw ShapeMismatch(expected: "at least one class") }
    return SymbolicShape(operands[0].dimensions + [Dimension(depth)])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [nil] }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.OneHot<S>(depth: depth, count: operands[0].count)
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, indices: at.operands[0], output: at.result)
    }
  }
}

/// Class indices (whole numbers from 0) as rows of `depth` numbers with a 1 at the index: [.., depth].
///
/// An index outside `0 ..< depth` gives a row of zeros.
public func oneHot<S>(_ indices: Node<S>, depth: Int) -> Node<S> {
  indices.graph.record(OneHot(depth: depth), [indices])
}
