import Autodiff
public import BLAS

/// s ← ρ·s + (1 - ρ)·g², w ← w - η·g/(√s + ε); the centred form divides by √(s - m²) + ε with m ← ρ·m + (1 - ρ)·g.
///
/// Source: Tieleman and Hinton (2012), lecture 6.5; centred: Graves (2013), section 4.2.
public struct RMSprop: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// ρ.
  public let smoothing: Double
  /// ε.
  public let epsilon: Double
  /// μ of a velocity on the scaled gradient; 0 for none.
  public let momentum: Double
  /// Whether the running mean of the gradients is taken off.
  public let isCentered: Bool
  /// The pull towards zero.
  public let weightDecay: WeightDecay

  /// RMSprop with PyTorch's defaults.
  public init(
    learningRate: Double = 0.01, smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    isCentered: Bool = false, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.momentum = momentum
    self.isCentered = isCentered
    self.weightDecay = weightDecay
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let gradient = weightDecay.gradient(parameter)
      let squares = context.memory("squares", for: parameter)
      let next = smoothing * squares + (1 - smoothing) * square(gradient)
      context.graph.update(squares, to: next)
      var variance = next
      if isCentered {
        let mean = context.memory("mean", for: parameter)
        let nextMean = smoothing * mean + (1 - smoothing) * gradient
        context.graph.update(mean, to: nextMean)
        // Rounding may leave a difference just below zero where the gradient hardly changes.
        variance = relu(next - square(nextMean))
      }
      var direction = gradient / (sqrt(variance) + epsilon)
      if momentum != 0 {
        let velocity = context.memory("velocity", for: parameter)
        direction = momentum * velocity + direction
        context.graph.update(velocity, to: direction)
      }
      context.graph.update(
        parameter.variable, to: weightDecay.shrunk(parameter, rate: rate) - rate * direction)
    }
  }
}
