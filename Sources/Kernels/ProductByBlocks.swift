public import BLAS

/// The product of rows [rows, k] with a matrix [k, n], or with the transpose of one [n, k], a block of rows at a time.
///
/// A block has as many rows as a vector has elements. It is always one call, whoever makes it, so that it has the same bits in
/// every task.
public struct ProductByBlocks<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// Elements of scratch memory for ``run(blocks:rows:matrix:result:scratch:)``.
  public let scratchCount: Int
  private let inner: Int, columns: Int, transposesMatrix: Bool, partition: WorkPartition

  /// Plans the product of whole blocks of rows of `inner` elements, with a result of `columns` columns.
  public init(rows: Int, inner: Int, columns: Int, transposesMatrix: Bool) {
    precondition(rows % S.interleavedImages == 0, "rows in whole blocks")
    (self.inner, self.columns, self.transposesMatrix) = (inner, columns, transposesMatrix)
    partition = WorkPartition(count: rows / S.interleavedImages, limit: 16)
    phases = [partition.taskCount]
    scratchCount = transposesMatrix ? S.interleavedImages * (inner + columns) : 0
    workspaceCount = partition.taskCount * scratchCount
  }

  /// Each task writes whole blocks.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: columns * S.interleavedImages) }

  /// How, and why.
  public var choice: KernelChoice? {
    KernelChoice(
      method: transposesMatrix
        ? "\(S.interleavedImages) interleaved rows at a time" : "gemm, \(S.interleavedImages) rows at a time",
      reason: "a small matrix, by the tasks that make the rows")
  }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, rows: UnsafePointer<S>, matrix: UnsafePointer<S>, result: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>
  ) {
    run(
      blocks: partition.range(task), rows: rows, matrix: matrix, result: result,
      scratch: workspace + task * scratchCount)
  }

  /// Makes some of the blocks.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    blocks: Range<Int>, rows: UnsafePointer<S>, matrix: UnsafePointer<S>, result: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    let count = S.interleavedImages
    for block in blocks {
      let (from, to) = (rows + block * count * inner, result + block * count * columns)
      guard transposesMatrix else {
        S.gemm(false, false, count, columns, inner, 1, from, inner, matrix, columns, 0, to, columns)
        continue
      }
      // With a row in each lane the matrix is read as it lies, and every vector is full; the library would turn it for each block.
      let turned = scratch + count * inner
      S.interleave(count: inner, from, scratch)
      S.interleavedProduct(rows: columns, depth: inner, matrix, scratch, turned)
      S.separate(count: columns, turned, to)
    }
  }
}
