/// Fits along a grid of lambdas, one for each.
public protocol LambdaPath: Sendable {
  /// What each lambda gives.
  associatedtype Fit
  /// The lambdas, descending.
  var lambdas: [Lambda] { get }
  /// The fit of each.
  var fits: [Fit] { get }
}

/// The errors of a grid of lambdas on observations that were held out, and the two choices that are made by them.
public protocol LambdaValidation: Sendable {
  /// The path on all observations.
  associatedtype Path: LambdaPath
  /// The path on all observations, whose lambdas are the ones tried.
  var path: Path { get }
  /// The mean error of each lambda.
  var meanError: [Double] { get }
  /// The standard error of each mean.
  var standardError: [Double] { get }
  /// Whether the path on all observations and every fold's fit have converged.
  var isCertified: Bool { get }
}

extension LambdaValidation {
  /// The lambdas that were tried, descending.
  public var lambdas: [Lambda] { path.lambdas }

  /// The position of the smallest error.
  public var minimum: Int { meanError.indices.min { meanError[$0] < meanError[$1] } ?? 0 }

  /// The position of the largest lambda whose error is within one standard error of the smallest.
  public var oneStandardError: Int {
    let best = minimum
    let limit = meanError[best] + standardError[best]
    return meanError.indices.first { meanError[$0] <= limit } ?? best
  }

  /// The fit on all observations at the lambda of the smallest error.
  public var minimumFit: Path.Fit { path.fits[minimum] }

  /// The fit on all observations by the one-standard-error rule.
  public var oneStandardErrorFit: Path.Fit { path.fits[oneStandardError] }
}
