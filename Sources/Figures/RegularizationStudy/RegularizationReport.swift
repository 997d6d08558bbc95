public import Foundation
public import Studies

/// The report of a regularization study: a page, its figures, their data and the results.
///
/// ```swift
/// let files = try RegularizationReport(results).write(to: URL(fileURLWithPath: "report"))
/// print(files.index.path)
/// ```
public struct RegularizationReport: Sendable {
  /// The results that are reported.
  public let results: RegularizationStudyResults
  /// The program that draws the figures; nil where there is none.
  public let gnuplot: Gnuplot?

  /// A report of `results`, drawn by `gnuplot`: the one on the path unless told.
  public init(_ results: RegularizationStudyResults, gnuplot: Gnuplot? = .find()) {
    self.results = results
    self.gnuplot = gnuplot
  }

  /// Writes `index.html`, `results.json`, `data/*.csv`, `figures/*.gnuplot` and `figures/*.svg` to `directory`, which
  /// is made where it is missing; files of these names are replaced, others left alone.
  ///
  /// - Parameter resultsAreKept: called once `results.json` is written, from which all the rest can be made again.
  /// - Throws: `ReportError` for a folder that cannot be made or a file that cannot be written. Every file is then
  ///   either the old one or complete.
  public func write(to directory: URL, resultsAreKept: () -> Void = {}) throws(ReportError) -> ReportFiles {
    try ReportWriter(gnuplot: gnuplot).write(
      results, ReportSection.outline(RegularizationFigures(results)), to: directory, resultsAreKept: resultsAreKept
    ) { sections, notice in
      ReportPage(results: results, sections: sections, notice: notice)
    }
  }

  /// The conclusions of the leading figures and the certificates, for a terminal.
  public var summary: String {
    let sections = ReportSection.outline(RegularizationFigures(results))
    let lines = sections.flatMap(\.leading).map { "\($0.title)\n  \($0.conclusion)" }
    let text = (lines + [RegularizationPage(results: results).certificate]).joined(separator: "\n\n")
    return text.replacing("\u{A0}", with: " ")
  }
}

extension ReportPage {
  init(results: RegularizationStudyResults, sections: [ReportSection], notice: String?) {
    let page = RegularizationPage(results: results)
    self.init(
      title: "What a penalty on the coefficients does", subtitle: page.subtitle, sections: sections,
      notices: [page.incompleteness, notice].compactMap(\.self), comparison: page.certificates,
      methods: "\(page.methods)\(Self.environment(results.environment, results.study.options, results.study.commands))")
  }
}

/// What stands around the figures of a regularization study.
struct RegularizationPage: Sendable {
  let results: RegularizationStudyResults

  var subtitle: String {
    var parts: [String] = []
    let fits = results.fits
    if fits.fits > 0 {
      let kind = fits.uncertified == 0 ? "certified fit" : "fit"
      parts.append(
        "\(Wording.count(fits.fits, kind)) (largest duality gap \(Wording.number(fits.largestGap, digits: 2)))")
    }
    if let runs = results.network?.runs.count { parts.append(Wording.count(runs, "network")) }
    let counted = parts.isEmpty ? "" : ": " + Wording.list(parts)
    return "Ridge, the lasso and least squares\(counted)"
  }

  /// What was not finished; nil where everything was.
  var incompleteness: String? {
    let parts = results.study.unfinishedParts.map(\.rawValue)
    guard !parts.isEmpty else { return nil }
    return
      "Incomplete: the study was stopped before \(Wording.list(parts)) \(parts.count == 1 ? "was" : "were") finished."
  }

  /// The largest gap met, in a sentence.
  var certificate: String {
    let fits = results.fits
    guard fits.fits > 0 else { return "No regression was fitted." }
    let certified =
      fits.uncertified == 0
      ? "All \(Wording.count(fits.fits, "regression")) are certified"
      : "\(Wording.count(fits.uncertified, "regression")) of \(Wording.fixed(Double(fits.fits), decimals: 0)) are not certified"
    var text =
      "\(certified): the largest relative duality gap met is \(Wording.number(fits.largestGap, digits: 2)), "
      + "\(Wording.number(fits.tolerance, digits: 2)) being allowed."
    if let paths = results.paths {
      text +=
        " On the paths, coordinate descent and the homotopy differ by at most "
        + "\(Wording.number(paths.largestDifference, digits: 2)) in a coefficient."
    }
    return text
  }

  var certificates: Markup {
    "<section>\n<h2>How far the numbers can be trusted</h2>\n<p>\(certificate)</p>\n</section>\n"
  }

  /// How the study was done: formulas, data, parts.
  var methods: Markup {
    let study = results.study
    let facts =
      [("Data", study.data)] + study.methods.map { ($0.name, $0.text) } + [
        ("Intervals", results.network != nil || !results.spread.isEmpty ? "Student’s t, 95\u{A0}%" : ""),
        ("Duration", study.seconds.isFinite ? "\(Wording.fixed(study.seconds, decimals: 1)) s" : ""),
      ]
    return """
      <section>
      <h2>How it was done</h2>
      \(ReportPage.formulas("Formulas", study.formulas))\(ReportPage.part("Data and parts", ReportPage.definitions(facts), isShown: true))
      </section>

      """
  }
}
