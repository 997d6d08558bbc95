/// Counts of numbers in bins of equal width, with what fell outside kept apart.
///
/// Bin k holds lowerBound + k width <= x < lowerBound + (k + 1) width; the last bin holds the upper bound too, so that
/// an activation of exactly 1 is counted in [-1, 1].
public struct Histogram: Sendable, Hashable {
  /// The left edge of the first bin.
  public let lowerBound: Double
  /// The right edge of the last bin.
  public let upperBound: Double
  /// How many numbers each bin holds.
  public private(set) var counts: [Int]
  /// How many numbers were below the lower bound.
  public private(set) var below = 0
  /// How many numbers were above the upper bound.
  public private(set) var above = 0
  /// How many were NaN.
  public private(set) var undefined = 0

  /// Empty bins over [lowerBound, upperBound], which must be finite, in order and not equal; `binCount` at least 1.
  public init(lowerBound: Double, upperBound: Double, binCount: Int) {
    precondition(
      lowerBound < upperBound && (upperBound - lowerBound).isFinite && binCount > 0,
      "a histogram needs lower < upper and at least one bin, found \(lowerBound), \(upperBound), \(binCount)")
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    counts = [Int](repeating: 0, count: binCount)
  }

  /// The width of a bin.
  public var binWidth: Double { (upperBound - lowerBound) / Double(counts.count) }

  /// How many numbers were added, those outside included.
  public var total: Double { (counts + [below, above, undefined]).reduce(0) { $0 + Double($1) } }

  /// Adds one number.
  public mutating func add(_ value: Double) {
    if value.isNaN {
      undefined += 1
    } else if value < lowerBound {
      below += 1
    } else if value > upperBound {
      above += 1
    } else {
      counts[min(Int((value - lowerBound) / binWidth), counts.count - 1)] += 1
    }
  }

  /// Adds every number of `values`.
  public mutating func add(contentsOf values: some Sequence<some BinaryFloatingPoint>) {
    for value in values { add(Double(value)) }
  }

  /// The middle of bin `bin`.
  public func center(_ bin: Int) -> Double { lowerBound + (Double(bin) + 0.5) * binWidth }

  /// The density of bin `bin`: count / (total width), so that the densities times the width sum to the fraction
  /// inside the bounds. 0 for an empty histogram.
  public func density(_ bin: Int) -> Double {
    let total = total
    return total == 0 ? 0 : Double(counts[bin]) / (total * binWidth)
  }

  /// The densities of all bins.
  public var densities: [Double] {
    let scale = total * binWidth
    return counts.map { scale == 0 ? 0 : Double($0) / scale }
  }

  /// The counts of histograms over the same bins added up, or nil where their bins differ or there are none.
  public static func merged(_ histograms: [Histogram]) -> Histogram? {
    guard var result = histograms.first else { return nil }
    for other in histograms.dropFirst() {
      guard
        other.lowerBound == result.lowerBound, other.upperBound == result.upperBound,
        other.counts.count == result.counts.count
      else { return nil }
      result.counts = zip(result.counts, other.counts).map { $0 &+ $1 }
      result.below &+= other.below
      result.above &+= other.above
      result.undefined &+= other.undefined
    }
    return result
  }
}

extension Histogram: Codable {
  private enum CodingKeys: String, CodingKey {
    case lowerBound = "lower_bound"
    case upperBound = "upper_bound"
    case counts, below, above, undefined
  }

  /// Reads a histogram and checks its bounds and counts.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let lower = try container.decode(Double.self, forKey: .lowerBound)
    let upper = try container.decode(Double.self, forKey: .upperBound)
    let counts = try container.decode([Int].self, forKey: .counts)
    guard lower < upper, (upper - lower).isFinite, !counts.isEmpty, counts.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .counts, in: container,
        debugDescription: "a histogram needs lower_bound < upper_bound and counts of at least 0 in at least one bin")
    }
    self.init(lowerBound: lower, upperBound: upper, binCount: counts.count)
    self.counts = counts
    below = try container.decodeIfPresent(Int.self, forKey: .below) ?? 0
    above = try container.decodeIfPresent(Int.self, forKey: .above) ?? 0
    undefined = try container.decodeIfPresent(Int.self, forKey: .undefined) ?? 0
  }
}
