extension Image {
  /// Height and width.
  public var size: ImageSize { ImageSize(height: height, width: width) }

  /// The part whose first pixel is (`top`, `left`) of this image; what lies outside of it is 0.
  public func cropped(top: Int, left: Int, to size: ImageSize) -> Image {
    if top == 0, left == 0, size == self.size { return self }
    return rearranged(
      height: size.height, width: size.width,
      Cropping(source: self.size, target: size, channels: channels, top: top, left: left))
  }

  /// The image with left and right exchanged.
  public func flippedHorizontally() -> Image {
    rearranged(height: height, width: width, Flipping(rows: height, columns: width, channels: channels))
  }

  /// The image with 1 or 3 channels: grey is repeated, and colour becomes its luma 0.299 R + 0.587 G + 0.114 B, not rounded.
  ///
  /// - Throws: ``ImageTransformationError/channels(found:expected:)`` where neither is possible.
  public func converted(channels count: Int) throws(ImageTransformationError) -> Image {
    switch (channels, count) {
    case (count, _): return self
    case (1, 3):
      switch pixels {
      case .bytes(let bytes): return Image(height: height, width: width, channels: 3, bytes: Self.tripled(bytes))
      case .levels(let levels): return Image(height: height, width: width, channels: 3, levels: Self.tripled(levels))
      }
    case (3, 1):
      let levels = levels
      return Image(
        height: height, width: width, channels: 1,
        levels: (0..<(height * width)).map { Self.luma(levels[3 * $0], levels[3 * $0 + 1], levels[3 * $0 + 2]) })
    default: throw .channels(found: channels, expected: count)
    }
  }

  private static func tripled<Sample>(_ samples: [Sample]) -> [Sample] {
    var result: [Sample] = []
    result.reserveCapacity(3 * samples.count)
    for sample in samples {
      for _ in 0..<3 { result.append(sample) }
    }
    return result
  }
}

private struct Cropping: PixelRearrangement {
  let source: ImageSize
  let target: ImageSize
  let channels: Int
  let top: Int
  let left: Int

  func move<Sample>(_ from: UnsafePointer<Sample>, to: UnsafeMutablePointer<Sample>) {
    let (first, end) = (max(0, left), min(source.width, left + target.width))
    guard first < end else { return }
    for row in max(0, -top)..<max(0, -top, min(target.height, source.height - top)) {
      (to + (row * target.width + first - left) * channels).update(
        from: from + ((row + top) * source.width + first) * channels, count: (end - first) * channels)
    }
  }
}

private struct Flipping: PixelRearrangement {
  let rows: Int
  let columns: Int
  let channels: Int

  func move<Sample>(_ from: UnsafePointer<Sample>, to: UnsafeMutablePointer<Sample>) {
    for row in 0..<rows {
      for column in 0..<columns {
        let (near, far) = ((row * columns + column) * channels, (row * columns + columns - 1 - column) * channels)
        for channel in 0..<channels { to[near + channel] = from[far + channel] }
      }
    }
  }
}
