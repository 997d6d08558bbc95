public import Autodiff
public import BLAS
import Tensors

/// (x - mean)/√(variance + ε)·scale + shift over all axes but the last.
///
/// Training uses the batch's statistics and keeps running averages of them; inference, and a layer that is frozen, uses the
/// averages. Applied to several inputs in one graph, the averages take in one after the other.
/// Source: Ioffe and Szegedy (2015), algorithms 1 and 2.
public struct BatchNormalization: Layer {
  /// What the running average of the variance is made of.
  public enum RunningVariance: Hashable, Sendable {
    /// The batch's variance divided by n, as Keras does.
    case population
    /// The batch's variance divided by n - 1, as the paper and PyTorch do.
    case sample
  }

  /// The stem of the layer's name: `batchnorm`.
  public let kind = "batchnorm"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// How much of the old average each step keeps (Keras's momentum; PyTorch's is one minus this).
  public let momentum: Double
  /// Added to the variance.
  public let epsilon: Double
  /// What the running average of the variance is made of; the batch itself is normalized with the division by n.
  public let runningVariance: RunningVariance

  /// Batch normalization with Keras's defaults.
  public init(
    momentum: Double = 0.99, epsilon: Double = 1e-3, runningVariance: RunningVariance = .population,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.runningVariance = runningVariance
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank >= 2, let channels = input.shape[input.rank - 1].fixedSize else {
      return context.refuse(input, self, expected: "at least a batch axis and a fixed last axis")
    }
    let scale = context.parameter("scale", [channels], .initializer(.ones, fans: nil), isWeight: false)
    let shift = context.parameter("shift", [channels], .initializer(.zeros, fans: nil), isWeight: false)
    let runningMean = context.buffer("runningMean", [channels], .initializer(.zeros, fans: nil))
    let averageVariance = context.buffer("runningVariance", [channels], .initializer(.ones, fans: nil))
    guard case .training = context.mode, !context.isFrozen else {
      return batchNormalization(
        input, mean: runningMean, variance: averageVariance, scale: scale, shift: shift, epsilon: epsilon)
    }
    let (result, average, variance) = batchNormalization(input, scale: scale, shift: shift, epsilon: epsilon)
    let runningPart = running(variance, of: input)
    context.graph.update(runningMean) { momentum * $0 + (1 - momentum) * average }
    context.graph.update(averageVariance) { momentum * $0 + (1 - momentum) * runningPart }
    return result
  }

  /// The batch's variance as the running average takes it in.
  private func running<S: Scalar>(_ variance: Node<S>, of input: Node<S>) -> Node<S> {
    guard runningVariance == .sample else { return variance }
    let examples = SymbolicShape(Array(input.shape.dimensions.dropLast()))
    let count = sum(input.graph.constant(1, shape: examples))
    // A single value has no sample variance; its population variance, 0, is kept.
    return variance * (count / maximum(count - 1, input.graph.constant(1)))
  }
}
