public import Foundation
public import Studies

/// The report of a clustering: a page, its figures, their data and the results.
public struct ClusterReport: Sendable {
  /// The results that are reported.
  public let results: ClusterResults
  /// The program that draws the figures; nil where there is none.
  public let gnuplot: Gnuplot?

  /// A report of `results`, drawn by `gnuplot`: the one on the path unless told.
  public init(_ results: ClusterResults, gnuplot: Gnuplot? = .find()) {
    (self.results, self.gnuplot) = (results, gnuplot)
  }

  /// Writes `index.html`, `results.json`, `data/*.csv`, `figures/*.gnuplot` and `figures/*.svg` to `directory`, which
  /// is made where it is missing; files of these names are replaced, others left alone.
  ///
  /// - Throws: `ReportError` for a folder that cannot be made or a file that cannot be written.
  public func write(to directory: URL) throws(ReportError) -> ReportFiles {
    try ReportWriter(gnuplot: gnuplot).write(results, sections, to: directory) { sections, notice in
      ReportPage(
        title: "\(Wording.count(results.clusters.count, "cluster"))", subtitle: subtitle, sections: sections,
        notices: results.notices + [notice].compactMap(\.self),
        methods: ReportPage.environment(results.environment, results.options, results.commands))
    }
  }

  private var subtitle: String {
    "k-means on \(Wording.count(results.rows, "row")) of \(Wording.count(results.columns, "number")) from \(results.file): inertia "
      + "\(Wording.number(results.inertia, digits: 5)) after \(Wording.count(results.iterations, "iteration"))"
      + (results.isConverged ? "" : ", not converged")
  }

  private var sections: [ReportSection] {
    let figures = ClusterFigures(results)
    return [
      ReportSection(
        title: "Scores",
        introduction: "Labels, where the file has them, only judge: no cluster was found by their help.",
        figures: [figures.clusters()].compactMap(\.self), table: sheet),
      ReportSection(
        title: "Pictures", introduction: "Neighbours in the features, as far as a plane can show them.",
        figures: [figures.embedding()].compactMap(\.self)),
    ].filter { !$0.figures.isEmpty }
  }

  private var sheet: Markup {
    guard let sheet = results.sheet else { return "" }
    return """
      <figure>
      <h3>Images of the clusters</h3>
      <img alt="Images of the clusters, a row each" style="width:100%" src="data:image/png;base64,\(sheet.base64EncodedString())">
      <figcaption><p class="note">A row a cluster, from 0 down; images from the whole cluster, the middle of each.</p></figcaption>
      </figure>

      """
  }
}
