import Foundation
import Studies

extension RegularizationFigures {
  /// The solver's coefficients on an orthonormal design as symbols, the formulas as lines.
  public func shrinkage() -> Figure? {
    guard let shrinkage = results.shrinkage,
      let profile = shrinkage.lambdas.firstIndex(of: shrinkage.profile),
      shrinkage.ridge.count == shrinkage.lambdas.count
    else { return nil }
    var table = CSVTable(columns: ["panel", "method", "series", "least_squares", "lambda", "solver", "theory"])
    func append(_ panel: String, _ method: Regression, _ b: Int, _ lambda: Int) {
      let (least, strength) = (shrinkage.leastSquares[b], shrinkage.lambdas[lambda])
      table.append([
        .text(panel), .text(method.rawValue), .text("b = \(Wording.number(least))"), .number(least), .number(strength),
        .number((method == .ridge ? shrinkage.ridge : shrinkage.lasso)[lambda][b]),
        .number(
          method == .ridge ? ShrinkageResults.ridge(least, strength) : ShrinkageResults.lasso(least, strength)),
      ])
    }
    let shown = [1.0, 2, 3].compactMap { shrinkage.leastSquares.firstIndex(of: $0) }
    // A line is drawn through rows that follow each other.
    for method in [Regression.ridge, .lasso] {
      for b in shrinkage.leastSquares.indices { append("profile", method, b, profile) }
      for b in shown { for lambda in shrinkage.lambdas.indices { append("path", method, b, lambda) } }
    }

    let range = shrinkage.leastSquares.map(abs).max() ?? 1
    var first = Panel(
      title: "λ = \(Wording.number(shrinkage.profile))",
      horizontal: Axis("least-squares coefficient b", from: -range * 1.06, to: range * 1.06),
      vertical: Axis("coefficient", from: -range * 1.06, to: range * 1.06))
    var second = Panel(
      title: "b = 1, 2 and 3", horizontal: Axis(Self.lambdaLabel, from: 0, to: shrinkage.lambdas.last ?? 1),
      vertical: Axis("coefficient", from: -0.1, to: 3.2))
    first.references = [(height: 0, text: "")]
    second.references = [(height: 0, text: "")]
    for method in [Regression.ridge, .lasso] {
      let rows = [("panel", "profile"), ("method", method.rawValue)]
      first.curves.append(Self.curve(.line, Self.look(method), rows, x: "least_squares", y: "theory"))
      first.curves.append(
        Self.curve(.points(every: 1, first: 0), Self.look(method), rows, x: "least_squares", y: "solver"))
      for b in shown {
        let rows = [
          ("panel", "path"), ("method", method.rawValue),
          ("series", "b = \(Wording.number(shrinkage.leastSquares[b]))"),
        ]
        second.curves.append(Self.curve(.line, Self.look(method), rows, x: "lambda", y: "theory"))
        second.curves.append(
          Self.curve(.points(every: 4, first: 0), Self.look(method), rows, x: "lambda", y: "solver"))
      }
    }
    let zeros = shrinkage.lasso[profile].count { $0 == 0 }
    return Figure(
      name: "shrinkage", title: "Shrinkage on an orthonormal design",
      conclusion:
        "The solvers' coefficients lie on the formulas to \(Wording.number(shrinkage.largestRidgeDeviation, digits: 2)) "
        + "(ridge, b/(1 + λ)) and \(Wording.number(shrinkage.largestLassoDeviation, digits: 2)) (lasso, "
        + "sign(b)·max(|b| − λ/2, 0)): at λ\u{A0}=\u{A0}\(Wording.number(shrinkage.profile)) ridge divides every coefficient by "
        + "\(Wording.number(1 + shrinkage.profile)), the lasso moves each by \(Wording.number(shrinkage.profile / 2)) and sets "
        + "\(zeros) of \(shrinkage.leastSquares.count) to exactly 0.",
      caption:
        "Lines: the formulas; symbols: the solvers. \(shrinkage.leastSquares.count) columns with Z'Z = I. With columns "
        + "of 1/n deviation 1 it is Z'Z = n I, and the formulas have λ/n in the place of λ.",
      table: table,
      sheet: Sheet(
        title: "Shrinkage", panels: [first, second], columns: 2, boxHeight: 250,
        key: [Regression.ridge, .lasso].map { (text: Self.name($0), number: Self.look($0)) }))
  }
}
