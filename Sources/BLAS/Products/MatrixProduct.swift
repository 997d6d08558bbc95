/// C = alpha op(A) op(B) + beta C, cut in tiles by shape alone, so that its bits do not depend on the number of threads.
///
/// op(A) is m x k, op(B) is k x n and C is m x n, all row-major. The product is planned once and run often:
///
/// ```swift
/// let product = MatrixProduct<Float>(m: 64, n: 120, k: 400)
/// for (phase, taskCount) in product.phases.enumerated() {
///   pool.run(taskCount) { product.run(phase: phase, task: $0, alpha: 1, a: a, b: b, beta: 0, c: c, workspace: nil) }
/// }
/// ```
///
/// Where the sums are long and the result is small, as in the gradient of a weight matrix, the first phase computes
/// partial sums into the workspace and the second adds them in a fixed order.
public struct MatrixProduct<S: Scalar>: Sendable {
  /// The rows of op(A) and C.
  public let m: Int
  /// The columns of op(B) and C.
  public let n: Int
  /// The columns of op(A) and the rows of op(B).
  public let k: Int
  /// Whether A is stored k x m.
  public let transposeA: Bool
  /// Whether B is stored n x k.
  public let transposeB: Bool

  /// How many elements of scratch memory `run` needs; 0 means that `workspace` may be nil.
  public let workspaceCount: Int

  /// The number of tasks in each phase. Phases run one after the other, the tasks of one phase in any order or at once.
  public let phases: [Int]

  private let lda: Int, ldb: Int, ldc: Int
  let tiling: MatrixTiling
  private let blocking: MatrixBlocking
  /// How the product is computed without the library, where one matrix is worth reading once.
  let streamed: StreamedProduct?

  /// Elements of C that one task of the second phase adds up.
  private let reductionArea: Int

  /// The most of them, and the fewest that are worth a task where there are not tasks enough for several threads.
  private static var largestReduction: Int { 4096 }
  private static var fewestReductions: Int { 4 }
  private static var smallestReduction: Int { 1024 }

  /// The elements of C, row by row, that each task of the second phase writes; `nil` where there is none.
  public var resultRanges: [Range<Int>]? {
    guard phases.count == 2 else { return nil }
    return (0..<phases[1]).map { $0 * reductionArea..<min(($0 + 1) * reductionArea, m * n) }
  }

