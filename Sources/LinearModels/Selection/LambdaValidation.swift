/// The errors of a grid of lambdas on observations that were held out, and the two choices that are made by them.
public protocol LambdaValidation: Sendable {
  /// The lambdas that were tried, descending.
  var lambdas: [Lambda] { get }
  /// The mean error of each lambda.
  var meanError: [Double] { get }
  /// The standard error of each mean.
  var standardError: [Double] { get }
  /// Whether the path on all observations and every fold's fit have converged.
  var isCertified: Bool { get }
}

extension LambdaValidation {
  /// The position of the smallest error.
  public var minimum: Int { meanError.indices.min { meanError[$0] < meanError[$1] } ?? 0 }

  /// The position of the largest lambda whose error is within one standard error of the smallest.
  public var oneStandardError: Int {
    let best = minimum
    let limit = meanError[best] + standardError[best]
    return meanError.indices.first { meanError[$0] <= limit } ?? best
  }
}
