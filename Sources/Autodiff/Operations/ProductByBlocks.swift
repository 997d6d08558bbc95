import BLAS
import Tensors

/// The product of a batch of rows [batch, k] with a small matrix [k, n], so many rows at a time: dense layers behind a chain of
/// convolutions, by the tasks that made the rows while these are in the cache.
///
/// A block of rows is always one library call, whoever makes it, so that it has the same bits alone as in a group.
struct ProductByBlocks: PlannedOperation {
  /// The rows of a block.
  let rows: Int

  var name: String { "matrix product" }

  /// The product that takes the place of a recorded one, if it can: all tasks read the second matrix, so it must be small, and
  /// blocks of few rows would read it too often.
  init?(_ product: MatrixMultiplication, operands: [Shape], batch: Int, rows: Int) {
    let (largestMatrix, fewestRows) = (1 << 16, 8)
    guard !product.transposesA, !product.transposesB, operands.allSatisfy({ $0.rank == 2 }), operands[0][0] == batch,
      operands[1].count <= largestMatrix, rows >= fewestRows, batch % rows == 0
    else { return nil }
    self.rows = rows
  }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    [operands[0][0], operands[1][1]]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let (rows, inner, columns) = (rows, operands[0][1], result[1])
    func make(_ block: Int, _ at: PreparedKernel<S>.Addresses) {
      S.gemm(
        false, false, rows, columns, inner, 1, at.operands[0] + block * rows * inner, inner, at.operands[1], columns, 0,
        at.result + block * rows * columns, columns)
    }
    let byBlocks = PreparedKernel<S>.ByImages(
      operandCount: rows * inner, resultCount: rows * columns, otherOperands: 1
    ) { at, blocks, _ in
      for block in blocks { make(block, at) }
    }
    let blocks = result[0] / rows
    return PreparedKernel(
      workspaceCount: 0, phases: [blocks],
      resultRanges: (0..<blocks).map { $0 * rows * columns..<($0 + 1) * rows * columns }, byImages: byBlocks,
      choice: KernelChoice(
        method: "gemm, \(rows) rows at a time", reason: "a small matrix, by the tasks that make the rows")
    ) { _, block, at in make(block, at) }
  }
}
