/// A product in which one matrix is large and the two others low or narrow, as in a dense layer under a small batch, or all
/// three are in a cache.
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
  /// The largest part that a task takes: rows and columns of C, and the length of the sums. Two of them are whole.
  ///
  /// The large matrix is always cut in stretches of stored rows, so that in x·W, dy·Wᵀ and W + α·xᵀ·dy a thread has nearly the
  /// same share of W.
  let rows: Int, columns: Int, depth: Int
  let taskCount: Int
  /// Whether the matrices are in a cache rather than streamed.
  let isCached: Bool

  /// The short side up to which a large product is streamed: beyond it each element is used often enough to repay packing.
  static let longestShortSide = 16

  /// Multiply-adds below which one library call is as good.
  private static let smallestWork = 20_000

  /// Multiply-adds below which a product is one task, and those of a task at least.
  private static let smallestParallelWork = 40_000
  private static let smallestTask = 12_000

  /// Where the large matrix is cut: in pieces of one length, a multiple of so many rows.
  private static let unit = 16
  /// The same where each piece is a partial sum of its own: their kernel has no blocks of rows.
  private static let partUnit = 2
  /// Pieces of a product of ordinary size, and the most of a larger one, whose pieces have so many multiply-adds at least.
  ///
  /// Between two tasks a thread waits until what it has stored is in its cache: a tenth of a microsecond, a hundredth of such a piece.
  private static let (usualPieces, mostPieces) = (16, 64)
  private static let smallestLargeTask = 2_000_000

  /// Columns that are too few to fill vectors.
  private static let fewestColumns = 32

  /// Elements of all three matrices up to which they stay in a cache, and packing takes longer than it saves.
  private static let cachedCount = 1 << 17

  /// The shortest sum that is worth a partial result of its own. There are few of them, or many where a sum then still has so many
  /// times as many terms as rows: a part is written and read again, which takes a few hundredths of the time of its product.
  /// Powers of two, so that threads have equal shares.
  private static let smallestDepth = 64
  private static let (fewParts, manyParts) = (4, 8)
  private static let termsPerRow = 24

  /// Up to so many terms of a sum, rows of a stored B are turned; the library does no better.
  private static let mostTurnedTerms = 16

  /// How many pieces of rows of the large matrix are worth a task each.
  static func pieces(worth work: Int) -> Int {
    if work < smallestParallelWork { return 1 }
    return min(work / smallestTask, max(usualPieces, min(mostPieces, work / smallestLargeTask)))
  }

  /// Of so many rows of the large matrix behind those of a task those that its thread will need next: of two threads the first has
  /// the first half of the tasks, where nothing else runs beside them, and what it fetched behind them the other could not change
  /// before taking it back.
  static func following(_ task: Int, of taskCount: Int, rows: Int) -> Int { task + 1 == taskCount / 2 ? 0 : rows }

  /// Whether all matrices fit a cache, and C has columns enough to be made there without copies of the others.
  static func fitsCache(m: Int, n: Int, k: Int) -> Bool {
    n >= fewestColumns && m * k + k * n + m * n <= cachedCount
  }

  /// The plan, or `nil` where the library should multiply.
  init?(m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool) {
    let work = m * n * k
    guard work >= Self.smallestWork, m > 1 || transposeB, n >= Self.fewestColumns else { return nil }
    let shortest = transposeB ? m : min(m, k)
    isCached =
      shortest > Self.longestShortSide && !transposeB && Self.fitsCache(m: m, n: n, k: k)
    guard shortest <= Self.longestShortSide || isCached, !(transposeA && transposeB),
      !transposeB || k >= Self.smallestDepth || k <= Self.mostTurnedTerms
    else { return nil }
    form = transposeB ? .dots : .rows
    if transposeB || m <= Self.longestShortSide && k <= Self.longestShortSide {
      (rows, columns, depth) = (m, evenLength(of: n, in: Self.pieces(worth: work), multipleOf: Self.unit), k)
      taskCount = pieceCount(of: n, by: columns)
    } else if m > Self.longestShortSide {
      (rows, columns, depth) = (evenLength(of: m, in: Self.pieces(worth: work), multipleOf: Self.unit), n, k)
      taskCount = pieceCount(of: m, by: rows)
    } else {
      let parts = k >= Self.manyParts * Self.termsPerRow * m ? Self.manyParts : Self.fewParts
      let count = work < Self.smallestParallelWork ? 1 : max(min(parts, k / Self.smallestDepth), 1)
      (rows, columns, depth) = (m, n, evenLength(of: k, in: count, multipleOf: Self.partUnit))
      taskCount = pieceCount(of: k, by: depth)
    }
  }
}
