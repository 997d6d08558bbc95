public import BLAS

/// A value in a graph: an input, a variable, or the result of an operation.
public struct Node<S: Scalar> {
  /// The graph that the node belongs to.
  public let graph: Graph<S>
  let index: Int

  /// The node's shape; where the graph has failed, the shape that was found last.
  public var shape: SymbolicShape { graph.records[index].shape }

  /// The number of axes.
  public var rank: Int { shape.rank }

  var operation: any Operation { graph.records[index].operation }

  /// The value of a node that is the same number everywhere, where that is known while recording.
  var uniformValue: Double? { fill.flatMap { $0.batchPower == 0 ? $0.value : nil } }

  /// The operation of a node that is the same number everywhere, which may still wait for the batch size.
  var fill: Fill? { operation as? Fill }
}

extension Node: Equatable {
  /// Whether both are the same node of the same graph.
  public static func == (left: Node, right: Node) -> Bool {
    left.graph === right.graph && left.index == right.index
  }
}

extension Node: CustomStringConvertible {
  /// As in `tanh [batch, 6]`.
  public var description: String { "\(graph.records[index].name ?? operation.name) \(shape)" }
}
