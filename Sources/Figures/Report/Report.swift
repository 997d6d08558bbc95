public import Foundation
public import Studies
import Tensors

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
    var sections = ReportSection.outline(InitializerFigures(results))
    let results = concluded(sections)
    let data = directory.appendingPathComponent("data")
    let drawings = directory.appendingPathComponent("figures")
    for folder in [directory, data, drawings] { _ = try ReportFolder.make(folder.path) }
    let index = directory.appendingPathComponent("index.html")
    let json = directory.appendingPathComponent("results.json")
    try Self.write(Self.encoded(results, for: json), to: json)
    resultsAreKept()
    let failures = draw(&sections)
    let figures = sections.flatMap(\.figures)
    var files = ReportFiles(index: index, results: json, data: [], scripts: [], figures: [], notice: nil)
    for figure in figures {
      try files.data.append(Self.write(figure.csv, data.appendingPathComponent("\(figure.name).csv")))
      try files.scripts.append(Self.write(figure.script, drawings.appendingPathComponent("\(figure.name).gnuplot")))
      let picture = drawings.appendingPathComponent("\(figure.name).svg")
      if let svg = figure.svg {
        try files.figures.append(Self.write(svg, picture))
      } else {
        // A picture of earlier results beside the data of these would be taken for theirs.
        try? FileManager.default.removeItem(at: picture)
      }
    }
    files.notice =
      figures.isEmpty || gnuplot != nil
      ? failures.isEmpty ? nil : failures.map(\.description).joined(separator: "\n") : Gnuplot.installationHint
    // The page comes last, so that what it links to is there.
    _ = try Self.write(ReportPage(results: results, sections: sections, notice: files.notice).html, index)
    return files
  }

  /// Draws every figure, where there is a program for it.
  ///
  /// - Returns: what failed.
  private func draw(_ sections: inout [ReportSection]) -> [GnuplotError] {
    var failures: [GnuplotError] = []
    guard let gnuplot else { return [] }
    for section in sections.indices {
      for index in sections[section].figures.indices {
        do throws(GnuplotError) {
          sections[section].figures[index].svg = try gnuplot.draw(sections[section].figures[index])
        } catch {
          failures.append(error)
        }
      }
    }
    return failures
  }

  private static func write(_ text: String, _ url: URL) throws(ReportError) -> URL {
    try write(Data(text.utf8), to: url)
    return url
  }

  private static func write(_ data: Data, to url: URL) throws(ReportError) {
    do {
      try AtomicFile.write(data, to: url)
    } catch {
      throw .cannotWrite(path: url.path, reason: "\(error)")
    }
  }

  private static func encoded(_ results: InitializerStudyResults, for url: URL) throws(ReportError) -> Data {
    do {
      return try results.jsonData()
    } catch {
      throw .cannotWrite(path: url.path, reason: "the results have no JSON form: \(error)")
    }
  }
}

/// What a report consists of, after it was written.
public struct ReportFiles: Sendable, Hashable {
  /// The page.
  public let index: URL
  /// The results as JSON, with the conclusions of the figures.
  public let results: URL
  /// The data of each figure.
  public internal(set) var data: [URL]
  /// The gnuplot script of each figure.
  public internal(set) var scripts: [URL]
  /// The pictures that were drawn.
  public internal(set) var figures: [URL]
  /// What the user should know: that gnuplot is missing and how to install it, or what it failed to draw.
  public internal(set) var notice: String?
}
