public import Autodiff
public import BLAS
public import Tensors

/// One layer of a network: a value that describes what to build, without parameters of its own.
///
/// The parameters live in a `State` under the layer's name, so one layer value can be recorded in many graphs: for training,
/// for inference, in Float and in Double.
public protocol Layer: Sendable {
  /// The name's stem where none is given, for instance `conv`; the first such layer of a network is `conv1`.
  var kind: String { get }

  /// What every layer carries besides its own settings: its name, where it was written, its penalties.
  var identity: LayerIdentity { get set }

  /// Whether the layer declares parameters or buffers; true where a layer does not say otherwise.
  ///
  /// What looks for the last layer that knows something, as transfer does for a head, passes over those that say false.
  var hasParameters: Bool { get }

  /// Records the layer's function of `input` and returns its result.
  ///
  /// Parameters and penalties are declared through `context`, under names of the layer alone (`kernel`, `bias`).
  func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S>

  /// Multiply-adds, connections and neurons for one example; the shapes are without the batch axis.
  func cost(input: Shape, output: Shape) -> LayerCost
}

extension Layer {
  /// A layer may have parameters.
  public var hasParameters: Bool { true }

  /// No arithmetic worth counting.
  public func cost(input: Shape, output: Shape) -> LayerCost { LayerCost() }

  /// The same layer under a name of your own.
  public func named(_ name: String) -> Self {
    var copy = self
    copy.identity.name = name
    return copy
  }

  /// The same layer with penalties added to those that it has; those of a block count for every layer inside.
  ///
  /// - Parameters:
  ///   - kernel: of every parameter that is a weight.
  ///   - bias: of every other parameter: biases, shifts, scales, centres.
  ///   - activity: of what the layer gives, activation function included: the mean over the examples. A block's is of what
  ///     the block gives.
  public func penalized(kernel: Penalty = .none, bias: Penalty = .none, activity: Penalty = .none) -> Self {
    var copy = self
    copy.identity.penalties.add(LayerPenalties(kernel: kernel, bias: bias, activity: activity))
    return copy
  }
}

/// What every layer carries besides its own settings.
public struct LayerIdentity: Hashable, Sendable {
  /// The name that was given, if one was.
  public var name: String?
  /// Where the layer was written.
  public var location: SourceLocation
  /// What training adds to the loss for the layer.
  public var penalties: LayerPenalties

  /// A name, a place and penalties.
  public init(name: String? = nil, file: StaticString, line: UInt, penalties: LayerPenalties = LayerPenalties()) {
    self.name = name
    self.penalties = penalties
    location = SourceLocation(file: file, line: line)
  }
}

/// What training adds to the loss for a layer: penalties of its parameters and of its results.
public struct LayerPenalties: Hashable, Sendable {
  /// Of every parameter that is a weight.
  public var kernel: Penalty
  /// Of every other parameter: biases, shifts, scales, centres.
  public var bias: Penalty
  /// Of the mean example's results.
  public var activity: Penalty

  /// Penalties; none where none is given.
  public init(kernel: Penalty = .none, bias: Penalty = .none, activity: Penalty = .none) {
    self.kernel = kernel
    self.bias = bias
    self.activity = activity
  }

  mutating func add(_ other: LayerPenalties) {
    func sum(_ a: Penalty, _ b: Penalty) -> Penalty { Penalty(l1: a.l1 + b.l1, l2: a.l2 + b.l2) }
    self = LayerPenalties(
      kernel: sum(kernel, other.kernel), bias: sum(bias, other.bias), activity: sum(activity, other.activity))
  }
}

/// What one example costs in one layer.
public struct LayerCost: Hashable, Sendable {
  /// Multiplications that are followed by an addition.
  public var multiplyAdds: Int
  /// Connections as LeCun et al. (1998) count them: weights times their uses, biases included.
  public var connections: Int
  /// Units with weights of their own: outputs of convolutions, dense layers, trainable subsampling and radial bases.
  public var neurons: Int

  /// A cost; nothing where nothing is given.
  public init(multiplyAdds: Int = 0, connections: Int = 0, neurons: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.connections = connections
    self.neurons = neurons
  }
}
