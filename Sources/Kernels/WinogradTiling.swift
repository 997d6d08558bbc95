import BLAS

/// How a convolution is cut in tiles for Winograd's filtering: inputs of neighbouring windows, which overlap, 6x6 for 4x4
/// outputs where the window is 3x3, or 7x7 for 3x3 where it is 5x5.
///
/// Small images are cut together where that saves tiles and is allowed to: their results then differ in the last bits from
/// those that each has alone.
struct WinogradTiling: Hashable, Sendable {
  /// Images that are cut together.
  let mosaic: ImageMosaic
  /// Tiles whose results lie one after the other: a row of tiles of one image, or all tiles of several.
  let tilesPerStrip: Int
  /// Such strips.
  let strips: Int

  /// The most tiles of several images, about as many as are multiplied at once, and the fewest mosaics, which tasks share out.
  private static var mostTiles: Int { 64 }
  private static var fewestMosaics: Int { 8 }

  init(window: SlidingWindow, batch: Int, joinsImages: Bool) {
    mosaic = joinsImages ? Self.mosaic(of: window, batch: batch) : ImageMosaic(window)
    (tilesPerStrip, strips) =
      mosaic.images > 1
      ? (mosaic.tileCount, batch / mosaic.images)
      : (mosaic.tiles.width, batch * mosaic.tiles.height)
  }

  /// The mosaic with the fewest tiles that divides the batch, if it saves a sixteenth of them or more.
  private static func mosaic(of window: SlidingWindow, batch: Int) -> ImageMosaic {
    var best = ImageMosaic(window)
    var limit = 15 * batch * best.tileCount / 16
    // Where as many tiles are saved, images beside each other lie nearer in memory than below.
    for (down, across) in [(1, 2), (2, 2), (1, 3), (1, 4), (2, 3), (3, 3), (2, 4)] {
      let mosaic = ImageMosaic(window, down: down, across: across)
      let (mosaics, rest) = batch.quotientAndRemainder(dividingBy: mosaic.images)
      guard rest == 0, mosaics >= fewestMosaics, mosaic.tileCount <= mostTiles, mosaics * mosaic.tileCount <= limit
      else {
        continue
      }
      (best, limit) = (mosaic, mosaics * mosaic.tileCount - 1)
    }
    return best
  }

  /// The points at which tiles and kernels are multiplied.
  var points: Int { mosaic.points }

  /// All tiles.
  var count: Int { strips * tilesPerStrip }

  /// Where the results of some strips lie, each pixel of `outputs` elements.
  func results(of strips: Range<Int>, outputs: Int) -> Range<Int> {
    let size = mosaic.window.output
    func first(_ strip: Int) -> Int {
      if mosaic.images > 1 { return strip * mosaic.images * size.height * size.width * outputs }
      let (image, row) = strip.quotientAndRemainder(dividingBy: mosaic.tiles.height)
      return (image * size.height + row * mosaic.side) * size.width * outputs
    }
    return first(strips.lowerBound)..<first(strips.upperBound)
  }

  /// Elements from one point to the next for planes of `count` elements: a whole odd number of cache lines, since planes a
  /// power of two apart would share the same few places of the first-level cache.
  static func plane(_ count: Int) -> Int { (pieces(count, of: 16) | 1) * 16 }
}

/// How many pieces of `length` cover `whole`.
func pieces(_ whole: Int, of length: Int) -> Int { (whole + length - 1) / length }
