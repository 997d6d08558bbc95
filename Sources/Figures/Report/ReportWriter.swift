import Foundation
import Studies

/// Draws the figures of any study and writes its report.
struct ReportWriter: Sendable {
  /// The program that draws the figures; nil where there is none.
  let gnuplot: Gnuplot?

  /// Writes `index.html`, `results.json`, `data/*.csv`, `figures/*.gnuplot` and `figures/*.svg` to `directory`, which
  /// is made where it is missing.
  ///
  /// - Parameters:
  ///   - results: what is reported; the file has the conclusions of the figures besides.
  ///   - resultsAreKept: called once `results.json` is written, from which all the rest can be made again.
  ///   - page: gives the page of the sections with their pictures.
  func write(
    _ results: some StudyResults, _ sections: [ReportSection], to directory: URL, resultsAreKept: () -> Void = {},
    page: ([ReportSection], _ notice: String?) -> ReportPage
  ) throws(ReportError) -> ReportFiles {
    var sections = sections
    for folder in [directory, FigureFiles.data(directory), FigureFiles.drawings(directory)] {
      _ = try ReportFolder.make(folder.path)
    }
    let index = directory.appendingPathComponent("index.html")
    let resultsFile = directory.appendingPathComponent("results.json")
    var concluded = results
    concluded.conclusions = sections.flatMap(\.figures).map { NamedText($0.name, $0.conclusion) }
    do {
      try FigureFiles.write(concluded.jsonData(), to: resultsFile)
    } catch let error as ReportError {
      throw error
    } catch {
      throw .cannotWrite(path: resultsFile.path, reason: "the results have no JSON form: \(error)")
    }
    resultsAreKept()
    let failures = draw(&sections)
    let figures = sections.flatMap(\.figures)
    var files = ReportFiles(index: index, results: resultsFile, data: [], scripts: [], figures: [], notice: nil)
    for figure in figures {
      let written = try FigureFiles(writing: figure, in: directory)
      files.data.append(written.data)
      files.scripts.append(written.script)
      if let picture = written.picture { files.figures.append(picture) }
    }
    files.notice =
      figures.isEmpty || gnuplot != nil
      ? failures.isEmpty ? nil : failures.map(\.description).joined(separator: "\n") : Gnuplot.installationHint
    // The page comes last, so that what it links to is there.
    try FigureFiles.write(Data(page(sections, files.notice).html.utf8), to: index)
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
}
