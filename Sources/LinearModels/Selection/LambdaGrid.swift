import RealModule

/// The lambdas of a path.
public struct LambdaGrid: Sendable, Hashable {
  private enum Kind: Sendable, Hashable {
    case automatic(count: Int, ratio: Double?)
    case values([Lambda])
  }

  private let kind: Kind

  /// A geometric grid from the smallest lambda at which every penalised coefficient is 0 down to `ratio` times that.
  ///
  /// - Parameters:
  ///   - count: How many lambdas; 100 by default.
  ///   - ratio: The last lambda divided by the first, above 0 and below 1; by default glmnet's, 1e-4 with more
  ///     observations than columns and 1e-2 otherwise.
  public static func automatic(count: Int = 100, ratio: Double? = nil) -> LambdaGrid {
    LambdaGrid(kind: .automatic(count: count, ratio: ratio))
  }

  /// Given lambdas; they are solved, and come back, in descending order, each value once.
  public static func values(_ lambdas: [Lambda]) -> LambdaGrid { LambdaGrid(kind: .values(lambdas)) }

  /// The grid in its units, descending.
  ///
  /// - Parameters:
  ///   - largest: The first lambda of an automatic grid, on the scale ``LambdaScale/rss``.
  ///   - rows: The number of observations of positive weight.
  ///   - columns: The number of columns.
  func lambdas(largest: Double, rows: Int, columns: Int) throws(LinearModelError) -> [Lambda] {
    switch kind {
    case .values(let lambdas):
      var sorted: [Lambda] = []
      for lambda in lambdas {
        guard lambda.value >= 0, lambda.value.isFinite else {
          throw .invalidParameter(name: "lambda", expected: "finite and not negative", found: lambda.value)
        }
        guard lambda.scale == lambdas[0].scale else {
          throw .mixedScales(lambdas[0].scale, lambda.scale)
        }
        sorted.append(lambda)
      }
      sorted.sort { $0.value > $1.value }
      return sorted.enumerated().filter { $0.offset == 0 || sorted[$0.offset - 1] != $0.element }.map(\.element)
    case .automatic(let count, let ratio):
      guard count >= 1 else {
        throw .invalidParameter(name: "the number of lambdas", expected: "at least 1", found: Double(count))
      }
      let ratio = ratio ?? (rows > columns ? 1e-4 : 1e-2)
      guard ratio > 0, ratio < 1 else {
        throw .invalidParameter(name: "the ratio of a grid", expected: "above 0 and below 1", found: ratio)
      }
      // Without spread there is nothing to go through.
      guard largest > 0, count > 1 else { return [.rss(largest)] }
      let step = Double.log(ratio) / Double(count - 1)
      return (0..<count).map { .rss(largest * Double.exp(Double($0) * step)) }
    }
  }
}

/// When a path ends before its last lambda; nothing by default.
public struct PathStop: Sendable, Hashable {
  /// End after the first fit with more nonzero coefficients than this.
  public var maximumNonzero: Int?
  /// End after the first fit whose R² (or share of the null deviance that is explained) is at least this.
  public var maximumRSquared: Double?

  /// Makes a rule.
  public init(maximumNonzero: Int? = nil, maximumRSquared: Double? = nil) {
    self.maximumNonzero = maximumNonzero
    self.maximumRSquared = maximumRSquared
  }

  /// Why the path ends with a fit; nil to go on.
  func reason(_ fit: LinearFit) -> String? {
    reason(fit.coefficients.support.count, fit.rSquared, "R-squared")
  }

  /// The same of any family.
  func reason(_ fit: GeneralizedLinearFit) -> String? {
    reason(fit.coefficients.support.count, fit.explainedDeviance, "the explained share of the deviance")
  }

  private func reason(_ nonzero: Int, _ explained: Double, _ name: String) -> String? {
    if let maximumNonzero, nonzero > maximumNonzero { return "more than \(maximumNonzero) coefficients are not 0" }
    if let maximumRSquared, explained >= maximumRSquared { return "\(name) has reached \(maximumRSquared)" }
    return nil
  }
}
