import BLAS
import Tensors

/// The same elements under another shape; it costs nothing, because both share one memory.
struct Reshape: Operation {
  let target: SymbolicShape

  var name: String { "reshape to \(target)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let (given, wanted) = (operands[0].elementCount, target.elementCount)
    guard given == wanted else {
      throw ShapeMismatch(expected: "as many elements as \(target) has")
    }
    return target
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.gradient.reshaped(to: context.operands[0].shape)]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    PreparedKernel { _ in [] }
  }
}

extension Node {
  /// The same elements, row-major, under another shape.
  public func reshaped(to target: SymbolicShape) -> Node {
    if shape == target { return self }
    if let fill, shape.elementCount == target.elementCount { return graph.record(fill.spread(over: target), []) }
    if operation is Reshape {
      return Node(graph: graph, index: graph.records[index].operands[0]).reshaped(to: target)
    }
    return graph.record(Reshape(target: target), [self])
  }
}
