import Studies

extension ReportSection {
  /// The sections of the report of a regularization study, without those that have nothing to show.
  static func outline(_ figures: RegularizationFigures) -> [ReportSection] {
    let worlds = figures.results.spread.enumerated().map { index, world -> Figure? in
      guard var figure = figures.spread(world) else { return nil }
      figure.isSupplement = index > 0
      return figure
    }
    let selection = figures.selectionTable().map { table -> Markup in
      "<details>\n<summary>How the strengths were chosen</summary>\n\(table.markup)</details>\n"
    }
    return [
      ReportSection(
        title: "Two penalties",
        introduction: """
          Least squares takes the coefficients of the smallest RSS. Ridge takes those of the smallest
          RSS + <i>λ</i> Σ<i>β</i><sub>j</sub>², the lasso those of the smallest RSS + <i>λ</i> Σ|<i>β</i><sub>j</sub>|, on
          inputs with mean 0 and 1/<i>n</i> standard deviation 1; the intercept is free. The larger <i>λ</i>, the smaller
          the coefficients.
          """,
        figures: [figures.coefficientPaths(), figures.geometry()].compactMap(\.self)),
      ReportSection(
        title: "Shrinking and selecting",
        introduction: """
          Where the columns are orthonormal, both penalties act on every coefficient alone and have a formula. In general they do
          not, but what the formulas say still shows: ridge shrinks in proportion, the lasso subtracts.
          """,
        figures: [figures.shrinkage(), figures.sparsity()].compactMap(\.self)),
      ReportSection(
        title: "Bias against variance",
        introduction: """
          Another training set gives other coefficients. A penalty makes them vary less, at the price of a bias towards 0; the
          test error is the noise plus the square of the bias plus the variance, and somewhere between no penalty and too
          much of it is the best trade.
          """,
        figures: ([figures.risk()] + worlds).compactMap(\.self), supplementTitle: "the other kind of truth"),
      ReportSection(
        title: "Units",
        introduction: """
          Least squares does not care in which units an input is measured: its coefficient makes up for it. A penalty on the
          coefficients does care, unless the inputs are standardised first.
          """,
        figures: [figures.rescaling()].compactMap(\.self), table: figures.rescalingTable()?.markup ?? ""),
      ReportSection(
        title: "In a network",
        introduction: """
          The same two penalties on the weights of a network, and dropout beside them: (RSS + <i>λ</i> Σ<i>w</i>²)/<i>n</i> or
          (RSS + <i>λ</i> Σ|<i>w</i>|)/<i>n</i> is minimised, the biases being free. There is no certificate here, only the seeds.
          """,
        figures: [figures.network()].compactMap(\.self),
        table: "\(figures.networkTable()?.markup ?? "")\(selection ?? "")"),
    ].filter { !$0.figures.isEmpty }
  }
}
