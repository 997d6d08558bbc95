import Foundation
public import Studies

extension RegularizationFigures {
  /// Bias², variance and test error against lambda for ridge and lasso, a row a world.
  public func risk() -> Figure? {
    let worlds = results.spread.filter { !$0.ridge.isEmpty && !$0.lasso.isEmpty }
    guard let first = worlds.first else { return nil }
    var table = CSVTable(columns: ["world", "method", "quantity", "lambda", "mean", "low", "high", "theory"])
    var panels: [Panel] = []
    for world in worlds {
      let noise = world.noise * world.noise
      let top = (world.ridge + world.lasso + [world.leastSquares]).map(\.testError.mean).max() ?? 1
      for (method, points) in [(Regression.ridge, world.ridge), (.lasso, world.lasso)] {
        for (quantity, interval) in Self.quantities {
          for point in points {
            let interval = interval(point)
            let theory = method == .ridge ? world.theory.first { $0.lambda == point.lambda } : nil
            table.append([
              .text(world.world), .text(method.rawValue), .text(quantity), .number(point.lambda),
              .number(interval.mean), .number(interval.low), .number(interval.high),
              .number(theory.map { Self.value($0, quantity, noise) } ?? .nan),
            ])
          }
        }
        var panel = Panel(
          title: "\(Self.name(method)), \(Self.name(world))",
          horizontal: .logarithmic(
            world.world == worlds.last?.world ? Self.lambdaLabel : "", points.map(\.lambda)),
          vertical: Axis("squared error", from: 0, to: min(top, 2.4 * noise) * 1.08, tickCount: 5))
        for (index, (quantity, _)) in Self.quantities.enumerated() {
          let rows = [("world", world.world), ("method", method.rawValue), ("quantity", quantity)]
          let number = Self.quantityLooks[index]
          panel.curves.append(Self.curve(.band, number, rows, x: "lambda"))
          if method == .ridge {
            panel.curves.append(Self.curve(.line, number, rows, x: "lambda", y: "theory"))
            panel.curves.append(Self.curve(.points(every: 2, first: 0), number, rows, x: "lambda"))
          } else {
            panel.curves.append(Self.curve(.marked(every: 2), number, rows, x: "lambda"))
          }
        }
        panel.references = [
          (height: noise, text: "noise σ²"),
          (height: world.leastSquares.testError.mean, text: "least squares' test error"),
        ]
        panels.append(panel)
      }
    }
    return Figure(
      name: "bias-variance", title: "Bias, variance and test error against λ",
      conclusion: worlds.map(Self.conclusion).joined(separator: " "),
      caption:
        "\(first.trainingSets) training sets of \(first.observations) observations with the same inputs and new noise; "
        + "means over \(first.testCount) other inputs, with 95\u{A0}% intervals over the training sets as bands. Test error = "
        + "σ² + bias² + variance. Differences between methods are taken training set by training set. For ridge the lines are the formulas and the symbols the simulation; the lasso has no "
        + "formula. \(worlds.map(Self.legend).joined(separator: "; ")).",
      table: table,
      sheet: Sheet(
        title: "Bias and variance", panels: panels, columns: 2, boxHeight: 215,
        key: zip(["bias²", "variance", "test error"], Self.quantityLooks).map { (text: $0.0, number: $0.1) }))
  }

  private static let quantityLooks = [3, 5, 7]

  private static var quantities: [(String, (RiskPoint) -> Interval)] {
    [("bias_squared", \.biasSquared), ("variance", \.variance), ("test_error", \.testError)]
  }

  private static func value(_ theory: TheoreticalRisk, _ quantity: String, _ noise: Double) -> Double {
    switch quantity {
    case "bias_squared": theory.biasSquared
    case "variance": theory.variance
    default: theory.biasSquared + theory.variance + noise
    }
  }

  static func name(_ world: SpreadResults) -> String {
    world.world == "few" ? "few large coefficients" : "many small coefficients"
  }

  private static func legend(_ world: SpreadResults) -> String {
    "\(name(world)): β = (\(world.truth.map { Wording.number($0) }.joined(separator: ", ")))"
  }

  private static func conclusion(_ world: SpreadResults) -> String {
    guard let ridge = SpreadResults.best(world.ridge), let lasso = SpreadResults.best(world.lasso) else { return "" }
    let plain = world.leastSquares.testError
    func phrase(_ name: String, _ method: Regression, _ point: RiskPoint) -> String {
      // An interval that holds 0 does not show a difference.
      guard let difference = world.difference(method, .leastSquares), difference.high < 0 else {
        return "\(name) not clearly below it"
      }
      return
        "\(name) \(Wording.percent(-difference.mean / plain.mean, digits: 2)) below it (λ\u{A0}=\u{A0}"
        + "\(Wording.number(point.lambda, digits: 2)), bias² \(Wording.number(point.biasSquared.mean, digits: 2)), variance "
        + "\(Wording.number(point.variance.mean, digits: 2)))"
    }
    let between = world.difference(.ridge, .lasso)
    let verdict =
      between.map { between -> String in
        let size = Estimate.text(mean: abs(between.mean), halfWidth: (between.high - between.low) / 2)
        return between.high < 0
          ? "ridge is ahead, by \(size)"
          : between.low > 0 ? "the lasso is ahead, by \(size)" : "neither is clearly ahead"
      } ?? "they are not compared"
    return
      "With \(name(world)) least squares has a test error of \(text(plain)) (variance "
      + "\(Wording.number(world.leastSquares.variance.mean, digits: 2))), at its best λ "
      + "\(phrase("ridge is", .ridge, ridge)) and \(phrase("the lasso", .lasso, lasso)); \(verdict)."
  }

