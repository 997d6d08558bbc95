import Tensors
public import Autodiff
public import BLAS

/// A bound on the gradients before the optimizer sees them.
public enum GradientClipping: Hashable, Sendable {
  /// No bound.
  case none
  /// Every element is held between -limit and limit.
  case value(Double)
  /// All gradients are scaled by min(1, limit/(norm + 1e-6)), with the norm over all of them (Pascanu et al. 2013; the
  /// 1e-6 is PyTorch's).
  case norm(Double)

  /// The bounded gradients.
  public func callAsFunction<S: Scalar>(_ gradients: [Node<S>]) -> [Node<S>] {
    switch self {
    case .none: return gradients
    case .value(let limit): return gradients.map { clamp($0, -limit...limit) }
    case .norm(let limit):
      guard let first = gradients.first else { return [] }
      let squares = gradients.dropFirst().reduce(sum(square(first))) { $0 + sum(square($1)) }
      let factor = minimum(limit / (sqrt(squares) + 1e-6), first.graph.constant(1))
      return gradients.map { $0 * factor }
    }
  }
}
