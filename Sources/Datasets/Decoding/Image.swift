/// A picture as numbers: rows from the top, pixels from the left, the channels of a pixel side by side.
public struct Image: Sendable, Hashable {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int
  /// The number of channels: 1 is grey, 3 is red, green and blue.
  public let channels: Int
  /// `height * width * channels` samples.
  public let pixels: Pixels

  /// The samples, all on one scale: 0 is dark, 255 is the full level.
  public enum Pixels: Sendable, Hashable {
    /// Whole levels, as most files hold them.
    case bytes([UInt8])
    /// Levels between, from files of 16 bits (`sample / 257`) or from arithmetic; not held within 0...255.
    case levels([Float])

    /// How many there are.
    public var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .levels(let levels): levels.count
      }
    }
  }

  /// Makes an image of its samples.
  ///
  /// - Precondition: The sizes are positive, and the samples fill them.
  public init(height: Int, width: Int, channels: Int, pixels: Pixels) {
    precondition(
      height > 0 && width > 0 && channels > 0 && pixels.count == height * width * channels,
      "\(pixels.count) samples do not fill an image of \(height)x\(width)x\(channels)")
    (self.height, self.width, self.channels) = (height, width, channels)
    self.pixels = pixels
  }

  /// Makes an image of bytes.
  ///
  /// - Precondition: The sizes are positive, and the bytes fill them.
  public init(height: Int, width: Int, channels: Int, bytes: [UInt8]) {
    self.init(height: height, width: width, channels: channels, pixels: .bytes(bytes))
  }

  /// Makes an image of levels, 0 to 255.
  ///
  /// - Precondition: The sizes are positive, and the levels fill them.
  public init(height: Int, width: Int, channels: Int, levels: [Float]) {
    self.init(height: height, width: width, channels: channels, pixels: .levels(levels))
  }

  /// The samples as levels, 0 to 255.
  public var levels: [Float] {
    switch pixels {
    case .bytes(let bytes): bytes.map(Float.init)
    case .levels(let levels): levels
    }
  }

  /// The samples as bytes; levels are rounded to nearest (halves away from zero) and held within 0...255, NaN becomes 0.
  public var bytes: [UInt8] {
    switch pixels {
    case .bytes(let bytes): bytes
    case .levels(let levels): levels.map { $0 > 0 ? UInt8(min($0, 255).rounded()) : 0 }
    }
  }

  /// An image of another size whose pixels are made from this one's samples, of whichever type they are.
  func rearranged(height: Int, width: Int, _ body: some PixelRearrangement) -> Image {
    let count = height * width * channels
    switch pixels {
    case .bytes(let bytes):
      return Image(height: height, width: width, channels: channels, bytes: body.apply(to: bytes, count: count))
    case .levels(let levels):
      return Image(height: height, width: width, channels: channels, levels: body.apply(to: levels, count: count))
    }
  }
}

/// A movement of pixels, whatever their type.
protocol PixelRearrangement {
  /// Writes all of `target`, which holds zeros, from the samples of `source`.
  func move<Sample>(_ source: UnsafePointer<Sample>, to target: UnsafeMutablePointer<Sample>)
}

extension PixelRearrangement {
  func apply<Sample: Numeric>(to samples: [Sample], count: Int) -> [Sample] {
    var result = [Sample](repeating: 0, count: count)
    samples.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        move(from, to: to)
      }
    }
    return result
  }
}
