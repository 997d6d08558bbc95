import Foundation
public import Studies

/// Draws the figures of the regularization study from its results.
///
/// Every function returns nil where the results hold nothing to draw. The words under a figure are chosen by the numbers:
/// a penalty that does not help is said not to.
public struct RegularizationFigures: Sendable {
  /// The results that are drawn.
  public let results: RegularizationStudyResults

  /// Figures of `results`.
  public init(_ results: RegularizationStudyResults) { self.results = results }

  /// A regression has the same colour, dashes and symbol in all figures.
  static func look(_ method: Regression) -> Int {
    switch method {
    case .leastSquares: 7
    case .ridge: 2
    case .lasso: 1
    }
  }

  static func name(_ method: Regression) -> String {
    switch method {
    case .leastSquares: "least squares"
    case .ridge: "ridge"
    case .lasso: "lasso"
    }
  }

  /// "ridge's", "the lasso's".
  static func possessive(_ method: Regression) -> String {
    switch method {
    case .leastSquares: "least squares’"
    case .ridge: "ridge’s"
    case .lasso: "the lasso’s"
    }
  }

  /// The heading of an axis of lambdas.
  static let lambdaLabel = "λ"

  /// A curve of the rows with these cells.
  static func curve(
    _ kind: Curve.Kind, _ number: Int, _ rows: [(String, String)], x: String, y: String = "mean", scale: Double = 1,
    shift: Double = 0
  ) -> Curve {
    Curve(
      kind: kind, number: number, rows: rows.map { (column: $0.0, value: $0.1) }, x: x, y: y, scale: scale,
      shift: shift)
  }

  /// "12.3 ± 0.4".
  static func text(_ interval: Interval) -> String {
    guard interval.mean.isFinite else { return "–" }
    return Estimate.text(mean: interval.mean, halfWidth: (interval.high - interval.low) / 2)
  }
}
