import BLAS
import Kernels
import Tensors

/// Rows of a table picked by index; the gradient is added into the rows that were picked.
struct Gather: Operation {
  var name: String { "gather" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard operands[0].rank >= 1, operands[0].dimensions.allSatisfy({ !$0.isBatch }) else {
      throw ShapeMismatch(expected: "a table without a batch axis, and indices")
    }
    return SymbolicShape(operands[1].dimensions + operands[0].dimensions.dropFirst())
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let table = context.operands[0].shape
    return [context.graph.record(ScatterAddition(table: table), [context.operands[1], context.gradient]), nil]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let width = operands[0].dimensions.dropFirst().reduce(1, *)
    let kernel = GatherRows<S>(tableRows: operands[0][0], width: width, count: operands[1].count)
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, table: at.operands[0], indices: at.operands[1], output: at.result)
    }
  }
}

/// Rows added into a table of zeros at given indices: the transpose of ``Gather``.
struct ScatterAddition: Operation {
  let table: SymbolicShape

  var name: String { "scatter addition" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { table }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [nil, context.graph.record(Gather(), [context.gradient, context.operands[0]])]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let width = result.dimensions.dropFirst().reduce(1, *)
    let kernel = ScatterAddRows<S>(tableRows: result[0], width: width, count: operands[0].count)
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, indices: at.operands[0], rows: at.operands[1], table: at.result)
    }
  }
}

/// Rows of `table` [rows, ..] at `indices` (whole numbers from 0, of any shape): [indices.., ..].
///
/// An index outside the table gives a row of NaN.
public func gather<S>(_ table: Node<S>, _ indices: Node<S>) -> Node<S> {
  table.graph.record(Gather(), [table, indices])
}
