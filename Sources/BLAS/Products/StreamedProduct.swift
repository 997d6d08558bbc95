/// A product in which one matrix is large and the two others low or narrow, as in a dense layer under a small batch.
///
/// The library copies its operands into another order first, which pays only where each element is used often. Here the
/// large matrix is read, or updated, once in the order in which it lies: x·W and dy·Wᵀ read W, and W + α·xᵀ·dy updates it.
struct StreamedProduct: Sendable, Equatable {
  enum Form: Sendable {
    /// Rows of B are added to rows of C.
    case rows
    /// The sums run along the rows of A and of the stored B.
    case dots
  }

  let form: Form
  /// The largest part of C that a task computes; one of the sides is whole.
  let rows: Int, columns: Int
  let taskCount: Int

  /// The short side up to which a product is streamed: beyond it each element is used often enough to repay packing.
  static let longestShortSide = 16

  /// Multiply-adds below which one library call is as good.
  private static let smallestWork = 20_000

  /// Multiply-adds below which a product is one task, and what a task should have at least.
  private static let smallestParallelWork = 50_000
  private static let taskWork = 1_000_000

  /// Columns are cut at multiples of two of the widest vectors, and rows of C at whole blocks of registers.
  private static let columnUnit = 32
  private static let rowUnit = 12

  /// The plan, or `nil` where the library should multiply.
  init?(m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool) {
    let work = m * n * k
    guard work >= Self.smallestWork, m > 1, n >= Self.columnUnit else { return nil }
    let shortest = transposeB ? m : min(m, k)
    guard shortest <= Self.longestShortSide, !(transposeA && transposeB), !transposeB || k >= 2 * Self.columnUnit
    else { return nil }
    form = transposeB ? .dots : .rows
    let count = work < Self.smallestParallelWork ? 1 : min(max(work / Self.taskWork, 8), 32)
    if m > Self.longestShortSide {
      (rows, columns) = (evenLength(of: m, in: count, multipleOf: Self.rowUnit), n)
      taskCount = pieceCount(of: m, by: rows)
    } else {
      (rows, columns) = (m, evenLength(of: n, in: count, multipleOf: Self.columnUnit))
      taskCount = pieceCount(of: n, by: columns)
    }
  }
}
