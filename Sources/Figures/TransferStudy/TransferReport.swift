public import Foundation
public import Studies

/// The report of a transfer study: a page, its figures, their data and the results.
public struct TransferReport: Sendable {
  /// The results that are reported.
  public let results: TransferStudyResults
  /// The program that draws the figures; nil where there is none.
  public let gnuplot: Gnuplot?

  /// A report of `results`, drawn by `gnuplot`: the one on the path unless told.
  public init(_ results: TransferStudyResults, gnuplot: Gnuplot? = .find()) {
    (self.results, self.gnuplot) = (results, gnuplot)
  }

  /// Writes `index.html`, `results.json`, `data/*.csv`, `figures/*.gnuplot` and `figures/*.svg` to `directory`, which
  /// is made where it is missing; files of these names are replaced, others left alone.
  ///
  /// - Throws: `ReportError` for a folder that cannot be made or a file that cannot be written.
  public func write(to directory: URL) throws(ReportError) -> ReportFiles {
    try ReportWriter(gnuplot: gnuplot).write(results, sections, to: directory) { sections, notice in
      ReportPage(
        title: "What a trained network knows", subtitle: subtitle, sections: sections,
        notices: [notice].compactMap(\.self),
        methods: ReportPage.environment(results.environment, results.options, results.commands))
    }
  }

  /// The conclusions of the figures, for a terminal.
  public var summary: String {
    sections.flatMap(\.leading).map { "\($0.title)\n  \($0.conclusion)" }.joined(separator: "\n\n")
      .replacing("\u{A0}", with: " ")
  }

  private var subtitle: String {
    let errors = results.sourceErrors
    return "LeNet-5, trained on the digits 0 to 4 (\(Wording.count(errors.count, "seed")), test error "
      + "\(Wording.percent(Statistics.mean(errors))) among 5 of the 40 outputs, on images as they are), meets 5 to 9; "
      + "\(Wording.fixed(results.seconds, decimals: 0)) s"
  }

  private var sections: [ReportSection] {
    let figures = TransferFigures(results)
    return [
      ReportSection(
        title: "Transfer",
        introduction: """
          A network that has learned to tell 0 to 4, in eight positions and moved a little, is given some labelled images of 5 to 9.
          Beside it a network of the same architecture learns from the same images from the start.
          """,
        figures: [figures.curve(), figures.depth()].compactMap(\.self), table: figures.methods()?.markup ?? ""),
      ReportSection(
        title: "Clusters",
        introduction: """
          No label is used: k-means divides the images of 5 to 9 in five clusters, by what they look like to each layer. Labels
          only judge the outcome.
          """,
        figures: [figures.clusters(), figures.embedding()].compactMap(\.self), table: sheets),
    ].filter { !$0.figures.isEmpty }
  }

  private var sheets: Markup {
    let pictures = results.sheets.map { sheet -> Markup in
      let scores = results.clusterings.first { $0.space == sheet.space && $0.seed == 0 }
      let accuracy =
        scores.map { ": \(Wording.percent($0.accuracy)) of the images in the cluster of their digit" } ?? ""
      return """
        <figure>
        <h3>Clusters of \(sheet.space)</h3>
        <img alt="Images of five clusters, a row each" style="width:100%" src="data:image/png;base64,\(sheet.png.base64EncodedString())">
        <figcaption><p class="note">A row a cluster, the first seed\(accuracy).</p></figcaption>
        </figure>

        """
    }
    return "\(pictures)"
  }
}
