/// Bounds of the coefficients, on the original scale of the inputs: lower ≤ β_j ≤ upper.
///
/// They may be infinite, equal (the coefficient is given), and need not contain 0; glmnet's must. Bounds that are not ordered,
/// not numbers, or leave no finite value are refused. The intercept has none.
///
/// ```swift
/// let settings = RegressionSettings(bounds: .nonNegative)
/// try Lasso(lambda: 10, settings: settings).fit(x, y)
/// try Ridge(lambda: 0, settings: settings).fit(x, y)          // non-negative least squares
/// ```
public struct CoefficientBounds: Sendable, Hashable {
  private enum Side: Sendable, Hashable {
    case uniform(Double)
    case each([Double])

    func values(_ count: Int) -> [Double] {
      switch self {
      case .uniform(let value): [Double](repeating: value, count: count)
      case .each(let values): values
      }
    }
  }

  private let lower: Side
  private let upper: Side

  /// β_j ≥ 0.
  public static let nonNegative = CoefficientBounds(lower: .uniform(0), upper: .uniform(.infinity))
  /// β_j ≤ 0.
  public static let nonPositive = CoefficientBounds(lower: .uniform(-.infinity), upper: .uniform(0))

  /// The same bounds for every coefficient.
  public static func within(_ lower: Double, _ upper: Double) -> CoefficientBounds {
    CoefficientBounds(lower: .uniform(lower), upper: .uniform(upper))
  }

  /// Bounds of each coefficient.
  public static func each(lower: [Double], upper: [Double]) -> CoefficientBounds {
    CoefficientBounds(lower: .each(lower), upper: .each(upper))
  }

  /// The bounds of every column.
  ///
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)`` or ``LinearModelError/invalidBounds(column:lower:upper:)``.
  func values(_ names: ColumnNames) throws(LinearModelError) -> (lower: [Double], upper: [Double]) {
    let (lower, upper) = (lower.values(names.count), upper.values(names.count))
    for (name, side) in [("the lower bounds", lower), ("the upper bounds", upper)] where side.count != names.count {
      throw .wrongLength(of: name, expected: names.count, found: side.count)
    }
    for (column, (low, high)) in zip(lower, upper).enumerated()
    where !(low <= high) || low == .infinity || high == -.infinity {
      throw .invalidBounds(column: names[column], lower: low, upper: high)
    }
    return (lower, upper)
  }
}
