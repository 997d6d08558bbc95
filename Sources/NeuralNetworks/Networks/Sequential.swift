public import Autodiff
public import BLAS
public import Kernels

/// Layers applied one after the other.
///
/// ```swift
/// let network = Sequential {
///   Conv2D(6, kernel: 5, padding: .same, activation: .tanh)
///   AveragePooling2D(2)
///   Flatten()
///   Dense(10)
/// }
/// ```
public struct Sequential: ContainerLayer {
  /// The stem of the layer's name: `block`.
  public let kind = "block"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// The layers inside, in the order in which they are recorded.
  public var layers: [any Layer]
  /// Names of layers whose variables training leaves as they are.
  public private(set) var frozen: Set<String> = []
  /// How convolutions are computed, by the full name of a layer or of a block; "" stands for all. Others are computed in the
  /// way that suits their shapes.
  public private(set) var algorithms: [String: ConvolutionAlgorithm] = [:]

  /// A network of the layers that `content` lists.
  public init(
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    @LayerBuilder _ content: () -> [any Layer]
  ) {
    self.init(content(), name: name, file: file, line: line)
  }

  /// A network of the given layers.
  public init(
    _ layers: [any Layer], name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.layers = layers
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    layers.reduce(input) { context.record($1, $0) }
  }

  /// Records the whole network, without a name of its own, and returns its result and what each layer gave.
  public func callAsFunction<S: Scalar>(
    _ input: Node<S>, mode: NetworkMode<S> = .inference, seed: UInt64 = 0
  ) -> (output: Node<S>, context: NetworkContext<S>) {
    let context = NetworkContext(
      graph: input.graph, mode: mode, frozen: frozen, algorithms: algorithms, seed: seed)
    return (context.withPenalties(identity.penalties) { record(input, in: context) }, context)
  }

  /// The same network with the variables of some layers, by full name or by the name of a block, left as they are, the
  /// running averages of a batch normalization included.
  ///
  /// - Throws: ``NetworkError/unknownLayer(_:known:)`` where no layer has one of the names.
  public func freezing(_ names: Set<String>) throws(NetworkError) -> Sequential {
    let known = layerNames
    for name in names.sorted() where !known.contains(name) && !known.contains(where: { $0.hasPrefix(name + ".") }) {
      throw .unknownLayer(name, known: known)
    }
    var copy = self
    copy.frozen.formUnion(names)
    return copy
  }

  /// The same network whose convolutions, forward and for both gradients, are computed by one algorithm.
  ///
  /// ```swift
  /// let plain = try network.computing(by: .lowered)
  /// let mixed = try plain.computing("conv3", by: .winograd)
  /// ```
  ///
  /// Results differ by rounding alone. A convolution that the algorithm cannot compute is a mistake that `compile` reports, with
  /// the layer and what it would have to be like.
  ///
  /// - Parameters:
  ///   - name: the full name of a convolution, or of a block of them; every one where none is given. What is said of a longer
  ///     name goes before what is said of a shorter one.
  ///   - algorithm: how.
  /// - Throws: ``NetworkError/noConvolution(_:known:)`` with the convolutions there are.
  public func computing(_ name: String? = nil, by algorithm: ConvolutionAlgorithm) throws(NetworkError) -> Sequential {
    let known = Self.named(layers, path: []).filter { $0.layer is Conv2D }.map(\.name)
    if let name, !known.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) {
      throw .noConvolution(name, known: known)
    }
    var copy = self
    copy.algorithms[name ?? ""] = algorithm
    return copy
  }

  /// The full names of the innermost layers, in order.
  public var layerNames: [String] { Self.named(layers, path: []).map(\.name) }

  private static func named(_ layers: [any Layer], path: [String]) -> [(name: String, layer: any Layer)] {
    var counts: [String: Int] = [:]
    return layers.flatMap { layer -> [(name: String, layer: any Layer)] in
      var name = layer.identity.name
      if name == nil {
        counts[layer.kind, default: 0] += 1
        name = "\(layer.kind)\(counts[layer.kind, default: 1])"
      }
      let full = path + [name ?? layer.kind]
      guard let container = layer as? any ContainerLayer else {
        return [(full.joined(separator: "."), layer)]
      }
      return named(container.layers, path: full)
    }
  }
}

/// What is wrong with a network before it is recorded.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No layer has this name.
  case unknownLayer(String, known: [String])
  /// No convolution, and no block that holds one, has this name.
  case noConvolution(String, known: [String])

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .unknownLayer(let name, let known):
      "no layer is named '\(name)'; the network has \(known.joined(separator: ", "))"
    case .noConvolution(let name, let known):
      "no convolution is named '\(name)'; the network has \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    }
  }
}

/// Builds lists of layers from statements, with `if`, `else` and `for`.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// A list of layers.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Statements in order.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// The first branch of an `if`.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// The second branch of an `if`.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
