import LinearModels

/// Keeps count of the certificates of a study's fits.
public struct FitLedger: Codable, Sendable, Hashable {
  /// How many models were fitted.
  public private(set) var fits = 0
  /// How many of them have no certificate at the tolerance.
  public private(set) var uncertified = 0
  /// The largest relative duality gap, (P - D) / ½ Σ(y - mean)².
  @Measured public private(set) var largestGap: Double
  /// The relative duality gap that was asked for.
  public let tolerance: Double

  /// The tolerance of the study.
  static let tolerance = 1e-10

  /// No fits yet.
  public init() {
    _largestGap = Measured(wrappedValue: 0)
    tolerance = Self.tolerance
  }

  /// The settings of the study's fits.
  static func settings(_ standardisation: Standardisation = .population) -> RegressionSettings {
    RegressionSettings(standardisation: standardisation, tolerance: tolerance)
  }

  mutating func note(_ fit: LinearFit) {
    fits += 1
    if !fit.isCertified { uncertified += 1 }
    largestGap = max(largestGap, fit.dualityGap)
  }

  mutating func add(_ other: FitLedger) {
    fits += other.fits
    uncertified += other.uncertified
    largestGap = max(largestGap, other.largestGap)
  }

  enum CodingKeys: String, CodingKey {
    case fits, uncertified, tolerance
    case largestGap = "largest_gap"
  }
}
