public import Autodiff
public import BLAS
public import Tensors

/// y_i = x_i / (k + α·Σ x_j²)^β over the n channels j around channel i, at every pixel.
///
/// | convention | Σ x_j² | k |
/// |---|---|---|
/// | ``Convention/paper`` | as it is | 2 |
/// | ``Convention/caffe`` | divided by n | 1 |
/// | ``Convention/pytorch`` | divided by n | 1 |
///
/// n is 5, α 1e-4 and β 0.75 where none is given. Source: Krizhevsky, Sutskever and Hinton (2012), section 3.3.
public struct LocalResponseNormalization: Layer {
  /// Whose formula it is.
  public enum Convention: Hashable, Sendable {
    /// AlexNet's paper: α multiplies the sum; k is 2.
    case paper
    /// Caffe's `LRN` layer: α multiplies the mean over n; k is 1; n is odd.
    case caffe
    /// PyTorch's `LocalResponseNorm`: as Caffe's, and an even n has one channel more before than after.
    case pytorch
  }

  /// The stem of the layer's name: `lrn`.
  public let kind = "lrn"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// Whose formula it is.
  public let convention: Convention
  /// n: how many channels a sum takes in; those beyond the first and the last count as 0.
  public let size: Int
  /// k.
  public let k: Double
  /// α, as the convention understands it.
  public let alpha: Double
  /// β.
  public let beta: Double

  /// A layer without parameters.
  ///
  /// - Parameter k: greater than 0; the convention's where none is given.
  public init(
    _ convention: Convention = .paper, size: Int = 5, k: Double? = nil, alpha: Double = 1e-4, beta: Double = 0.75,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.convention = convention
    self.size = size
    self.k = k ?? (convention == .paper ? 2 : 1)
    self.alpha = alpha
    self.beta = beta
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard size > 0, convention == .pytorch || size % 2 == 1 else {
      return context.refuse(
        input, self, expected: "a positive number of channels a sum, odd but in PyTorch's convention (it is \(size))")
    }
    guard input.rank >= 2 else {
      return context.refuse(input, self, expected: "a batch axis and a last axis of channels")
    }
    return localResponseNormalization(
      input, size: size, k: k, alpha: convention == .paper ? alpha : alpha / Double(size), beta: beta)
  }

  /// Multiply-adds, connections and neurons for one example: it has no weights, and what it multiplies is not counted, as
  /// nobody who publishes such numbers counts it.
  public func cost(input: Shape, output: Shape) -> LayerCost { LayerCost() }
}
