public import Autodiff
public import Tensors

/// What a network is made of and what one example costs, layer by layer.
///
/// Encoded as JSON the keys are `layers`, `parameters`, `neurons`, `connections`, `multiply_adds`, `activation_bytes`.
public struct NetworkSummary: Sendable, Equatable, Encodable {
  /// One layer.
  public struct Layer: Sendable, Equatable, Encodable {
    /// The full name, as in `block1.conv2`.
    public let name: String
    /// What it is, as in `conv`.
    public let kind: String
    /// The shape of its output for one example.
    public let output: [Int]
    /// Trainable numbers; a kernel's masked elements, frozen variables and running averages do not count.
    public let parameters: Int
    /// Outputs of layers whose units have weights.
    public let neurons: Int
    /// Weights times their uses, biases included, as LeCun et al. (1998) count them.
    public let connections: Int
    /// Multiplications that are followed by an addition.
    public let multiplyAdds: Int
    /// Bytes of its output in Float.
    public let activationBytes: Int

    private enum CodingKeys: String, CodingKey {
      case name, kind, output, parameters, neurons, connections
      case multiplyAdds = "multiply_adds"
      case activationBytes = "activation_bytes"
    }
  }

  /// The innermost layers in order.
  public let layers: [Layer]
  /// Trainable numbers.
  public let parameters: Int
  /// Units with weights.
  public let neurons: Int
  /// Connections.
  public let connections: Int
  /// Multiply-adds of one example's forward pass.
  public let multiplyAdds: Int
  /// Bytes of all layers' outputs for one example in Float.
  public let activationBytes: Int

  private enum CodingKeys: String, CodingKey {
    case layers, parameters, neurons, connections
    case multiplyAdds = "multiply_adds"
    case activationBytes = "activation_bytes"
  }

  /// The summary of `network` on examples of shape `input`.
  ///
  /// - Throws: `GraphError` where shapes do not fit, with the layer and the line where it was written.
  public init(_ network: Sequential, input: Shape) throws(GraphError) {
    let graph = Graph<Float>()
    let node = graph.input(SymbolicShape([.batch] + input.dimensions.map { Dimension($0) }), name: "input")
    let (_, context) = network(node)
    try graph.validate()
    layers = context.entries.map { entry in
      let (input, output) = (Self.example(entry.input), Self.example(entry.output))
      let cost = entry.layer.cost(input: input, output: output)
      return Layer(
        name: entry.name, kind: entry.layer.kind, output: output.dimensions,
        parameters: entry.variables.reduce(0) { $0 + $1.trainableCount }, neurons: cost.neurons,
        connections: cost.connections, multiplyAdds: cost.multiplyAdds,
        activationBytes: output.count * MemoryLayout<Float>.stride)
    }
    parameters = layers.reduce(0) { $0 + $1.parameters }
    neurons = layers.reduce(0) { $0 + $1.neurons }
    connections = layers.reduce(0) { $0 + $1.connections }
    multiplyAdds = layers.reduce(0) { $0 + $1.multiplyAdds }
    activationBytes = layers.reduce(0) { $0 + $1.activationBytes }
  }

  private static func example(_ node: Node<Float>) -> Shape {
    Shape(Array(node.shape.resolved(batch: 1).dimensions.dropFirst()))
  }
}

extension NetworkSummary: CustomStringConvertible {
  /// A table with a line a layer and the totals below.
  public var description: String {
    let heading = ["layer", "output", "parameters", "neurons", "connections", "multiply-adds", "bytes"]
    let numbers = layers.map {
      [$0.parameters, $0.neurons, $0.connections, $0.multiplyAdds, $0.activationBytes].map(\.description)
    }
    let rows = zip(layers, numbers).map { [$0.name, $0.output.map(\.description).joined(separator: "x")] + $1 }
    let total =
      ["total", ""] + [parameters, neurons, connections, multiplyAdds, activationBytes].map(\.description)
    let table = [heading] + rows + [total]
    let widths = heading.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column < 2 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
