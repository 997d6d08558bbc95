import Autodiff
public import BLAS

/// Stochastic gradient descent: v ← μ·v + g, w ← w - η·v; Nesterov's form steps along g + μ·v.
///
/// This is PyTorch's form. With a constant rate it equals v ← μ·v - η·g, w ← w + v (Krizhevsky et al. 2012); when the rate
/// changes, PyTorch's rescales the past at once. Source: Polyak (1964), Sutskever et al. (2013).
public struct SGD: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// μ.
  public let momentum: Double
  /// Whether the step looks ahead.
  public let nesterov: Bool
  /// The pull towards zero.
  public let weightDecay: WeightDecay

  /// Plain gradient descent unless momentum is given.
  public init(
    learningRate: Double, momentum: Double = 0, nesterov: Bool = false, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let gradient = weightDecay.gradient(parameter)
      var direction = gradient
      if momentum != 0 {
        let velocity = context.memory("velocity", for: parameter)
        let next = momentum * velocity + gradient
        context.graph.update(velocity, to: next)
        direction = nesterov ? gradient + momentum * next : next
      }
      context.graph.update(
        parameter.variable, to: weightDecay.shrunk(parameter, rate: rate) - rate * direction)
    }
  }
}
