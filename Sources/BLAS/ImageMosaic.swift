import CKernels

/// Images over which a window of stride 1 slides as if they were one: `down` rows of `across` of them, in the order in which they
/// lie, with zeros between neighbours that the windows of both read.
///
/// Tiles of outputs hang over the edges of images, and over fewer edges of a mosaic. A tile may then see several images: rounding
/// errors of the largest values, and what is not a number, reach its outputs in all of them.
public struct ImageMosaic: Hashable, Sendable {
  /// The window that slides over each image.
  public let window: SlidingWindow
  /// Rows of images, and images in each.
  public let down, across: Int
  /// Outputs along a tile's side: 4 under a window of 3, and 3 under one of 5.
  public let side: Int
  /// From one image to the next.
  private let period: Extent
  /// How many tiles there are along each side.
  public let tiles: Extent

  /// `down` times `across` images. The window is square, of 3 or 5, and has stride 1 and no dilation.
  public init(_ window: SlidingWindow, down: Int = 1, across: Int = 1) {
    let side = Self.side(window: window.window.height)
    (self.window, self.down, self.across, self.side) = (window, down, across, side)
    // So far apart that no window of one image reads another.
    func period(_ size: Int, _ output: Int, _ extent: Int, _ padding: Int) -> Int {
      max(output, size + padding, output + extent - 1 - padding)
    }
    self.period = Extent(
      period(window.size.height, window.output.height, window.window.height, window.padding.top),
      period(window.size.width, window.output.width, window.window.width, window.padding.left))
    func tiles(_ images: Int, _ period: Int, _ output: Int) -> Int {
      ((images - 1) * period + output + side - 1) / side
    }
    self.tiles = Extent(
      tiles(down, self.period.height, window.output.height), tiles(across, self.period.width, window.output.width))
  }

  /// Outputs along a tile's side under a window of 3 or 5.
  public static func side(window: Int) -> Int { window == 3 ? 4 : 3 }

  /// The points at which tiles and kernels are multiplied: along each side as many as a tile has inputs.
  public var points: Int { (side + window.window.height - 1) * (side + window.window.width - 1) }

  /// All its tiles.
  public var tileCount: Int { tiles.height * tiles.width }

  /// All its images.
  public var images: Int { down * across }

  /// Calls `body` with the window and the mosaic as the C kernels take them.
  func withLayouts<Result>(
    _ body: (UnsafePointer<ridgeline_window>, UnsafePointer<ridgeline_mosaic>) -> Result
  ) -> Result {
    let layout = ridgeline_mosaic(
      images_down: down, images_across: across, period_rows: period.height, period_columns: period.width,
      tiles_down: tiles.height, tiles_across: tiles.width)
    return withUnsafePointer(to: window.layout) { window in withUnsafePointer(to: layout) { body(window, $0) } }
  }
}
