/// A file's samples as the library lays them out, with alpha and with CMYK.
struct DecodedSamples {
  let height: Int
  let width: Int
  let channels: Int
  let isCMYK: Bool
  /// The samples where they have 8 bits.
  var bytes: [UInt8]
  /// The samples where they have 16 bits.
  var words: [UInt16]

  /// The image of 1 or 3 channels.
  func image(alpha: ImageDecoding.Alpha) -> Image {
    if isCMYK { return image(bytes: Self.rgb(invertedCMYK: bytes)) }
    let hasAlpha = channels.isMultiple(of: 2)
    if words.isEmpty {
      return image(bytes: hasAlpha ? removingAlpha(bytes, alpha, full: 255, scale: 1) { UInt8($0.rounded()) } : bytes)
    }
    let scale: Float = 1 / 257
    return image(
      levels: hasAlpha
        ? removingAlpha(words, alpha, full: 65_535, scale: scale) { $0 } : words.map { Float($0) * scale })
  }

  private func image(bytes: [UInt8]) -> Image {
    Image(height: height, width: width, channels: bytes.count / (height * width), bytes: bytes)
  }

  private func image(levels: [Float]) -> Image {
    Image(height: height, width: width, channels: levels.count / (height * width), levels: levels)
  }

  /// The samples without their alpha: dropped, or with the colours laid over a background.
  ///
  /// - Parameters:
  ///   - full: The sample of full opacity.
  ///   - scale: From samples to levels.
  ///   - finish: From levels to what is kept.
  private func removingAlpha<Sample: FixedWidthInteger, Result>(
    _ samples: [Sample], _ alpha: ImageDecoding.Alpha, full: Float, scale: Float, _ finish: (Float) -> Result
  ) -> [Result] {
    let colors = channels - 1
    var background: [Float]?
    if case .composited(let red, let green, let blue) = alpha {
      let levels = [Float(red), Float(green), Float(blue)]
      background = colors == 3 ? levels : [Image.luma(levels[0], levels[1], levels[2])]
    }
    var result: [Result] = []
    result.reserveCapacity(height * width * colors)
    for pixel in 0..<(height * width) {
      let start = pixel * channels
      let opacity = Float(samples[start + colors]) / full
      for color in 0..<colors {
        let level = Float(samples[start + color]) * scale
        result.append(finish(background.map { opacity * level + (1 - opacity) * $0[color] } ?? level))
      }
    }
    return result
  }

  /// Red is what cyan and black leave: `(255 - C)(255 - K) / 255` with rounding, where 255 - C is what the file holds; so too
  /// green and blue. Without ink profiles this is what PIL does.
  private static func rgb(invertedCMYK bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count / 4 * 3)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let white = Int(bytes[start + 3])
      for color in 0..<3 {
        let ink = (255 - Int(bytes[start + color])) * white + 128
        result.append(UInt8(max(0, white - (ink >> 8 + ink) >> 8)))
      }
    }
    return result
  }
}

extension Image {
  /// The grey level of a colour: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), as PIL has it.
  static func luma(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    0.299 * red + 0.587 * green + 0.114 * blue
  }
}
