import Autodiff
public import BLAS

/// Stochastic gradient descent: v ← μ·v + g, w ← w - η·v; Nesterov's form steps along g + μ·v.
///
/// | ``Velocity`` | rule | whose |
/// |---|---|---|
/// | ``Velocity/ofGradients`` | v ← μ·v + g, w ← w - η·v | PyTorch |
/// | ``Velocity/ofSteps`` | v ← μ·v - η·g, w ← w + v | Krizhevsky et al. (2012), Caffe |
///
/// With a constant rate both take the same steps. When the rate changes, the first rescales the past at once, the second lets
/// it fade. Source: Polyak (1964), Sutskever et al. (2013).
public struct SGD: Optimizer {
  /// What the velocity is a sum of.
  public enum Velocity: Hashable, Sendable {
    /// Gradients: the rate of the present step counts for all of them.
    case ofGradients
    /// Steps: each keeps the rate that it was made with.
    case ofSteps
  }

  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// μ.
  public let momentum: Double
  /// Whether the step looks ahead.
  public let nesterov: Bool
  /// What the velocity is a sum of.
  public let velocity: Velocity
  /// The pull towards zero.
  public let weightDecay: WeightDecay

  /// Plain gradient descent unless momentum is given.
  public init(
    learningRate: Double, momentum: Double = 0, nesterov: Bool = false, velocity: Velocity = .ofGradients,
    weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.velocity = velocity
    self.weightDecay = weightDecay
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let gradient = weightDecay.gradient(parameter)
      let start = weightDecay.shrunk(parameter, rate: rate)
      guard momentum != 0 else {
        context.graph.update(parameter.variable, to: start - rate * gradient)
        continue
      }
      let past = context.memory("velocity", for: parameter)
      switch velocity {
      case .ofGradients:
        let next = momentum * past + gradient
        context.graph.update(past, to: next)
        context.graph.update(
          parameter.variable, to: start - rate * (nesterov ? gradient + momentum * next : next))
      case .ofSteps:
        let step = rate * gradient
        let next = momentum * past - step
        context.graph.update(past, to: next)
        context.graph.update(parameter.variable, to: start + (nesterov ? momentum * next - step : next))
      }
    }
  }
}

extension SGD: CustomStringConvertible {
  /// As in `SGD, rate 0.01, momentum 0.9 (v ← 0.9·v - rate·g, w ← w + v), weight decay 0.0005 in the loss`.
  public var description: String {
    var parts = ["SGD", "rate \(learningRate)"]
    if momentum != 0 {
      let rule =
        velocity == .ofSteps
        ? "v ← \(momentum)·v - rate·g, w ← w + v" : "v ← \(momentum)·v + g, w ← w - rate·v"
      parts.append("momentum \(momentum) (\(rule)\(nesterov ? ", Nesterov's step" : ""))")
    }
    if weightDecay.rate != 0 { parts.append("\(weightDecay)") }
    return parts.joined(separator: ", ")
  }
}
