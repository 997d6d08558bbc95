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

  /// The name that was given, and where the layer was written.
  var identity: LayerIdentity { get set }

  /// Records the layer's function of `input` and returns its result.
  ///
  /// Parameters and penalties are declared through `context`, under names of the layer alone (`kernel`, `bias`).
  func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S>

  /// Multiply-adds, connections and neurons for one example; the shapes are without the batch axis.
  func cost(input: Shape, output: Shape) -> LayerCost
}

extension Layer {
  /// No arithmetic worth counting.
  public func cost(input: Shape, output: Shape) -> LayerCost { LayerCost() }

  /// The same layer under a name of your own.
  public func named(_ name: String) -> Self {
    var copy = self
    copy.identity.name = name
    return copy
  }
}

/// What messages call a layer.
public struct LayerIdentity: Hashable, Sendable {
  /// The name that was given, if one was.
  public var name: String?
  /// Where the layer was written.
  public var location: SourceLocation

  /// A name and a place.
  public init(name: String? = nil, file: StaticString, line: UInt) {
    self.name = name
    location = SourceLocation(file: file, line: line)
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
