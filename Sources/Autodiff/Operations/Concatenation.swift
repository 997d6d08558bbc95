import BLAS
import Kernels
import Tensors

/// Operands laid end to end along one axis; each gets its own slice of the gradient.
struct Concatenation: Operation {
  let axis: Int

  var name: String { "concatenation along axis \(axis)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    var dimensions = operands[0].dimensions
    var total = 0
    for operand in operands {
      guard dimensions.indices.contains(axis), operand.rank == dimensions.count, let size = operand[axis].fixedSize
      else {
        throw ShapeMismatch(expected: "operands of one rank with a fixed axis \(axis)")
      }
      total += size
      dimensions[axis] = operand[axis]
      guard dimensions == operand.dimensions else {
        throw ShapeMismatch(expected: "operands that differ along axis \(axis) alone")
      }
    }
    dimensions[axis] = Dimension(total)
    return SymbolicShape(dimensions)
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    var start = 0
    return context.operands.indices.map { index in
      let size = context.operands[index].shape[axis].fixedSize ?? 0
      defer { start += size }
      return context.ifNeeded(index) { context.gradient.sliced(axis: axis, from: start, to: start + size) }
    }
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let parts = operands.enumerated().map { index, operand in
      Kernels.Concatenation<S>.Part.operand(index, width: operand.dimensions[axis...].reduce(1, *))
    }
    return endToEnd(rows: result.dimensions[..<axis].reduce(1, *), parts)
  }
}

/// The kernel that lays parts end to end in every row.
@specialized(where S == Float)
@specialized(where S == Double)
func endToEnd<S: Scalar>(rows: Int, _ parts: [Kernels.Concatenation<S>.Part]) -> PreparedKernel<S> {
  let kernel = Kernels.Concatenation<S>(rows: rows, parts: parts)
  return PreparedKernel(kernel) { phase, task, at in
    kernel.run(phase: phase, task: task, operands: at.operands, output: at.result)
  }
}

/// The nodes laid end to end along `axis`, an axis other than the batch; the other axes agree.
///
/// - Precondition: there is at least one node.
public func concatenate<S>(_ nodes: [Node<S>], axis: Int) -> Node<S> {
  precondition(!nodes.isEmpty, "concatenate expects at least one node, found none")
  return nodes.count == 1 ? nodes[0] : nodes[0].graph.record(Concatenation(axis: axis), nodes)
}
