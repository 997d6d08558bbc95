import BLAS
import Kernels
import Tensors

/// The product of a batch of rows [batch, k] with a small matrix [k, n], or with the transpose of one [n, k], so many rows at a
/// time: dense layers behind a chain of convolutions and their gradients, by the tasks that made the rows while these are in
/// the cache.
struct ProductByBlocks: PlannedOperation {
  /// The rows of a block.
  let rows: Int
  private let transposesB: Bool

  var name: String { "matrix product" }

  /// The product that takes the place of a recorded one, if it can: all tasks read the second matrix, so it must be small, and
  /// blocks of few rows would read it too often.
  ///
  /// - Parameter rows: as many as a vector has elements.
  init?(_ product: MatrixMultiplication, operands: [Shape], batch: Int, rows: Int) {
    let (largestMatrix, fewestRows) = (1 << 16, 8)
    guard !product.transposesA, operands.allSatisfy({ $0.rank == 2 }), operands[0][0] == batch,
      operands[1].count <= largestMatrix, rows >= fewestRows, batch % rows == 0
    else { return nil }
    self.rows = rows
    transposesB = product.transposesB
  }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    [operands[0][0], operands[1][transposesB ? 0 : 1]]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let (inner, columns) = (operands[0][1], result[1])
    let kernel = Kernels.ProductByBlocks<S>(
      rows: result[0], inner: inner, columns: columns, transposesMatrix: transposesB)
    let byBlocks = PreparedKernel<S>.ByImages(
      operandCount: rows * inner, resultCount: rows * columns, otherOperands: 1, scratchCount: kernel.scratchCount
    ) { at, blocks, scratch in
      kernel.run(blocks: blocks, rows: at.operands[0], matrix: at.operands[1], result: at.result, scratch: scratch)
    }
    return PreparedKernel(kernel, byImages: byBlocks) { phase, task, at in
      kernel.run(
        phase: phase, task: task, rows: at.operands[0], matrix: at.operands[1], result: at.result,
        workspace: at.workspace)
    }
  }
}
