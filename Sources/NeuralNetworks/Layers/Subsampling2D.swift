public import Autodiff
public import BLAS
public import Tensors

/// LeNet-5's subsampling: f(coefficient·(sum of the window) + bias), one trainable pair a channel.
///
/// Source: LeCun et al. (1998), section II.B.
public struct Subsampling2D: Layer {
  /// The stem of the layer's name: `subsampling`.
  public let kind = "subsampling"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// The window, which does not overlap its neighbours.
  public let size: Size2D
  /// f.
  public let activation: ActivationFunction
  /// Fills the coefficients; the fan-in is the window's size.
  public let coefficientInitializer: Initializer
  /// Fills the biases.
  public let biasInitializer: Initializer

  /// A trainable subsampling of `size` windows.
  public init(
    _ size: Size2D = 2, activation: ActivationFunction = .scaledTanh,
    coefficientInitializer: Initializer = .lecun1998, biasInitializer: Initializer = .zeros, name: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.size = size
    self.activation = activation
    self.coefficientInitializer = coefficientInitializer
    self.biasInitializer = biasInitializer
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank == 4, let channels = input.shape[3].fixedSize else {
      return context.refuse(input, self, expected: "images [batch, height, width, channels]")
    }
    let fans = Fans(fanIn: size.height * size.width, fanOut: 1)
    let coefficient = context.parameter(
      "coefficient", [channels], .initializer(coefficientInitializer, fans: fans), isWeight: true)
    let bias = context.parameter("bias", [channels], .initializer(biasInitializer, fans: fans), isWeight: false)
    return context.activate(subsampling(input, coefficient: coefficient, bias: bias, size: size), activation)
  }

  /// Multiply-adds, connections and neurons for one example.
  ///
  /// The sum is adds; one multiply-add a unit remains. The bias is a connection, as in the paper's 5,880 for S2.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(
      multiplyAdds: output.count, connections: output.count * (size.height * size.width + 1),
      neurons: output.count)
  }
}
