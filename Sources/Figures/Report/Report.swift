public import Foundation
public import Studies

/// The report of an initializer study: a page, its figures, their data and the results.
///
/// ```swift
/// let files = try Report(results).write(to: URL(fileURLWithPath: "report"))
/// print(files.index.path)
/// if let notice = files.notice { print(notice) }
/// ```
public struct Report: Sendable {
  /// The results that are reported.
  public let results: InitializerStudyResults
  /// The program that draws the figures; nil where there is none.
  public let gnuplot: Gnuplot?

  /// A report of `results`, drawn by `gnuplot`: the one on the path unless told.
  public init(_ results: InitializerStudyResults, gnuplot: Gnuplot? = .find()) {
    self.results = results
    self.gnuplot = gnuplot
  }

  /// The results with the conclusions of the figures, as `results.json` holds them.
  public var concludedResults: InitializerStudyResults {
    concluded(ReportSection.outline(InitializerFigures(results)))
  }

  private func concluded(_ sections: [ReportSection]) -> InitializerStudyResults {
    var results = results
    results.conclusions = sections.flatMap(\.figures).map { NamedText($0.name, $0.conclusion) }
    return results
  }

  /// Writes `results.json`, `data/*.csv`, `figures/*.gnuplot`, `figures/*.svg` and `index.html` to `directory`, which
  /// is made where it is missing; files of these names are replaced, others left alone.
  ///
  /// Without gnuplot everything but the pictures is written. A picture that gnuplot fails to draw is left out and
  /// named in `ReportFiles.notice`.
  ///
  /// - Parameter resultsAreKept: called once `results.json` is written, from which all the rest can be made again.
  /// - Throws: `ReportError` for a folder that cannot be made or a file that cannot be written. Every file is then
  ///   either the old one or complete.
  public func write(to directory: URL, resultsAreKept: () -> Void = {}) throws(ReportError) -> ReportFiles {
    try ReportWriter(gnuplot: gnuplot).write(
      results, ReportSection.outline(InitializerFigures(results)), to: directory, resultsAreKept: resultsAreKept
    ) { sections, notice in
      ReportPage(results: results, sections: sections, notice: notice)
    }
  }
}
