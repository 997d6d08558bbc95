import Foundation
import Studies

extension RegularizationFigures {
  /// The L1 diamond and the L2 disc with contours of the RSS, the contact where the solver finds it.
  public func geometry() -> Figure? {
    guard let geometry = results.geometry, geometry.leastSquares.count == 2, geometry.gram.count == 3 else {
      return nil
    }
    var table = CSVTable(columns: ["panel", "series", "first", "second"])
    let levels = Self.levels(geometry)
    let radius = geometry.ridge.budget.squareRoot()
    var points: [(Double, Double)] = []
    func append(_ panel: String, _ series: String, _ outline: [(Double, Double)]) {
      for (x, y) in outline { table.append([.text(panel), .text(series), .number(x), .number(y)]) }
      points += outline
    }
    for (panel, contact) in [("lasso", geometry.lasso), ("ridge", geometry.ridge)] {
      let region = panel == "lasso" ? Self.diamond(contact.budget) : Self.circle(radius)
      append(panel, "region", region)
      for (index, level) in levels.enumerated() {
        append(panel, "contour \(index + 1)", Self.contour(geometry, rss: level))
      }
      append(panel, "least squares", [(geometry.leastSquares[0], geometry.leastSquares[1])])
      append(panel, "contact", [(contact.point[0], contact.point[1])])
    }
    // Both axes have the same range, and the boxes are square, so that a disc is round.
    let (xs, ys) = (points.map(\.0), points.map(\.1))
    let (left, bottom) = ((xs.min() ?? 0), (ys.min() ?? 0))
    let side = max((xs.max() ?? 1) - left, (ys.max() ?? 1) - bottom) * 1.12
    let (midX, midY) = ((left + (xs.max() ?? 1)) / 2, (bottom + (ys.max() ?? 1)) / 2)
    func panel(_ method: Regression, _ title: String, _ contact: Contact) -> Panel {
      let name = method.rawValue
      var panel = Panel(
        title: title, horizontal: Axis("β₁", from: midX - side / 2, to: midX + side / 2, tickCount: 5),
        vertical: Axis("β₂", from: midY - side / 2, to: midY + side / 2, tickCount: 5))
      func add(_ kind: Curve.Kind, _ number: Int, _ series: String) {
        panel.curves.append(
          Self.curve(kind, number, [("panel", name), ("series", series)], x: "first", y: "second"))
      }
      add(.surface, Self.look(method), "region")
      for index in levels.indices {
        add(index == 1 ? .line : .prediction, 8, "contour \(index + 1)")
      }
      add(.points(every: 1, first: 0), 7, "least squares")
      add(.points(every: 1, first: 0), Self.look(method), "contact")
      panel.references = [(height: 0, text: "")]
      panel.verticals = [0]
      panel.annotations = [
        Annotation(text: "least squares", x: geometry.leastSquares[0], y: geometry.leastSquares[1], side: .above),
        Annotation(
          text: "(\(Wording.fixed(contact.point[0], decimals: 2)), \(Wording.fixed(contact.point[1], decimals: 2)))",
          x: contact.point[0], y: contact.point[1], side: .right),
      ]
      return panel
    }
    return Figure(
      name: "geometry", title: "Why the lasso sets coefficients to 0", conclusion: Self.conclusion(geometry),
      caption:
        "Contours of the RSS around least squares; the solid one, RSS = \(Wording.number(geometry.lasso.rss, digits: 4)), "
        + "touches both regions, Σ|β| ≤ \(Wording.number(geometry.lasso.budget)) (lasso, λ = "
        + "\(Wording.number(geometry.lasso.lambda))) and Σβ² ≤ \(Wording.number(geometry.ridge.budget)) (ridge, λ = "
        + "\(Wording.number(geometry.ridge.lambda))). The contact is drawn where the solver finds it.",
      table: table,
      sheet: Sheet(
        title: "Geometry",
        panels: [
          panel(.lasso, "lasso: Σ|β| ≤ t", geometry.lasso), panel(.ridge, "ridge: Σβ² ≤ t", geometry.ridge),
        ], columns: 2, boxHeight: 266))
  }

  private static func diamond(_ size: Double) -> [(Double, Double)] {
    [(size, 0), (0, size), (-size, 0), (0, -size), (size, 0)]
  }

  private static func circle(_ radius: Double) -> [(Double, Double)] {
    (0...120).map { step in
      let angle = Double(step) * .pi / 60
      return (radius * cos(angle), radius * sin(angle))
    }
  }

  /// Three contours: nearer to least squares, through the contact, beyond it.
  private static func levels(_ geometry: GeometryResults) -> [Double] {
    let excess = geometry.lasso.rss - geometry.smallestRSS
    return [0.3, 1, 1.9].map { geometry.smallestRSS + $0 * excess }
  }

  /// The ellipse RSS = level, from the Cholesky factor of Z'Z.
  static func contour(_ geometry: GeometryResults, rss: Double) -> [(Double, Double)] {
    let (a, b, c) = (geometry.gram[0], geometry.gram[1], geometry.gram[2])
    let first = a.squareRoot()
    let mixed = b / first
    let second = (c - mixed * mixed).squareRoot()
    let radius = max(rss - geometry.smallestRSS, 0).squareRoot()
    return (0...144).map { step in
      let angle = Double(step) * .pi / 72
      let y = radius * sin(angle) / second
      let x = (radius * cos(angle) - mixed * y) / first
      return (geometry.leastSquares[0] + x, geometry.leastSquares[1] + y)
    }
  }

  private static func conclusion(_ geometry: GeometryResults) -> String {
    let (lasso, ridge) = (geometry.lasso, geometry.ridge)
    let names = ["β₁", "β₂"]
    let zeros = names.indices.filter { lasso.point[$0] == 0 }.map { names[$0] }
    // In a corner the gradient may point anywhere between the two sides.
    let slope = zip(lasso.point, lasso.gradient).filter { $0.0 == 0 }.map { abs($0.1) }.max() ?? 0
    let corner =
      zeros.isEmpty
      ? "The contour touches the diamond on a side, and no coefficient is 0"
      : "The contour touches the diamond in a corner, where \(Wording.list(zeros)) is exactly 0: a unit of it would lower the "
        + "RSS by \(Wording.number(slope)), \(slope <= lasso.lambda ? "less" : "more") than the λ = "
        + "\(Wording.number(lasso.lambda)) that it costs"
    let both = ridge.point.allSatisfy { $0 != 0 }
    return
      "\(corner). The disc has no corners, and ridge at the same RSS "
      + (both ? "keeps both" : "loses one")
      + ", (\(ridge.point.map { Wording.number($0) }.joined(separator: ", ")))."
  }
}
