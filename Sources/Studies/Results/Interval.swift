/// A mean with the ends of its interval, as it stands in a file of results.
public struct Interval: Codable, Sendable, Hashable {
  /// The mean.
  @Measured public var mean: Double
  /// The lower end; the mean itself where there is no interval.
  @Measured public var low: Double
  /// The upper end; the mean itself where there is no interval.
  @Measured public var high: Double

  /// The numbers of an interval.
  public init(mean: Double, low: Double, high: Double) {
    self.mean = mean
    self.low = low
    self.high = high
  }

  /// The interval of an estimate.
  public init(_ estimate: Estimate) {
    self.init(mean: estimate.mean, low: estimate.lower, high: estimate.upper)
  }
}
