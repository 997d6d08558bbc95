import Foundation

extension LeastSquaresFit: CustomStringConvertible {
  /// The table of estimates, standard errors, t and p values, and the fit's summary below it.
  public var description: String {
    let header = ["", "Estimate", "Std. Error", "t value", "Pr(>|t|)", ""]
    var lines = [header]
    for term in terms {
      lines.append([
        term.name, Self.number(term.estimate), Self.number(term.standardError), Self.fixed(term.tValue, 3),
        TextTable.probability(term.pValue), Self.stars(term.pValue),
      ])
    }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      var cells: [String] = []
      for (column, cell) in line.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        // Names and stars begin at the left, numbers end at the right.
        cells.append(column == 0 || column == header.count - 1 ? cell + padding : padding + cell)
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    text.append("---")
    text.append("Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1")
    text.append("")
    text.append(
      "Residual standard error: \(Self.number(residualStandardError)) on \(degreesOfFreedom) degrees of freedom")
    text.append("R-squared: \(Self.fixed(rSquared, 4)), adjusted: \(Self.fixed(adjustedRSquared, 4))")
    if let fStatistic, let fPValue {
      let numerator = terms.count - (terms.first?.name == "(Intercept)" ? 1 : 0)
      text.append(
        "F-statistic: \(Self.number(fStatistic)) on \(numerator) and \(degreesOfFreedom) degrees of freedom, p "
          + (fPValue < 2.2e-16 ? "< 2.2e-16" : "= " + Self.number(fPValue)))
    }
    return text.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String { String(format: "%.6g", value) }
  private static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  private static func stars(_ value: Double) -> String {
    switch value {
    case ..<0.001: "***"
    case ..<0.01: "**"
    case ..<0.05: "*"
    case ..<0.1: "."
    default: ""
    }
  }
}
