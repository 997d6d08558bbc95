import BLAS
import Tensors

/// The same elements, through which nothing flows back.
struct StopGradient: Operation {
  var name: String { "stop gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { operands[0] }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [nil] }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    PreparedKernel { _ in [] }
  }
}

/// `x` itself, treated as a constant by gradients.
public func stopGradient<S>(_ x: Node<S>) -> Node<S> { x.graph.record(StopGradient(), [x]) }
