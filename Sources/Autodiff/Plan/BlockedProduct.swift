import BLAS
import Tensors

/// A matrix product that an elementwise program reads block by block, and that is kept nowhere: the gradient of a large
/// matrix of weights, or of any under a batch of a few examples or in a cache with its operands, on its way into the
/// optimizer's update.
///
/// The result is as large as the weights. In blocks of rows that stay in a cache it is neither written to memory nor read
/// from it, and needs no memory but a block's for each task; threads need not wait for each other before the update.
struct BlockedProduct<S: Scalar> {
  /// Rows of a block.
  let rows: Int
  /// Columns of the result.
  let columns: Int
  let tasks: Int
  private let blocksPerTask: Int
  private let totalRows: Int
  private let transposesA: Bool
  /// From one row of the result to the next in A.
  private let stepA: Int
  /// From one element of a sum to the next in A.
  private let depthStepA: Int
  private let whole: MatrixProduct<S>
  private let last: MatrixProduct<S>
  /// Whether one pass over the rows of B makes a block, without the library: where sums are short or all is in a cache.
  private let isStreamed: Bool
  /// Whether the operands and all of the result would fit a cache.
  private let isCached: Bool
  /// The length of the sums.
  private let depth: Int

  /// Elements of a block at most, unless it has the least rows: they stay in the second-level cache, nearly.
  private static var blockArea: Int { 131_072 }
  private static var fewestRows: Int { 16 }
  private static var mostTasks: Int { 16 }
  /// Elements of a result that is worth it whatever the sums: beyond what caches hold from one unit to the next.
  static var smallestArea: Int { 1 << 20 }
  /// Elements of a block where the sums are so short, or the operands so near, that making it takes hardly longer than writing
  /// it: blocks that stay in the first-level cache then save up to half of the time. A result is worth it from a few of them on.
  private static var smallBlockArea: Int { 2048 }
  private static var longestShortSum: Int { 4 }
  /// The longest sums: with longer ones the product takes so much more time than memory that nothing is gained.
  static var longestSum: Int { 256 }

  /// The blocks of op(A)·op(B) with a result of `shape` and sums of `inner`, or `nil` where nothing is gained.
  init?(_ operation: MatrixMultiplication, inner: Int, shape: Shape) {
    guard shape.rank == 2, 1...Self.longestSum ~= inner else { return nil }
    (totalRows, columns, depth) = (shape[0], shape[1], inner)
    // Without a sum there is nothing to keep in registers.
    isCached = inner > 1 && MatrixProduct<S>.fitsCache(m: totalRows, n: columns, k: inner)
    isStreamed = (inner <= Self.longestShortSum || isCached) && !operation.transposesB
    guard shape.count >= (isStreamed ? 4 * Self.smallBlockArea : Self.smallestArea) else { return nil }
    let area = isStreamed && shape.count < Self.smallestArea ? Self.smallBlockArea : Self.blockArea
    rows = min(totalRows, max(Self.fewestRows, area / columns / 16 * 16))
    let blocks = pieces(of: totalRows, by: rows)
    blocksPerTask = pieces(of: blocks, by: min(blocks, Self.mostTasks))
    tasks = pieces(of: blocks, by: blocksPerTask)
    transposesA = operation.transposesA
    stepA = transposesA ? 1 : inner
    depthStepA = transposesA ? totalRows : 1
    let lda = transposesA ? totalRows : inner
    func product(_ rows: Int) -> MatrixProduct<S> {
      MatrixProduct(
        m: rows, n: shape[1], k: inner, transposeA: operation.transposesA, transposeB: operation.transposesB, lda: lda)
    }
    whole = product(rows)
    let rest = totalRows % rows
    last = rest == 0 ? whole : product(rest)
    guard isStreamed || whole.workspaceCount == 0 && last.workspaceCount == 0 else { return nil }
  }

  /// Elements of one task's block.
  var blockCount: Int { rows * columns }

  /// Makes every block of a task in `block`, and calls `body` with the range of the result's elements that it holds.
  @inline(__always)
  func forEachBlock(
    task: Int, a: UnsafePointer<S>, b: UnsafePointer<S>, block: UnsafeMutablePointer<S>, _ body: (Range<Int>) -> Void
  ) {
    var row = task * blocksPerTask * rows
    let end = min(totalRows, row + blocksPerTask * rows)
    while row < end {
      let count = min(rows, end - row)
      make(count, a: a + row * stepA, b: b, block: block)
      body(row * columns..<(row + count) * columns)
      row += count
    }
  }

  /// The first rows of a product.
  @inline(__always)
  private func make(_ count: Int, a: UnsafePointer<S>, b: UnsafePointer<S>, block: UnsafeMutablePointer<S>) {
    if isStreamed && isCached {
      S.cachedProduct(
        rows: count, columns: columns, depth: depth, 1, a, rowPitch: stepA, depthPitch: depthStepA,
        b, bPitch: columns, 0, block, cPitch: columns)
      return
    }
    if isStreamed {
      S.streamedProduct(
        rows: count, columns: columns, depth: depth, 1, a, rowPitch: stepA, depthPitch: depthStepA,
        b, bPitch: columns, 0, block, cPitch: columns, following: 0)
      return
    }
    let product = count == rows ? whole : last
    for (phase, tasks) in product.phases.enumerated() {
      for part in 0..<tasks {
        product.run(phase: phase, task: part, alpha: 1, a: a, b: b, beta: 0, c: block, workspace: nil)
      }
    }
  }
}

/// How many pieces of at most `length` make up `whole`.
private func pieces(of whole: Int, by length: Int) -> Int { (whole + length - 1) / length }

/// Finds the products that the update of a variable can take block by block.
struct BlockedProductFinder<S: Scalar> {
  let graph: Graph<S>
  let shapes: [Int: Shape]
  /// How often each node is read, by nodes, updates and as an output.
  let uses: [Int: Int]

  /// The one product among what elementwise members read, if they alone read it, and if it reads no variable that they update.
  ///
  /// Where there are several, none is taken: which one it is may change its last bits, and must not depend on the order of nodes.
  func product(readBy members: [Int], shape: Shape, updating variables: Set<Int>) -> Int? {
    let operands = members.flatMap { graph.records[$0].operands }
    let products = Set(operands).filter { node in
      let record = graph.records[node]
      guard let operation = record.operation as? MatrixMultiplication, shapes[node] == shape,
        uses[node] == operands.count(where: { $0 == node }),
        record.operands.allSatisfy({ !variables.contains(graph.source(of: $0)) })
      else { return false }
      return Self.blocks(of: operation, record.operands.map { shapes[$0] ?? [] }, shape) != nil
    }
    return products.count == 1 ? products.first : nil
  }

  /// The blocks of a product with operands and a result of these shapes.
  static func blocks(of operation: MatrixMultiplication, _ operands: [Shape], _ result: Shape) -> BlockedProduct<S>? {
    guard result.rank == 2 else { return nil }
    return BlockedProduct(operation, inner: operands[0][operation.transposesA ? -2 : -1], shape: result)
  }
}
