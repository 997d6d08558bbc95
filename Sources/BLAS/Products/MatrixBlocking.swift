/// How one task calls the library: in one call, or in several that each stay on the library's path for small matrices.
///
/// OpenBLAS multiplies matrices of at most 10^6 multiply-adds without packing them first. Where one side is short,
/// packing costs as much as the product, and blocks on the small path are up to twice as fast as one large call. The
/// product of a matrix and a transposed one has that path only for results of at most 1200 elements and sums of at
/// least 32. (Limits of OpenBLAS's AVX-512 kernels; the others lose nothing to the blocks.)
struct MatrixBlocking: Sendable, Equatable {
  /// The largest size of a call.
  let rows: Int, columns: Int, depth: Int

  private static let largestWork = 1_000_000
  private static let largestTransposedArea = 1200
  private static let shortestTransposedDepth = 32

  /// Sides longer than this repay the packing.
  private static let shortSide = 64
  private static let shortTransposedSide = 24

  /// The blocks of a tile.
  ///
  /// - Parameter outerTransposed: Whether the second operand alone is transposed, so that the sums run along the rows
  ///   of both.
  init(rows: Int, columns: Int, depth: Int, outerTransposed: Bool) {
    var (r, c, d) = (rows, columns, depth)
    if r * c * d > Self.largestWork {
      if outerTransposed {
        if d >= Self.shortestTransposedDepth, min(r, c) <= Self.shortTransposedSide {
          if r <= c { c = Self.largestTransposedArea / r / 16 * 16 } else { r = Self.largestTransposedArea / c }
          (r, c) = (min(r, rows), min(c, columns))
          d = Self.largestWork / (r * c)
        }
      } else if d <= Self.shortSide {
        c = min(c, 128)
        r = Self.largestWork / (c * d)
      } else if r <= Self.shortSide {
        // Long rows of the second operand are read in the order in which they lie in memory.
        let area = Self.largestWork / r
        c = min(c, Int((2 * Double(area)).squareRoot()) / 32 * 32)
        d = area / c
      } else if c <= Self.shortSide {
        d = min(d, 256)
        r = Self.largestWork / (c * d)
      }
    }
    // Even pieces, rounded down to the kernel's width where that does not add a piece.
    self.rows = Self.evened(rows, by: r, multipleOf: 4)
    self.columns = Self.evened(columns, by: c, multipleOf: 16)
    self.depth = Self.evened(depth, by: d, multipleOf: 4)
  }

  /// The even length of the pieces when `whole` is cut in pieces of at most `limit`, a multiple of `unit` if that fits.
  private static func evened(_ whole: Int, by limit: Int, multipleOf unit: Int) -> Int {
    guard limit < whole else { return max(whole, 1) }
    let even = pieceCount(of: whole, by: pieceCount(of: whole, by: max(limit, 1)))
    let rounded = evenLength(of: whole, in: pieceCount(of: whole, by: even), multipleOf: unit)
    return rounded <= limit ? rounded : even
  }
}
