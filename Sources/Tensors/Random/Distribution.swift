import RealModule

/// A distribution of one number.
public enum Distribution: Hashable, Sendable {
  /// Every number of a range is as likely as the others.
  case uniform(ClosedRange<Double>)
  /// The normal distribution.
  case normal(mean: Double, standardDeviation: Double)
  /// The normal distribution given that the number lies within bounds, as though draws outside were drawn again.
  ///
  /// The mean and deviation are those before the cut.
  case truncatedNormal(mean: Double, standardDeviation: Double, bounds: ClosedRange<Double>)

  /// Whether numbers can be drawn: finite parameters, no negative deviation, and bounds that hold a representable part
  /// of the distribution (within 37 deviations of the mean).
  public var isValid: Bool {
    switch self {
    case .uniform(let range):
      return (range.upperBound - range.lowerBound).isFinite
    case .normal(let mean, let deviation):
      return mean.isFinite && deviation.isFinite && deviation >= 0
    case .truncatedNormal(let mean, let deviation, let bounds):
      return mean.isFinite && deviation.isFinite && deviation > 0
        && bounds.lowerBound < bounds.upperBound
        && bounds.lowerBound - mean < 37 * deviation && mean - bounds.upperBound < 37 * deviation
    }
  }

  /// The mean.
  public var mean: Double {
    switch self {
    case .uniform(let range): return range.lowerBound / 2 + range.upperBound / 2
    case .normal(let mean, _): return mean
    case .truncatedNormal(let mean, let deviation, _): return mean + deviation * (truncationMoments?.mean ?? .nan)
    }
  }

  /// The variance; of a truncated normal, after the cut.
  public var variance: Double {
    switch self {
    case .uniform(let range):
      let width = range.upperBound - range.lowerBound
      return width * width / 12
    case .normal(_, let deviation): return deviation * deviation
    case .truncatedNormal(_, let deviation, _):
      return deviation * deviation * (truncationMoments?.variance ?? .nan)
    }
  }

  /// The mean and variance of a standard normal variable within the bounds, in deviations from the mean: with density
  /// `φ` and mass `Z` between `α` and `β`, `(φ(α) − φ(β)) / Z` and `1 + (αφ(α) − βφ(β)) / Z − mean²`.
  private var truncationMoments: (mean: Double, variance: Double)? {
    guard case .truncatedNormal(let mean, let deviation, let bounds) = self else { return nil }
    func density(_ z: Double) -> Double { Double.exp(-z * z / 2) / (2 * Double.pi).squareRoot() }
    let low = (bounds.lowerBound - mean) / deviation
    let high = (bounds.upperBound - mean) / deviation
    let mass =
      low > 0
      ? TruncatedQuantile.probability(below: -low) - TruncatedQuantile.probability(below: -high)
      : TruncatedQuantile.probability(below: high) - TruncatedQuantile.probability(below: low)
    // At an infinite bound both the density and its product with the bound vanish.
    let lowTerm = low.isFinite ? low * density(low) : 0
    let highTerm = high.isFinite ? high * density(high) : 0
    let first = (density(low) - density(high)) / mass
    return (first, 1 + (lowTerm - highTerm) / mass - first * first)
  }
}
