/// How grey levels become a network's inputs: `scale * level + offset`, where `level` runs from 0 (background) to 1.
public struct PixelScaling: Sendable, Hashable {
  /// The factor.
  public let scale: Double
  /// What a level of 0 becomes: the value of the background and of padding.
  public let offset: Double

  /// Makes the scaling `scale * level + offset`.
  public init(scale: Double, offset: Double) {
    self.scale = scale
    self.offset = offset
  }

  /// The levels as they are, 0 to 1: for bytes, `byte / 255`.
  public static let unit = PixelScaling(scale: 1, offset: 0)

  /// LeCun et al. 1998, section II.B: background -0.1, foreground 1.175, which makes the mean of their images about 0 and
  /// the variance about 1.
  public static let lecun1998 = PixelScaling(scale: 1.275, offset: -0.1)

  /// Subtracts the mean level and keeps the scale.
  public static func meanZero(mean: Double) -> PixelScaling { PixelScaling(scale: 1, offset: -mean) }

  /// Subtracts the mean level, then brings the standard deviation to `target`: `target * (level - mean) / deviation`.
  public static func standardised(mean: Double, deviation: Double, to target: Double = 1) -> PixelScaling {
    PixelScaling(scale: target / deviation, offset: -mean * target / deviation)
  }

  /// Gives levels of these statistics mean 0 and the standard deviation `target`.
  public static func standardised(_ statistics: PixelStatistics, to target: Double = 1) -> PixelScaling {
    standardised(mean: statistics.mean, deviation: statistics.deviation, to: target)
  }

  /// The value of every byte, computed in double precision and rounded once.
  var byteTable: [Float] { (0...255).map { Float(scale * Double($0) / 255 + offset) } }

  /// Whether every byte becomes `byte / 255`, to the bit.
  var isPlainLevel: Bool { byteTable == (0...255).map { Float($0) / 255 } }
}

/// The mean and the standard deviation of grey levels from 0 to 1 over all pixels of a set.
public struct PixelStatistics: Sendable, Hashable {
  /// The mean level.
  public let mean: Double
  /// The standard deviation of the levels, dividing by the number of pixels.
  public let deviation: Double

  /// Makes a pair of statistics.
  public init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = deviation
  }
}
