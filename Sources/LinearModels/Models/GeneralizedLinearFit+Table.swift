import Foundation

extension GeneralizedLinearFit: CustomStringConvertible {
  /// A table of the coefficients that are not 0, on both scales, and the fit's summary below it.
  public var description: String {
    var text = TextTable.coefficients(coefficients, standardizedCoefficients, intercept: intercept)
    text.append(
      "\(coefficients.support.count) of \(coefficients.count) coefficients are not 0; family \(family.rawValue), "
        + "link \(family.link), l1 \(TextTable.number(l1)), l2 \(TextTable.number(l2))")
    text.append(
      "Deviance: \(TextTable.number(deviance)) of \(TextTable.number(nullDeviance)), explained: "
        + String(format: "%.4f", explainedDeviance))
    text.append(TextTable.summary(certificate, solver))
    return text.joined(separator: "\n")
  }
}
