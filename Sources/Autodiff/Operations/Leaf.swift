import BLAS
import Tensors

/// A node without operands: an input, a variable or a constant tensor.
struct Leaf: Operation {
  enum Kind: Sendable {
    case input
    case variable(InitialValue, isTrainable: Bool)
    case constant(Tensor<Double>)
  }

  let kind: Kind
  let label: String

  var name: String { label }

  var isVariable: Bool { if case .variable = kind { true } else { false } }

  static func == (left: Leaf, right: Leaf) -> Bool { left.label == right.label }
  func hash(into hasher: inout Hasher) { hasher.combine(label) }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    throw ShapeMismatch(expected: "to be recorded through the graph's own calls")
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [] }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    PreparedKernel { _ in [] }
  }
}