  /// Plans a product.
  ///
  /// - Parameters:
  ///   - m: The rows of op(A) and C.
  ///   - n: The columns of op(B) and C.
  ///   - k: The length of the sums. With 0 the product is beta C.
  ///   - transposeA: Whether op(A) is the transpose of the stored k x m matrix.
  ///   - transposeB: Whether op(B) is the transpose of the stored n x k matrix.
  ///   - lda: Elements from one stored row of A to the next; by default the row's length.
  ///   - ldb: The same for B.
  ///   - ldc: The same for C.
  public init(
    m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, lda: Int? = nil, ldb: Int? = nil,
    ldc: Int? = nil
  ) {
    precondition(m >= 0 && n >= 0 && k >= 0, "a product of \(m) x \(k) and \(k) x \(n) does not exist")
    let (rowA, rowB) = (transposeA ? m : k, transposeB ? k : n)
    (self.m, self.n, self.k, self.transposeA, self.transposeB) = (m, n, k, transposeA, transposeB)
    (self.lda, self.ldb, self.ldc) = (max(lda ?? rowA, 1), max(ldb ?? rowB, 1), max(ldc ?? n, 1))
    precondition(self.lda >= rowA, "lda is \(self.lda), but a stored row of A has \(rowA) elements")
    precondition(self.ldb >= rowB, "ldb is \(self.ldb), but a stored row of B has \(rowB) elements")
    precondition(self.ldc >= n, "ldc is \(self.ldc), but a row of C has \(n) elements")
    tiling = MatrixTiling(m: m, n: n, k: k)
    blocking = MatrixBlocking(
      rows: tiling.rows, columns: tiling.columns, depth: tiling.depth, outerTransposed: transposeB && !transposeA)
    streamed = StreamedProduct(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    let pieces = max(Self.fewestReductions, pieceCount(of: m * n, by: Self.largestReduction))
    reductionArea = max(Self.smallestReduction, evenLength(of: m * n, in: pieces, multipleOf: 16))
    if let streamed {
      let parts = streamed.depth < k ? streamed.taskCount : 0
      workspaceCount = parts * m * n
      phases = [streamed.taskCount] + (parts > 0 ? [pieceCount(of: m * n, by: reductionArea)] : [])
    } else if tiling.depthCount > 1 {
      workspaceCount = tiling.depthCount * m * n
      phases = [tiling.depthCount, pieceCount(of: m * n, by: reductionArea)]
    } else {
      workspaceCount = 0
      phases = [tiling.rowCount * tiling.columnCount]
    }
  }

  /// Whether three matrices, m x k, k x n and m x n, are so small, and the last so wide, that copying them into another order takes
  /// longer than it saves.
  public static func fitsCache(m: Int, n: Int, k: Int) -> Bool { StreamedProduct.fitsCache(m: m, n: n, k: k) }

  /// Runs one task of one phase. With `beta` 0, C is not read.
  ///
  /// `workspace` holds ``workspaceCount`` elements, the same ones in both phases; nothing else may use them in between.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, alpha: S, a: UnsafePointer<S>, b: UnsafePointer<S>, beta: S, c: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    if phase == 1 {
      addPartialSums(phases[0], task, beta, c, workspace!)
    } else if let streamed {
      stream(streamed, task, alpha, a, b, beta, c, workspace)
    } else if tiling.depthCount > 1 {
      let first = task * tiling.depth
      multiply(
        m, n, min(tiling.depth, k - first), alpha, a + offsetA(0, first), b + offsetB(first, 0), 0,
        workspace! + task * m * n, n)
    } else {
      let row = task / tiling.columnCount * tiling.rows
      let column = task % tiling.columnCount * tiling.columns
      multiply(
        min(tiling.rows, m - row), min(tiling.columns, n - column), k, alpha, a + offsetA(row, 0),
        b + offsetB(0, column), beta, c + row * ldc + column, ldc)
    }
  }

  /// One task of a product that is streamed.
  private func stream(
    _ plan: StreamedProduct, _ task: Int, _ alpha: S, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ workspace: UnsafeMutablePointer<S>?
  ) {
    let row = plan.rows < m ? task * plan.rows : 0
    let column = plan.columns < n ? task * plan.columns : 0
    let first = plan.depth < k ? task * plan.depth : 0
    let (rows, columns, depth) = (min(plan.rows, m - row), min(plan.columns, n - column), min(plan.depth, k - first))
    let (left, right) = (a + offsetA(row, first), b + offsetB(first, column))
    switch plan.form {
    case .rows:
      let isPart = plan.depth < k
      let (rowPitch, depthPitch) = transposeA ? (1, lda) : (lda, 1)
      let (target, targetPitch) = isPart ? (workspace! + task * m * n, n) : (c + row * ldc + column, ldc)
      if plan.isCached {
        S.cachedProduct(
          rows: rows, columns: columns, depth: depth, alpha, left, rowPitch: rowPitch, depthPitch: depthPitch, right,
          bPitch: ldb, isPart ? 0 : beta, target, cPitch: targetPitch)
      } else {
        S.streamedProduct(
          rows: rows, columns: columns, depth: depth, alpha, left, rowPitch: rowPitch, depthPitch: depthPitch, right,
          bPitch: ldb, isPart ? 0 : beta, target, cPitch: targetPitch,
          following: StreamedProduct.following(task, of: plan.taskCount, rows: k - first - depth))
      }
    case .dots:
      S.dottedProduct(
        rows: rows, columns: columns, depth: depth, alpha, left, aPitch: lda, right, bPitch: ldb, beta,
        c + row * ldc + column, cPitch: ldc)
    }
  }

  /// Where element (row, column) of op(A) is stored.
  private func offsetA(_ row: Int, _ column: Int) -> Int {
    transposeA ? column * lda + row : row * lda + column
  }

  /// Where element (row, column) of op(B) is stored.
  private func offsetB(_ row: Int, _ column: Int) -> Int {
    transposeB ? column * ldb + row : row * ldb + column
  }

  /// One tile, in as many library calls as its blocking has blocks; the blocks along the sums come in order.
  private func multiply(
    _ rows: Int, _ columns: Int, _ depth: Int, _ alpha: S, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    var column = 0
    while column < columns {
      let blockColumns = min(blocking.columns, columns - column)
      var row = 0
      while row < rows {
        let blockRows = min(blocking.rows, rows - row)
        let target = c + row * ldc + column
        var first = 0
        repeat {
          let blockDepth = min(blocking.depth, depth - first)
          multiplyBlock(
            blockRows, blockColumns, blockDepth, alpha, a + offsetA(row, first), b + offsetB(first, column),
            first == 0 ? beta : 1, target, ldc)
          first += blockDepth
        } while first < depth
        row += blockRows
      }
      column += blockColumns
    }
  }

  /// One library call. A product with a vector goes to GEMV, which reads the matrix once without packing it.
  private func multiplyBlock(
    _ rows: Int, _ columns: Int, _ depth: Int, _ alpha: S, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ beta: S,
    _ c: UnsafeMutablePointer<S>, _ ldc: Int
  ) {
    if depth == 0 {
      for row in 0..<rows { scale(columns, beta, c + row * ldc) }
    } else if rows == 1 {
      // Libraries disagree on whether GEMV with beta 0 reads the result, so it never meets one.
      scale(columns, beta, c)
      S.gemv(
        !transposeB, transposeB ? columns : depth, transposeB ? depth : columns, alpha, b, ldb, a,
        transposeA ? lda : 1, 1, c, 1)
    } else if columns == 1 {
      for row in 0..<rows { scale(1, beta, c + row * ldc) }
      S.gemv(
        transposeA, transposeA ? depth : rows, transposeA ? rows : depth, alpha, a, lda, b, transposeB ? 1 : ldb,
        1, c, ldc)
    } else {
      S.gemm(transposeA, transposeB, rows, columns, depth, alpha, a, lda, b, ldb, beta, c, ldc)
    }
  }

  /// Adds the partial sums of some elements of C, first to last, and writes them to C, or adds them there.
  private func addPartialSums(
    _ parts: Int, _ task: Int, _ beta: S, _ c: UnsafeMutablePointer<S>, _ workspace: UnsafeMutablePointer<S>
  ) {
    let first = task * reductionArea
    let end = min(first + reductionArea, m * n)
    if ldc == n, beta == 0 || beta == 1 {
      S.sumColumns(
        rows: parts, columns: end - first, workspace + first, stride: m * n, c + first, accumulate: beta == 1)
      return
    }
    S.sumColumns(
      rows: parts, columns: end - first, workspace + first, stride: m * n, workspace + first, accumulate: false)
    var element = first
    while element < end {
      let (row, column) = element.quotientAndRemainder(dividingBy: n)
      let count = min(n - column, end - element)
      let target = c + row * ldc + column
      if beta == 0 {
        target.update(from: workspace + element, count: count)
      } else {
        scale(count, beta, target)
        S.axpy(count, 1, workspace + element, 1, target, 1)
      }
      element += count
    }
  }

  /// x = beta x, where a beta of 0 also replaces what is not a number.
  private func scale(_ count: Int, _ beta: S, _ x: UnsafeMutablePointer<S>) {
    if beta == 0 {
      x.update(repeating: 0, count: count)
    } else if beta != 1 {
      S.scal(count, beta, x, 1)
    }
  }
}
