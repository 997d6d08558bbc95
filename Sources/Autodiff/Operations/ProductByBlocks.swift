import BLAS
import Tensors

/// The product of a batch of rows [batch, k] with a small matrix [k, n], or with the transpose of one [n, k], so many rows at a
/// time: dense layers behind a chain of convolutions and their gradients, by the tasks that made the rows while these are in
/// the cache.
///
/// A block of rows is always one call, whoever makes it, so that it has the same bits alone as in a group.
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
    let scratchCount = transposesB ? rows * (inner + columns) : 0
    let byBlocks = PreparedKernel<S>.ByImages(
      operandCount: rows * inner, resultCount: rows * columns, otherOperands: 1, scratchCount: scratchCount
    ) { at, blocks, scratch in
      for block in blocks { make(block, inner, columns, at, scratch) }
    }
    let (blocks, mostTasks) = (result[0] / rows, 16)
    let tasks = Swift.min(blocks, mostTasks)
    func range(_ task: Int) -> Range<Int> { task * blocks / tasks..<(task + 1) * blocks / tasks }
    let elements = rows * columns
    return PreparedKernel(
      workspaceCount: tasks * scratchCount, phases: [tasks],
      resultRanges: (0..<tasks).map { range($0).lowerBound * elements..<range($0).upperBound * elements },
      byImages: byBlocks,
      choice: KernelChoice(
        method: transposesB ? "\(rows) interleaved rows at a time" : "gemm, \(rows) rows at a time",
        reason: "a small matrix, by the tasks that make the rows")
    ) { _, task, at in
      for block in range(task) { make(block, inner, columns, at, at.workspace + task * scratchCount) }
    }
  }

  @inline(__always)
  private func make<S: Scalar>(
    _ block: Int, _ inner: Int, _ columns: Int, _ at: PreparedKernel<S>.Addresses, _ scratch: UnsafeMutablePointer<S>
  ) {
    let (from, to) = (at.operands[0] + block * rows * inner, at.result + block * rows * columns)
    guard transposesB else {
      S.gemm(false, false, rows, columns, inner, 1, from, inner, at.operands[1], columns, 0, to, columns)
      return
    }
    // With a row in each lane the matrix is read as it lies, and every vector is full; the library would turn it for each block.
    let turned = scratch + rows * inner
    S.interleave(count: inner, from, scratch)
    S.interleavedProduct(rows: columns, depth: inner, at.operands[1], scratch, turned)
    S.separate(count: columns, turned, to)
  }
}
