import Foundation
import Studies

extension RegularizationFigures {
  /// The coefficients of ridge and of the lasso, against lambda and against what the penalty leaves of the model.
  public func coefficientPaths() -> Figure? {
    guard let paths = results.paths, !paths.ridge.isEmpty, !paths.lasso.isEmpty else { return nil }
    let full = max(paths.leastSquares.reduce(0) { $0 + abs($1) }, .leastNormalMagnitude)
    var table = CSVTable(
      columns: ["method", "name", "lambda", "degrees_of_freedom", "l1_share", "coefficient"])
    for (method, points) in [(Regression.ridge, paths.ridge), (.lasso, paths.lasso)] {
      for (column, name) in paths.names.enumerated() {
        for point in points {
          table.append([
            .text(method.rawValue), .text(name), .number(point.lambda), .number(point.degreesOfFreedom),
            .number(point.l1Norm / full), .number(point.coefficients[column]),
          ])
        }
      }
    }
    let heights = (paths.ridge + paths.lasso).flatMap(\.coefficients) + paths.leastSquares
    func panel(_ method: Regression, _ title: String, _ axis: Axis, x: String) -> Panel {
      var panel = Panel(
        title: title, horizontal: axis, vertical: .covering("coefficient", heights + [0], tickCount: 5))
      for (column, name) in paths.names.enumerated() {
        let number = LookBook.number(column)
        panel.curves.append(
          Self.curve(.line, number, [("method", method.rawValue), ("name", name)], x: x, y: "coefficient"))
        if x != "lambda" {
          panel.labels.append(DirectLabel(text: name, x: axis.upper, y: paths.leastSquares[column], number: number))
        }
      }
      panel.references = [(height: 0, text: "")]
      return panel
    }
    var lassoByLambda = panel(
      .lasso, "lasso", .logarithmic(Self.lambdaLabel, paths.lasso.map(\.lambda)), x: "lambda")
    lassoByLambda.verticals = paths.knots.map(\.lambda).filter {
      (lassoByLambda.horizontal.lower...lassoByLambda.horizontal.upper).contains($0)
    }
    var lassoByNorm = panel(
      .lasso, "lasso", Axis("Σ|β| / Σ|β| of least squares", from: 0, to: 1), x: "l1_share")
    lassoByNorm.verticals = paths.knots.compactMap { knot in
      paths.lasso.min { abs($0.lambda - knot.lambda) < abs($1.lambda - knot.lambda) }.map { $0.l1Norm / full }
    }
    let panels = [
      panel(.ridge, "ridge", .logarithmic(Self.lambdaLabel, paths.ridge.map(\.lambda)), x: "lambda"),
      panel(
        .ridge, "ridge", Axis("degrees of freedom", from: 0, to: Double(paths.names.count)), x: "degrees_of_freedom"),
      lassoByLambda, lassoByNorm,
    ]
    return Figure(
      name: "coefficient-paths", title: "Coefficients along λ", conclusion: Self.conclusion(paths),
      caption:
        "\(paths.observations) observations of \(paths.names.count) standardised inputs. Left: against λ, on a logarithmic "
        + "scale; right: against what the penalty leaves, with least squares at the right edge. Dotted uprights: the "
        + "lasso's knots by the exact homotopy, between which its coefficients are linear in Σ|β|. Data made with "
        + "\(Self.truth(paths.truth, paths.names)).",
      table: table, sheet: Sheet(title: "Coefficient paths", panels: panels, columns: 2, boxHeight: 215))
  }

  private static func truth(_ coefficients: [Double], _ names: [String]) -> String {
    let parts = zip(names, coefficients).filter { $0.1 != 0 }.map { "β(\($0.0)) = \(Wording.number($0.1))" }
    return parts.joined(separator: ", ") + (parts.count < names.count ? ", the others 0" : "")
  }

