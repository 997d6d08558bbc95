import Autodiff
public import BLAS
public import Tensors

/// w ← prox(w - η·g): a gradient step on the loss, then the penalty's proximal map, which makes exact zeros for L1.
///
/// With the penalty l1·Σ|w| + l2·Σw² the map is sign(z)·max(|z| - η·l1, 0)/(1 + 2η·l2). Biases are left out.
/// Source: Parikh and Boyd (2014), section 4.2.
public struct ProximalSGD: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// What the map belongs to; it is not in the loss besides.
  public let penalty: Penalty

  /// Proximal gradient descent for `penalty` on all weights.
  public init(learningRate: Double, penalty: Penalty) {
    self.learningRate = learningRate
    self.penalty = penalty
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let moved = parameter.variable - rate * parameter.gradient
      guard parameter.isWeight else {
        context.graph.update(parameter.variable, to: moved)
        continue
      }
      let shrunk = sign(moved) * relu(abs(moved) - rate * penalty.l1)
      context.graph.update(
        parameter.variable, to: penalty.l2 == 0 ? shrunk : shrunk / (1 + 2 * penalty.l2 * rate))
    }
  }
}
