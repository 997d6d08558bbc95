import Foundation

extension GeneralizedLinearFit: CustomStringConvertible {
  /// A table of the coefficients that are not 0, on both scales, and the fit's summary below it.
  public var description: String {
    let header = ["", "Coefficient", "Standardized"]
    var lines = [header, ["(Intercept)", Self.number(intercept), ""]]
    for (index, column) in coefficients.support.enumerated() {
      lines.append([
        coefficients.names[column], Self.number(coefficients.nonzero[index]),
        Self.number(standardizedCoefficients[column]),
      ])
    }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      var cells: [String] = []
      for (column, cell) in line.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        // Names begin at the left, numbers end at the right.
        cells.append(column == 0 ? cell + padding : padding + cell)
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    text.append("---")
    text.append(
      "\(coefficients.support.count) of \(coefficients.count) coefficients are not 0; family \(family.rawValue), "
        + "link \(family.link), l1 \(Self.number(l1)), l2 \(Self.number(l2))")
    text.append(
      "Deviance: \(Self.number(deviance)) of \(Self.number(nullDeviance)), explained: "
        + String(format: "%.4f", explainedDeviance))
    text.append(
      "Duality gap: \(String(format: "%.2g", certificate.dualityGap)) (\(certificate.state.rawValue)), "
        + "violation: \(String(format: "%.2g", certificate.kktViolation)), \(certificate.iterations) iterations "
        + "of \(solver.solver.rawValue)")
    return text.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String { String(format: "%.6g", value) }
}
