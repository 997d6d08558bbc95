import NeuralNetworks
import Tensors

/// How a study sets the first weights of a network: by draws alone, or by LSUV, which looks at data.
///
/// The identity of a fully connected layer is a matrix and that of a convolution dirac's kernel, so `identity` and `dirac`
/// name the same weights here: each layer gets the one that exists for it.
struct StudyInitializer: Sendable {
  /// Of fully connected layers.
  let dense: Initializer
  /// Of convolutions.
  let convolution: Initializer
  /// Whether LSUV then sets the kernels on the run's first training batch.
  let isLSUV: Bool

  /// One initializer for every layer.
  init(_ initializer: Initializer) { self.init(dense: initializer, convolution: initializer) }

  private init(dense: Initializer, convolution: Initializer, isLSUV: Bool = false) {
    (self.dense, self.convolution, self.isLSUV) = (dense, convolution, isLSUV)
  }

  /// The initializers of a study by name.
  static let named: [String: StudyInitializer] = {
    var all = Initializer.named.mapValues { StudyInitializer($0) }
    all["constant"] = StudyInitializer(.constant(0.01))
    all["identity"] = StudyInitializer(dense: .identity, convolution: .dirac)
    all["dirac"] = all["identity"]
    all["lsuv"] = StudyInitializer(dense: .orthogonal, convolution: .orthogonal, isLSUV: true)
    return all
  }()

  /// Whether the weights are what the recursions of variances take them for: independent, of mean 0.
  var hasTheory: Bool {
    switch dense {
    case .identity: false
    // A constant but 0 has a mean.
    case _ where dense.theoreticalVariance(fans: Fans(fanIn: 1, fanOut: 1)) == 0: dense == .zeros
    default: true
    }
  }

  /// The variance of a fully connected layer's weights as far as it is known before they are drawn; nil for orthogonal
  /// ones, for sparse ones and for those that LSUV has rescaled.
  func theoreticalVariance(fans: Fans) -> Double? { isLSUV ? nil : dense.theoreticalVariance(fans: fans) }
}
