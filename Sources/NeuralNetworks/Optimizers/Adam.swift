import Autodiff
public import BLAS

/// m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g², w ← w - η·m̂/(√v̂ + ε) with m̂ = m/(1 - β₁ᵗ), v̂ = v/(1 - β₂ᵗ).
///
/// Source: Kingma and Ba (2015), algorithm 1. AdamW (Loshchilov and Hutter 2019) is Adam with decoupled weight decay:
/// ``adamW(learningRate:beta1:beta2:epsilon:weightDecay:includingBiases:)``.
public struct Adam: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// β₁.
  public let beta1: Double
  /// β₂.
  public let beta2: Double
  /// ε.
  public let epsilon: Double
  /// The pull towards zero.
  public let weightDecay: WeightDecay

  /// Adam with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// AdamW: Adam whose weight decay stands beside the adaptive step. Biases are left out unless asked for.
  public static func adamW(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, includingBiases: Bool = false
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: .decoupled(weightDecay, includingBiases: includingBiases))
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    let time = context.stepCount("adam")
    let graph = context.graph
    let firstCorrection = 1 - pow(graph.constant(beta1), time)
    let secondCorrection = 1 - pow(graph.constant(beta2), time)
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let gradient = weightDecay.gradient(parameter)
      let mean = context.memory("mean", for: parameter)
      let squares = context.memory("squares", for: parameter)
      let nextMean = beta1 * mean + (1 - beta1) * gradient
      let nextSquares = beta2 * squares + (1 - beta2) * square(gradient)
      graph.update(mean, to: nextMean)
      graph.update(squares, to: nextSquares)
      let step = (rate / firstCorrection) * nextMean / (sqrt(nextSquares / secondCorrection) + epsilon)
      graph.update(parameter.variable, to: weightDecay.shrunk(parameter, rate: rate) - step)
    }
  }
}
