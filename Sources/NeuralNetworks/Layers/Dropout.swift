public import Autodiff
public import BLAS

/// While training, each element is 0 with probability `rate`; the network for inference has no such layer.
///
/// Source: Srivastava et al. (2014).
public struct Dropout: Layer {
  /// What keeps the expectation the same in training and in inference.
  public enum Scaling: Hashable, Sendable {
    /// Kept elements are divided by 1 - rate while training.
    case inverted
    /// Elements are multiplied by 1 - rate when predicting, as in AlexNet's paper.
    case atInference
  }

  /// The stem of the layer's name: `dropout`.
  public let kind = "dropout"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// The probability of 0.
  public let rate: Double
  /// Where the correction is made.
  public let scaling: Scaling

  /// A dropout layer; `rate` is from 0 up to but not 1.
  public init(
    _ rate: Double, scaling: Scaling = .inverted, name: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.rate = rate
    self.scaling = scaling
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard (0..<1).contains(rate) else {
      return context.refuse(input, self, expected: "a rate from 0 up to but not 1 (it is \(rate))")
    }
    switch context.mode {
    case .inference: return scaling == .inverted ? input : input * (1 - rate)
    case .training(let step, let firstExample):
      return dropout(
        input, rate: rate, step: step, key: RandomKey.hash(seed: context.seed, name: context.fullName),
        scale: scaling == .inverted ? nil : 1, firstExample: firstExample)
    }
  }
}

/// A random stream's key from a seed and a layer's name.
enum RandomKey {
  /// FNV-1a over the name, started from the seed.
  static func hash(seed: UInt64, name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ (seed &* 0x9e37_79b9_7f4a_7c15)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
