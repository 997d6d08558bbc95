extension Image {
  /// The image at another size: bilinear interpolation, widened where the image shrinks so that every pixel counts.
  ///
  /// Along each axis, output `i` is the mean of the samples `j` with the weights `max(0, 1 - |j + 1/2 - (i + 1/2) s| / max(s, 1))`,
  /// where `s` is the old length over the new. That is Pillow's `BILINEAR`, and torchvision's with `antialias`. The levels are not
  /// rounded.
  ///
  /// - Precondition: `size` has pixels.
  public func resized(to size: ImageSize) -> Image {
    precondition(size.height > 0 && size.width > 0, "an image has pixels, found a size of \(size)")
    if size == self.size { return self }
    let (rows, columns) = (ResizingWeights(height, to: size.height), ResizingWeights(width, to: size.width))
    let levels: [Float] =
      switch pixels {
      case .bytes(let bytes): Self.resized(bytes, width * channels, channels, rows, columns) { Float($0) }
      case .levels(let levels): Self.resized(levels, width * channels, channels, rows, columns) { $0 }
      }
    return Image(height: size.height, width: size.width, channels: channels, levels: levels)
  }

  @inline(__always)
  private static func resized<Sample>(
    _ samples: [Sample], _ rowLength: Int, _ channels: Int, _ rows: ResizingWeights, _ columns: ResizingWeights,
    _ level: (Sample) -> Float
  ) -> [Float] {
    let outputLength = columns.places.count * channels
    return [Float](unsafeUninitializedCapacity: rows.places.count * outputLength) { target, count in
      samples.withUnsafeBufferPointer { source in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rowLength) { sum in
          let (from, to, sum) = (source.baseAddress!, target.baseAddress!, sum.baseAddress!)
          for (index, row) in rows.places.enumerated() {
            sum.initialize(repeating: 0, count: rowLength)
            for tap in 0..<row.count {
              let (weight, line) = (rows.weights[row.offset + tap], from + (row.first + tap) * rowLength)
              for position in 0..<rowLength { sum[position] += weight * level(line[position]) }
            }
            columns.apply(to: sum, channels: channels, into: to + index * outputLength)
          }
        }
      }
      count = rows.places.count * outputLength
    }
  }
}

/// What each output along an axis is made of.
private struct ResizingWeights {
  struct Place {
    /// The first sample that counts.
    let first: Int
    /// How many do.
    let count: Int
    /// Where their weights begin.
    let offset: Int
  }

  private(set) var places: [Place] = []
  private(set) var weights: [Float] = []

  init(_ old: Int, to new: Int) {
    let scale = Double(old) / Double(new)
    let reach = max(scale, 1)
    for index in 0..<new {
      let centre = (Double(index) + 0.5) * scale
      let first = max(0, Int(centre - reach + 0.5))
      let end = min(old, Int(centre + reach + 0.5))
      let shares = (first..<end).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
      let total = shares.reduce(0, +)
      places.append(Place(first: first, count: shares.count, offset: weights.count))
      weights += shares.map { Float($0 / total) }
    }
  }

  /// Resizes one row of pixels.
  func apply(to row: UnsafePointer<Float>, channels: Int, into target: UnsafeMutablePointer<Float>) {
    weights.withUnsafeBufferPointer { weights in
      for (index, place) in places.enumerated() {
        for channel in 0..<channels {
          var sum: Float = 0
          for tap in 0..<place.count {
            sum += weights[place.offset + tap] * row[(place.first + tap) * channels + channel]
          }
          target[index * channels + channel] = sum
        }
      }
    }
  }
}
