import Foundation

/// How fits print: names begin at the left, numbers end at the right.
enum TextTable {
  /// The lines of a table whose first column holds names.
  static func lines(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var cells: [String] = []
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        cells.append(column == 0 ? cell + padding : padding + cell)
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  /// A table of the coefficients that are not 0, on both scales.
  static func coefficients(_ original: Coefficients, _ standardized: Coefficients, intercept: Double) -> [String] {
    var rows = [["", "Coefficient", "Standardized"], ["(Intercept)", number(intercept), ""]]
    for (index, column) in original.support.enumerated() {
      rows.append([original.names[column], number(original.nonzero[index]), number(standardized[column])])
    }
    return lines(rows) + ["---"]
  }

  /// Six significant digits.
  static func number(_ value: Double) -> String { String(format: "%.6g", value) }

  /// A p value.
  static func probability(_ value: Double) -> String { value < 2e-16 ? "<2e-16" : String(format: "%.3g", value) }

  /// The certificate in a line.
  static func summary(_ certificate: Certificate, _ solver: SolverReport) -> String {
    "Duality gap: \(String(format: "%.2g", certificate.dualityGap)) (\(certificate.state.rawValue)), "
      + "violation: \(String(format: "%.2g", certificate.kktViolation)), \(certificate.iterations) iterations "
      + "of \(solver.solver.rawValue)"
  }
}
