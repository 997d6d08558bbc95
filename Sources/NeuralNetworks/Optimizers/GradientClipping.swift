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

  /// The bounded gradients; a limit that is not above 0 is kept for `compile` to report.
  public func callAsFunction<S: Scalar>(_ gradients: [Node<S>]) -> [Node<S>] {
    guard let first = gradients.first else { return [] }
    switch self {
    case .value(let limit), .norm(let limit):
      guard limit > 0 else {
        first.graph.fail(
          .value(
            operation: "gradient clipping", found: limit, expectation: "a limit above 0",
            scope: first.graph.currentScope))
        return gradients
      }
    case .none: break
    }
    switch self {
    case .none: return gradients
    case .value(let limit): return gradients.map { clamp($0, -limit...limit) }
    case .norm(let limit):
      let squares = gradients.dropFirst().reduce(sum(square(first))) { $0 + sum(square($1)) }
      let factor = minimum(limit / (sqrt(squares) + 1e-6), first.graph.constant(1))
      return gradients.map { $0 * factor }
    }
  }
}
