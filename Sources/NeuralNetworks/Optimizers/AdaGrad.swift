import Autodiff
public import BLAS

/// s ← s + g², w ← w - η·g/(√s + ε). Source: Duchi, Hazan and Singer (2011).
public struct AdaGrad: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// ε.
  public let epsilon: Double
  /// What s is before the first step.
  public let initialAccumulator: Double
  /// The pull towards zero.
  public let weightDecay: WeightDecay

  /// AdaGrad with PyTorch's defaults.
  public init(
    learningRate: Double = 0.01, epsilon: Double = 1e-10, initialAccumulator: Double = 0,
    weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
    self.weightDecay = weightDecay
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let gradient = weightDecay.gradient(parameter)
      let squares = context.memory("squares", for: parameter, startingAt: initialAccumulator)
      let next = squares + square(gradient)
      context.graph.update(squares, to: next)
      context.graph.update(
        parameter.variable,
        to: weightDecay.shrunk(parameter, rate: rate) - rate * gradient / (sqrt(next) + epsilon))
    }
  }
}
