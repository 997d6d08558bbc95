import Foundation

extension LinearFit: CustomStringConvertible {
  /// A table of the coefficients that are not 0, on both scales, and the fit's summary below it.
  public var description: String {
    var text = TextTable.coefficients(coefficients, standardizedCoefficients, intercept: intercept)
    text.append(
      "\(coefficients.support.count) of \(coefficients.count) coefficients are not 0; "
        + "l1 \(TextTable.number(l1)), l2 \(TextTable.number(l2))")
    let explained = totalSumOfSquares > 0 ? 1 - rss / totalSumOfSquares : 0
    text.append("RSS: \(TextTable.number(rss)), R-squared: " + String(format: "%.4f", explained))
    text.append(TextTable.summary(certificate, solver))
    return text.joined(separator: "\n")
  }
}
