import Foundation

/// The statistics of a few numbers, one a seed.
///
/// A NaN or an infinity among the values makes the result NaN: a mean over the seeds that happened not to diverge
/// would flatter an initializer.
public enum Statistics {
  /// The arithmetic mean, NaN for no values.
  public static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// The sample standard deviation, with n - 1 below; NaN for fewer than two values.
  public static func standardDeviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return .nan }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// exp(mean(log x)), NaN for no values or where a value is not positive.
  public static func geometricMean(_ values: [Double]) -> Double {
    guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else { return .nan }
    return exp(mean(values.map { log($0) }))
  }
}

/// A mean over seeds with its confidence interval.
public struct Estimate: Sendable, Hashable {
  /// The mean of the values.
  public let mean: Double
  /// Half the width of Student's t interval: t(confidence, n - 1) s / sqrt(n). NaN for fewer than two values.
  public let halfWidth: Double
  /// The number of values.
  public let count: Int
  /// The confidence of the interval, 0.95 unless told.
  public let confidence: Double

  /// Estimates the mean of the population that `values` were drawn from.
  ///
  /// The interval supposes that the values are independent and about normal, as the outcomes of seeds are.
  public init(_ values: [Double], confidence: Double = 0.95) {
    mean = Statistics.mean(values)
    count = values.count
    self.confidence = confidence
    halfWidth =
      values.count > 1
      ? StudentDistribution(degreesOfFreedom: values.count - 1).twoSidedQuantile(confidence)
        * Statistics.standardDeviation(values) / Double(values.count).squareRoot()
      : .nan
  }

  /// The lower end of the interval; the mean itself where there is no interval.
  public var lower: Double { halfWidth.isNaN ? mean : mean - halfWidth }

  /// The upper end of the interval; the mean itself where there is no interval.
  public var upper: Double { halfWidth.isNaN ? mean : mean + halfWidth }

  /// Whether two estimates both have intervals and these share a number.
  public func overlaps(_ other: Estimate) -> Bool {
    !halfWidth.isNaN && !other.halfWidth.isNaN && lower <= other.upper && other.lower <= upper
  }
}

/// Mean and standard deviation of a stream of numbers, by Welford's recurrence: stable where the mean is large.
///
/// Source: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", 1962.
public struct Moments: Sendable, Hashable {
  /// How many numbers were added.
  public private(set) var count = 0
  /// Their mean, 0 for none.
  public private(set) var mean = 0.0
  private var squares = 0.0

  /// No numbers yet.
  public init() {}

  /// The moments of `values`.
  public init(_ values: some Sequence<some BinaryFloatingPoint>) { add(contentsOf: values) }

  /// Adds one number.
  public mutating func add(_ value: Double) {
    count += 1
    let deviation = value - mean
    mean += deviation / Double(count)
    squares += deviation * (value - mean)
  }

  /// Adds every number of `values`.
  public mutating func add(contentsOf values: some Sequence<some BinaryFloatingPoint>) {
    for value in values { add(Double(value)) }
  }

  /// The standard deviation of the numbers themselves (n below), NaN for none.
  public var standardDeviation: Double { count == 0 ? .nan : (squares / Double(count)).squareRoot() }
}
