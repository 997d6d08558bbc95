public import Autodiff
public import BLAS

/// A function applied to every element, or to every row, of a layer's result.
public enum ActivationFunction: Hashable, Sendable, CustomStringConvertible {
  /// x.
  case linear
  /// max(x, 0).
  case relu
  /// x where x > 0, else slope·x.
  case leakyRelu(slope: Double)
  /// x where x > 0, else α(e^x - 1).
  case elu(alpha: Double)
  /// tanh x.
  case tanh
  /// 1.7159·tanh(2x/3), LeCun et al. (1998).
  case scaledTanh
  /// 1/(1 + e^-x).
  case sigmoid
  /// x/(1 + |x|).
  case softsign
  /// ln(1 + e^x).
  case softplus
  /// e^x / Σ e^x over the last axis.
  case softmax

  /// x where x > 0, else 0.01·x.
  public static let leakyRelu = ActivationFunction.leakyRelu(slope: 0.01)

  /// The function of a node.
  public func callAsFunction<S: Scalar>(_ x: Node<S>) -> Node<S> {
    switch self {
    case .linear: x
    case .relu: Autodiff.relu(x)
    case .leakyRelu(let slope): Autodiff.leakyRelu(x, slope: slope)
    case .elu(let alpha): Autodiff.elu(x, alpha: alpha)
    case .tanh: Autodiff.tanh(x)
    case .scaledTanh: Autodiff.scaledTanh(x)
    case .sigmoid: Autodiff.sigmoid(x)
    case .softsign: Autodiff.softsign(x)
    case .softplus: Autodiff.softplus(x)
    case .softmax: Autodiff.softmax(x)
    }
  }

  /// The name in studies and on the command line: `tanh`, `sigmoid`, `softsign`, `relu`, `leaky_relu`, ...
  public var description: String {
    switch self {
    case .leakyRelu: "leaky_relu"
    case .scaledTanh: "scaled_tanh"
    case .elu: "elu"
    case .linear: "linear"
    case .relu: "relu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .softsign: "softsign"
    case .softplus: "softplus"
    case .softmax: "softmax"
    }
  }

  /// The function with a name as ``description`` prints it, or `nil`.
  public init?(named name: String) {
    let known: [ActivationFunction] = [
      .linear, .relu, .leakyRelu, .elu(alpha: 1), .tanh, .scaledTanh, .sigmoid, .softsign, .softplus, .softmax,
    ]
    guard let match = known.first(where: { $0.description == name }) else { return nil }
    self = match
  }

  /// The largest magnitude that the function reaches, or `nil` where it has no bound.
  public var bound: Double? {
    switch self {
    case .tanh, .sigmoid, .softsign, .softmax: 1
    case .scaledTanh: 1.7159
    default: nil
    }
  }
}

/// An activation function as a layer of its own.
public struct Activation: Layer {
  /// The stem of the layer's name: `activation`.
  public let kind = "activation"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// The function.
  public let function: ActivationFunction

  /// A layer that applies `function`.
  public init(
    _ function: ActivationFunction, name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.function = function
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    context.notePreActivation(input)
    return function(input)
  }
}
