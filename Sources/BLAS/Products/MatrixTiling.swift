/// How a product of m x k and k x n is cut into tasks: by its shape alone, so that results never depend on threads.
///
/// The sizes are a compromise. A tile must be worth the fork-join that hands it out and big enough that the library
/// packs its operands for good use; and there must be enough tiles to keep every thread busy to the end.
struct MatrixTiling: Sendable, Equatable {
  /// The largest size of a tile: op(A) rows x op(B) columns x the length of the sums.
  let rows: Int, columns: Int, depth: Int

  /// How many tiles there are along each of these.
  let rowCount: Int, columnCount: Int, depthCount: Int

  /// Multiply-adds below which a product is one task: about a microsecond, several times the price of a fork-join.
  private static let smallestParallelWork = 50_000

  /// Multiply-adds that a tile should have at least, in a small product and in a large one.
  private static let smallTileWork = 125_000
  private static let largeTileWork = 1_000_000

  /// Tiles of a small product, of a low or narrow one, where each tile packs the short side again, and of any other.
  private static let smallTileCount = 8
  private static let flatTileCount = 8
  private static let largeTileCount = 16

  /// Up to this side a product is low or narrow.
  private static let flatSide = 128

  /// Beyond this area a tile gains little any more.
  private static let largestTileArea = 512 * 256

  /// Below this size the library's kernel runs mostly on its edges.
  private static let smallestTile = (rows: 64, columns: 32)

  /// A tall operand is packed whole, so taller tiles fall out of the cache.
  private static let largestTileSide = 4096

  /// The shortest sum worth a partial result of its own.
  private static let smallestDepth = 256

  init(m: Int, n: Int, k: Int) {
    let work = m * n * k
    guard work > Self.smallestParallelWork else {
      (rows, columns, depth) = (max(m, 1), max(n, 1), max(k, 1))
      (rowCount, columnCount, depthCount) = (m > 0 ? 1 : 0, n > 0 ? 1 : 0, 1)
      return
    }
    let target = Self.tileWork(m, n, work)
    if Self.splitsDepth(m: m, n: n, k: k) {
      // A weight gradient: long sums into few elements. Each task takes a stretch of the sums for all elements.
      let count = min(max(work / target, 1), k / Self.smallestDepth)
      (rows, columns, depth) = (m, n, evenLength(of: k, in: count, multipleOf: 16))
    } else {
      let smallestArea = min(m, Self.smallestTile.rows) * min(n, Self.smallestTile.columns)
      let area = min(max(target / k, smallestArea), Self.largestTileArea)
      let sides = Self.sides(ofArea: area, within: m, n)
      rows = evenLength(of: m, in: pieceCount(of: m, by: sides.rows), multipleOf: 4)
      columns = evenLength(of: n, in: pieceCount(of: n, by: sides.columns), multipleOf: 16)
      depth = k
    }
    rowCount = pieceCount(of: m, by: rows)
    columnCount = pieceCount(of: n, by: columns)
    depthCount = pieceCount(of: k, by: depth)
  }

  private static func tileWork(_ m: Int, _ n: Int, _ work: Int) -> Int {
    if work < smallTileCount * largeTileWork { return max(smallTileWork, work / smallTileCount) }
    return max(largeTileWork, work / (min(m, n) < flatSide ? flatTileCount : largeTileCount))
  }

  /// Whether to cut the sums instead of the result: they are long, and the partial results stay in a cache.
  private static func splitsDepth(m: Int, n: Int, k: Int) -> Bool {
    k >= 4 * smallestDepth && k >= 4 * max(m, n) && m * n <= largestTileArea / 2
  }

  /// A tile twice as high as wide, which the library multiplies faster than a wide one, or what is left of that shape
  /// in a matrix that is lower or narrower.
  private static func sides(ofArea area: Int, within m: Int, _ n: Int) -> (rows: Int, columns: Int) {
    let side = max(Int((Double(area) / 2).squareRoot()), 1)
    if m <= 2 * side { return (m, limited(area / m, to: n)) }
    if n <= side { return (limited(area / n, to: m), n) }
    return (limited(2 * side, to: m), side)
  }

  private static func limited(_ length: Int, to whole: Int) -> Int {
    min(max(length, 1), whole, largestTileSide)
  }
}

/// How many pieces of at most `length` make up `whole`.
func pieceCount(of whole: Int, by length: Int) -> Int {
  (whole + length - 1) / length
}

/// The length of a piece when `whole` is cut in at most `count` pieces, as even as multiples of `unit` allow.
func evenLength(of whole: Int, in count: Int, multipleOf unit: Int) -> Int {
  min(pieceCount(of: pieceCount(of: whole, by: count), by: unit) * unit, whole)
}
