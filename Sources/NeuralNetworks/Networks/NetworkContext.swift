public import Autodiff
public import BLAS
public import Kernels
public import Tensors

/// How a network is recorded: what dropout and batch normalization do.
public enum NetworkMode<S: Scalar> {
  /// For training; `step` is a scalar node that counts the steps from 0, from which dropout draws its masks. Where a batch is
  /// taken in parts, the scalar node `firstExample` says where a part begins, so that the masks are those of the whole.
  case training(step: Node<S>, firstExample: Node<S>? = nil)
  /// For prediction: no dropout, running statistics.
  case inference
}

/// What layers record into: names, variables, penalties and what each layer gave.
public final class NetworkContext<S: Scalar> {
  /// One layer as it was recorded.
  public struct Entry {
    /// The layer's full name, as in `block1.conv2`.
    public let name: String
    /// The layer.
    public let layer: any Layer
    /// What went in.
    public let input: Node<S>
    /// What came out.
    public let output: Node<S>
    /// The value before the activation function, where the layer has one.
    public var preActivation: Node<S>?
    /// The layer's variables and how many of their elements can be trained.
    public var variables: [(name: String, node: Node<S>, trainableCount: Int)]
  }

  /// The graph that is being recorded.
  public let graph: Graph<S>
  /// Training or inference.
  public let mode: NetworkMode<S>
  /// Layers (by full name) whose variables stay as they are.
  public let frozen: Set<String>
  /// How convolutions are computed, by the full name of a layer or of a block around it; "" stands for all.
  public let algorithms: [String: ConvolutionAlgorithm]
  /// The seed that dropout's masks are drawn from.
  public let seed: UInt64
  /// Every innermost layer in the order of recording.
  public private(set) var entries: [Entry] = []
  /// The penalties that layers asked for, as scalar nodes.
  public private(set) var penalties: [Node<S>] = []
  /// Variables that are biases, shifts or scales: weight decay may leave them out.
  public private(set) var unpenalizedNames: Set<String> = []

  private var path: [String] = []
  /// The penalties of the layer that is being recorded and of the blocks around it.
  private var layerPenalties: [LayerPenalties] = []
  private var counts: [String: Int] = [:]
  private var preActivation: Node<S>?
  private var variables: [(name: String, node: Node<S>, trainableCount: Int)] = []

  /// A context for one recording of a network.
  public init(
    graph: Graph<S>, mode: NetworkMode<S>, frozen: Set<String> = [], algorithms: [String: ConvolutionAlgorithm] = [:],
    seed: UInt64 = 0
  ) {
    self.graph = graph
    self.mode = mode
    self.frozen = frozen
    self.algorithms = algorithms
    self.seed = seed
  }

  /// Records a layer under its name.
  public func record(_ layer: any Layer, _ input: Node<S>) -> Node<S> {
    let name = layer.identity.name ?? nextName(layer.kind)
    path.append(name)
    defer { path.removeLast() }
    let full = fullName
    if layer is any ContainerLayer { return recordPenalized(layer, input, as: full) }
    (preActivation, variables) = (nil, [])
    let output = recordPenalized(layer, input, as: full)
    if entries.contains(where: { $0.name == full }) {
      graph.scoped(full, at: layer.identity.location) {
        graph.fail(.duplicateVariable(name: full, scope: graph.currentScope))
      }
    }
    entries.append(
      Entry(
        name: full, layer: layer, input: input, output: output, preActivation: preActivation, variables: variables))
    graph.label(output, as: full)
    return output
  }

  /// Records a layer and its penalties.
  private func recordPenalized(_ layer: any Layer, _ input: Node<S>, as name: String) -> Node<S> {
    graph.scoped(name, at: layer.identity.location) {
      withPenalties(layer.identity.penalties) { layer.record(input, in: self) }
    }
  }

  /// What `body` gives, with penalties for it and for the parameters that it declares.
  func withPenalties(_ penalties: LayerPenalties, _ body: () -> Node<S>) -> Node<S> {
    layerPenalties.append(penalties)
    let output = body()
    layerPenalties.removeLast()
    penalize(output, penalties.activity, perExample: true)
    return output
  }

  /// The path of the layer that is being recorded.
  public var fullName: String { path.joined(separator: ".") }

  /// Whether the layer that is being recorded, or a block around it, is frozen: its variables stay as they are.
  public var isFrozen: Bool { path.indices.contains { frozen.contains(path[...$0].joined(separator: ".")) } }

  /// How the convolution that is being recorded is to be computed, where that was said.
  public var algorithm: ConvolutionAlgorithm? {
    (0...path.count).reversed().lazy.compactMap { self.algorithms[self.path[..<$0].joined(separator: ".")] }.first
  }

  private func nextName(_ kind: String) -> String {
    let key = (path + [kind]).joined(separator: ".")
    counts[key, default: 0] += 1
    return "\(kind)\(counts[key, default: 1])"
  }

  /// A trainable variable of the layer that is being recorded; its name is the layer's, a point, and `name`.
  ///
  /// - Parameters:
  ///   - trainableCount: how many elements count as parameters, where a mask leaves some out.
  ///   - isWeight: whether weight decay applies by default; false for biases, scales and shifts.
  public func parameter(
    _ name: String, _ shape: Shape, _ initial: InitialValue, trainableCount: Int? = nil, isWeight: Bool
  ) -> Node<S> {
    let full = "\(fullName).\(name)"
    let node = graph.variable(full, shape, initial, isTrainable: !isFrozen)
    variables.append((full, node, isFrozen ? 0 : trainableCount ?? shape.count))
    if !isWeight { unpenalizedNames.insert(full) }
    for penalties in layerPenalties { penalize(node, isWeight ? penalties.kernel : penalties.bias) }
    return node
  }

  /// A variable of the layer that no optimizer changes: a running mean, a fixed code.
  public func buffer(_ name: String, _ shape: Shape, _ initial: InitialValue) -> Node<S> {
    let full = "\(fullName).\(name)"
    let node = graph.variable(full, shape, initial, isTrainable: false)
    variables.append((full, node, 0))
    return node
  }

  /// Notes the value that an activation function is about to be applied to.
  public func notePreActivation(_ node: Node<S>) { preActivation = node }

  /// Adds `penalty` of `node` to what training minimizes.
  public func penalize(_ node: Node<S>, _ penalty: Penalty, perExample: Bool = false) {
    // An activity penalty is a mean over the examples, so that it does not grow with the batch.
    func total(_ x: Node<S>) -> Node<S> {
      perExample ? mean(sum(x, axes: Array(1..<Swift.max(x.rank, 1)))) : sum(x)
    }
    if penalty.l1 != 0 { penalties.append(total(abs(node)) * penalty.l1) }
    if penalty.l2 != 0 { penalties.append(total(square(node)) * penalty.l2) }
  }
}

/// A layer that is made of layers.
public protocol ContainerLayer: Layer {
  /// The layers inside, in the order in which they are recorded.
  var layers: [any Layer] { get }
}

extension ContainerLayer {
  /// Whether a layer inside has parameters.
  public var hasParameters: Bool { layers.contains { $0.hasParameters } }
}