  private static func conclusion(_ paths: PathResults) -> String {
    let entering = paths.knots.filter(\.enters).map(\.name)
    let leaving = paths.knots.filter { !$0.enters }.map(\.name)
    var order: [String] = []
    for name in entering where !order.contains(name) { order.append(name) }
    let largest = paths.knots.first?.lambda ?? 0
    let zeros = paths.ridge.reduce(0) { $0 + $1.coefficients.count { $0 == 0 } }
    let sizes = [paths.ridge.first, paths.ridge.last].map { Wording.number($0?.l1Norm ?? .nan, digits: 2) }
    let ridge =
      "Ridge brings Σ|β| from \(sizes[0]) to \(sizes[1]) over the λ drawn and sets "
      + (zeros == 0 ? "no coefficient to 0" : "coefficients to exactly 0 in \(Wording.count(zeros, "case"))")
    let matters = Set(paths.names.indices.filter { paths.truth[$0] != 0 }.map { paths.names[$0] })
    let first = Set(order.prefix(matters.count))
    let verdict =
      first == matters
      ? "the \(matters.count) that matter come first"
      : "but the \(matters.count) that matter are not the first \(matters.count)"
    return
      "\(ridge); the lasso starts from none at λ\u{A0}=\u{A0}\(Wording.number(largest)) and lets "
      + "\(Wording.list(order)) in, in this order (\(verdict))"
      + (leaving.isEmpty ? ", none leaving again." : ", \(Wording.list(leaving)) leaving on the way.")
  }

  /// How many coefficients are left, and how large they are, against lambda.
  public func sparsity() -> Figure? {
    guard let paths = results.paths, !paths.ridge.isEmpty, !paths.lasso.isEmpty else { return nil }
    let full = max(paths.leastSquares.reduce(0) { $0 + abs($1) }, .leastNormalMagnitude)
    var table = CSVTable(columns: ["method", "lambda", "nonzero", "l1_share", "rss"])
    for (method, points) in [(Regression.ridge, paths.ridge), (.lasso, paths.lasso)] {
      for point in points {
        table.append([
          .text(method.rawValue), .number(point.lambda), .integer(point.nonzero), .number(point.l1Norm / full),
          .number(point.rss),
        ])
      }
    }
    let axis = Axis.logarithmic(Self.lambdaLabel, (paths.ridge + paths.lasso).map(\.lambda))
    var counts = Panel(
      title: "coefficients that are not 0", horizontal: axis,
      vertical: Axis("number", from: -0.4, to: Double(paths.names.count) + 0.6, tickCount: 5))
    var sizes = Panel(
      title: "Σ|β|, a share of least squares", horizontal: axis,
      vertical: Axis("share", from: 0, to: 1.06, tickCount: 5))
    for method in [Regression.ridge, .lasso] {
      let rows = [("method", method.rawValue)]
      counts.curves.append(Self.curve(.line, Self.look(method), rows, x: "lambda", y: "nonzero"))
      sizes.curves.append(Self.curve(.line, Self.look(method), rows, x: "lambda", y: "l1_share"))
    }
    // Where half of Σ|β| is gone: two methods are compared fairly at the same shrinkage.
    let halves = [paths.ridge, paths.lasso].map { points in
      points.min { abs($0.l1Norm / full - 0.5) < abs($1.l1Norm / full - 0.5) }
    }
    let text = zip(["ridge", "the lasso"], halves).compactMap { name, point in
      point.map {
        "\(name) (λ\u{A0}=\u{A0}\(Wording.number($0.lambda))) keeps \($0.nonzero) of \(paths.names.count) coefficients"
      }
    }
    return Figure(
      name: "sparsity", title: "Shrinkage and sparsity against λ",
      conclusion: "Where half of Σ|β| is gone, \(Wording.list(text)).",
      caption: "The data of the coefficient paths.", table: table,
      sheet: Sheet(
        title: "Sparsity", panels: [counts, sizes], columns: 2, boxHeight: 190,
        key: [Regression.ridge, .lasso].map { (text: Self.name($0), number: Self.look($0)) }))
  }
}
