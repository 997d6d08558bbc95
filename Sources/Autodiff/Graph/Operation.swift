public import BLAS
public import Tensors

/// One operation of the graph: what shape it gives, what its derivative is and which kernel computes it.
///
/// An operation is a value without operands. It is equal to another exactly when both compute the same function, which
/// lets a graph record a repeated expression once.
public protocol Operation: Hashable, Sendable {
  /// The name that messages and plans print.
  var name: String { get }

  /// The shape of the result.
  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape

  /// The gradient with respect to each operand, as nodes; `nil` where it is zero everywhere or not wanted.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?]

  /// The diagonal second derivative with respect to each operand under LeCun's approximation.
  ///
  /// `context.gradient` holds the second derivative with respect to the result. The default is right for operations whose
  /// Jacobian has only zeros and ones; products and functions square their coefficients.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?]

  /// The kernel for operands and a result of these shapes.
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S>
}

extension Operation {
  /// The gradient rule itself: exact for operations that only move or add elements.
  public func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { gradients(context) }
}

/// What a gradient rule sees.
public struct GradientContext<S: Scalar> {
  /// The operands of the operation.
  public let operands: [Node<S>]
  /// The operation's result.
  public let result: Node<S>
  /// The derivative of the differentiated scalar by the result; it has the result's shape.
  public let gradient: Node<S>
  /// The first derivative by the result when second derivatives are propagated, else `nil`.
  public let firstGradient: Node<S>?
  /// The graph that the rule records into.
  public var graph: Graph<S> { result.graph }
  /// Which operands the differentiated variables reach; a rule may skip the others.
  public let isNeeded: [Bool]

  init(
    operands: [Node<S>], result: Node<S>, gradient: Node<S>, firstGradient: Node<S>? = nil, isNeeded: [Bool]
  ) {
    self.operands = operands
    self.result = result
    self.gradient = gradient
    self.firstGradient = firstGradient
    self.isNeeded = isNeeded
  }

  /// `node()` where operand `index` is wanted, else `nil`.
  func ifNeeded(_ index: Int, _ node: () -> Node<S>) -> Node<S>? { isNeeded[index] ? node() : nil }

  /// The same rule with every operand squared: the diagonal curvature of an operation that is linear in each operand.
  var squaringOperands: GradientContext<S> {
    GradientContext(
      operands: operands.map { square($0) }, result: result, gradient: gradient, isNeeded: isNeeded)
  }
}
