import BLAS

/// How a convolution is cut in tiles for Winograd's filtering: 6x6 inputs of neighbouring windows, which overlap, for 4x4
/// outputs where the window is 3x3, or 2x2 where it is 5x5.
struct WinogradTiling: Hashable, Sendable {
  /// The points at which tiles and kernels are multiplied.
  static let points = 36

  /// Outputs along a tile's side.
  let side: Int
  /// Tiles along an output row of tiles.
  let across: Int
  /// Rows of tiles in all images.
  let rows: Int

  init(_ geometry: ConvolutionGeometry) {
    self.init(window: geometry.window, batch: geometry.batch)
  }

  init(window: SlidingWindow, batch: Int) {
    side = 7 - window.window.height
    across = pieces(window.output.width, of: side)
    rows = batch * pieces(window.output.height, of: side)
  }

  /// All tiles.
  var count: Int { rows * across }

  /// Elements from one point to the next for planes of `count` elements: a whole odd number of cache lines, since 36 planes a
  /// power of two apart would share the same few places of the first-level cache.
  static func plane(_ count: Int) -> Int { (pieces(count, of: 16) | 1) * 16 }
}

/// How many pieces of `length` cover `whole`.
func pieces(_ whole: Int, of length: Int) -> Int { (whole + length - 1) / length }