  /// Coefficients and predictions over the training sets: the middle 90 % of each method.
  public func spread(_ world: SpreadResults) -> Figure? {
    guard !world.coefficients.isEmpty, !world.predictions.isEmpty else { return nil }
    var table = CSVTable(
      columns: ["quantity", "method", "index", "truth", "mean", "low", "high", "deviation", "zero_share"])
    var panels: [Panel] = []
    for (quantity, spreads, label, height) in [
      ("coefficient", world.coefficients, "coefficient", "estimate"),
      ("prediction", world.predictions, "test input", "prediction"),
    ] {
      let count = spreads[0].values.count
      for spread in spreads {
        for (index, value) in spread.values.enumerated() {
          table.append([
            .text(quantity), .text(spread.method.rawValue), .integer(index + 1), .number(value.truth),
            .number(value.mean), .number(value.low), .number(value.high), .number(value.standardDeviation),
            .number(value.zeroShare),
          ])
        }
      }
      let heights = spreads.flatMap { $0.values.flatMap { [$0.low, $0.high, $0.truth] } }
      let prefix = quantity == "coefficient" ? "β" : ""
      var panel = Panel(
        title: "\(quantity)s",
        horizontal: Axis(
          label, from: 0.4, to: Double(count) + 0.6,
          ticks: (1...count).map {
            Axis.Tick(value: Double($0), label: prefix + Self.subscripted($0, isIndex: !prefix.isEmpty))
          }),
        vertical: .covering(height, heights, tickCount: 6))
      for (index, spread) in spreads.enumerated() {
        let rows = [("quantity", quantity), ("method", spread.method.rawValue)]
        panel.curves.append(
          Self.curve(
            .bars, Self.look(spread.method), rows, x: "index", shift: (Double(index) - 1) * 0.24))
      }
      let rows = [("quantity", quantity), ("method", spreads[0].method.rawValue)]
      for shift in [-0.24, 0, 0.24] {
        panel.curves.append(
          Self.curve(.points(every: 1, first: 0), Look.theory, rows, x: "index", y: "truth", shift: shift))
      }
      panel.references = quantity == "coefficient" ? [(height: 0, text: "")] : []
      panels.append(panel)
    }
    return Figure(
      name: Figure.stem("spread", world.world), title: "Estimates over many training sets (\(Self.name(world)))",
      conclusion: Self.spreadConclusion(world),
      caption:
        "Symbols with bars: mean and middle 90\u{A0}% over \(world.trainingSets) training sets; crosses: the truth. Ridge and "
        + "lasso at the λ of their least test error in this simulation ("
        + world.coefficients.dropFirst().map { "\(Self.name($0.method)): \(Wording.number($0.lambda, digits: 2))" }
        .joined(separator: ", ") + "), which real data do not tell.",
      table: table,
      sheet: Sheet(
        title: "Spread", panels: panels, boxHeight: 190,
        key: Regression.allCases.map { (text: Self.name($0), number: Self.look($0)) }))
  }

  private static func subscripted(_ number: Int, isIndex: Bool) -> String {
    guard isIndex else { return String(number) }
    let digits: [Character] = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"]
    return String(String(number).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  private static func spreadConclusion(_ world: SpreadResults) -> String {
    func deviation(_ spread: Spread) -> Double {
      Statistics.mean(spread.values.map { $0.standardDeviation * $0.standardDeviation }).squareRoot()
    }
    guard let plain = world.coefficients.first(where: { $0.method == .leastSquares }) else { return "" }
    let others = world.coefficients.filter { $0.method != .leastSquares }
    let parts = others.map { spread in
      let ratio = deviation(spread) / deviation(plain)
      let inward = spread.values.filter { $0.truth != 0 && abs($0.mean) < abs($0.truth) }.count
      return "\(possessive(spread.method)) \(Wording.percent(ratio, digits: 2)) of that (\(inward) of "
        + "\(Wording.count(spread.values.count { $0.truth != 0 }, "true effect")) pulled towards 0)"
    }
    var text =
      "Over the training sets the coefficients of least squares have a standard deviation of "
      + "\(Wording.number(deviation(plain), digits: 2)), \(Wording.list(parts))"
    if let lasso = others.first(where: { $0.method == .lasso }) {
      let null = lasso.values.filter { $0.truth == 0 }.map(\.zeroShare)
      if !null.isEmpty {
        let real = lasso.values.filter { $0.truth != 0 }.map(\.zeroShare)
        text +=
          "; the lasso sets a coefficient whose truth is 0 to exactly 0 in "
          + "\(Wording.percent(Statistics.mean(null), digits: 2)) of the cases, and one with an effect in "
          + "\(Wording.percent(Statistics.mean(real), digits: 2))"
      }
    }
    return text + "."
  }
}
