public import BLAS
public import Datasets
public import Tensors

/// Pictures of what a convolutional network has learned: its first filters, and the maps that a layer makes of an image.
public enum FeaturePictures {
  /// The filters of a first convolution [rows, columns, channels, filters] of 1 or 3 channels, side by side.
  ///
  /// Each filter has its own scale: 0 is mid-grey, its largest magnitude black or white. Filters of three channels are shown
  /// in colour (red, green, blue, as long as that is the order of the network's inputs).
  ///
  /// - Throws: ``FeaturePictureError/channels(found:)``, ``FeaturePictureError/shape(found:expected:)`` and
  ///   ``FeaturePictureError/tooLarge(count:rows:columns:)``.
  public static func filters(_ kernel: Tensor<Float>) throws(FeaturePictureError) -> Image {
    guard kernel.shape.rank == 4 else {
      throw .shape(found: kernel.shape, expected: "a kernel [rows, columns, channels, filters]")
    }
    let (rows, columns, channels, count) = (kernel.shape[0], kernel.shape[1], kernel.shape[2], kernel.shape[3])
    guard channels == 1 || channels == 3 else { throw .channels(found: channels) }
    let area = rows * columns * channels
    let tiles = (0..<count).map { filter in
      let weights = (0..<area).map { kernel.elements[$0 * count + filter] }
      let largest = weights.map(abs).max() ?? 0
      return weights.map { largest > 0 ? 127.5 + 127.5 * $0 / largest : 127.5 }
    }
    return try sheet(tiles, rows: rows, columns: columns, channels: channels)
  }

  /// The maps of one example [rows, columns, maps], side by side in grey.
  ///
  /// Each map has its own scale, from its smallest number in black to its largest in white; a map of one number alone is black.
  ///
  /// - Throws: ``FeaturePictureError/shape(found:expected:)`` and ``FeaturePictureError/tooLarge(count:rows:columns:)``.
  public static func maps(_ maps: Tensor<Float>) throws(FeaturePictureError) -> Image {
    guard maps.shape.rank == 3 else { throw .shape(found: maps.shape, expected: "maps [rows, columns, maps]") }
    let (rows, columns, count) = (maps.shape[0], maps.shape[1], maps.shape[2])
    let tiles = (0..<count).map { map in
      let values = (0..<rows * columns).map { maps.elements[$0 * count + map] }
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      return values.map { high > low ? 255 * (($0 - low) / (high - low)) : 0 }
    }
    return try sheet(tiles, rows: rows, columns: columns, channels: 1)
  }

  /// The least length of a tile's shorter side: a small tile's pixels are repeated until it has that.
  private static let smallestSide = 40
  /// The most pixels that a picture may have.
  private static let largestCount = 100_000_000

  /// Tiles of one size in a square, or nearly, a black line between them; rows are filled from the left.
  static func sheet(
    _ tiles: [[Float]], rows: Int, columns: Int, channels: Int
  ) throws(FeaturePictureError) -> Image {
    let zoom = max(1, (smallestSide + min(rows, columns) - 1) / max(min(rows, columns), 1))
    var across = 1
    while across * across < tiles.count { across += 1 }
    let down = (tiles.count + across - 1) / across
    let (height, width) = (down * (rows * zoom + 1) - 1, across * (columns * zoom + 1) - 1)
    guard height > 0, width > 0, height <= largestCount / width else {
      throw .tooLarge(count: tiles.count, rows: rows, columns: columns)
    }
    var levels = [Float](repeating: 0, count: height * width * channels)
    for (index, tile) in tiles.enumerated() {
      let (top, left) = (index / across * (rows * zoom + 1), index % across * (columns * zoom + 1))
      for row in 0..<rows * zoom {
        for column in 0..<columns * zoom {
          let from = (row / zoom * columns + column / zoom) * channels
          let to = ((top + row) * width + left + column) * channels
          for channel in 0..<channels { levels[to + channel] = tile[from + channel] }
        }
      }
    }
    return Image(height: height, width: width, channels: channels, levels: levels)
  }
}

/// Why there is no picture of filters or maps.
public enum FeaturePictureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The filters see other than 1 or 3 channels: they are not a first layer's.
  case channels(found: Int)
  /// The tensor has another shape than what can be shown.
  case shape(found: Shape, expected: String)
  /// There are none, or too many of this size for one picture.
  case tooLarge(count: Int, rows: Int, columns: Int)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .channels(let found):
      "expected the filters of a first layer, which see 1 or 3 channels, found filters of \(found)"
    case .shape(let found, let expected): "expected \(expected), found \(found)"
    case .tooLarge(let count, let rows, let columns):
      "expected tiles that fit one picture of 100 million pixels, found \(count) of \(rows)x\(columns)"
    }
  }
}
