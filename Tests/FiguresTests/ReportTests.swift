import Foundation
import Studies
import Testing

@testable import Figures

@Suite struct ReportTests {
  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

  /// Set RIDGELINE_REPORT_PREVIEW to a folder to keep the report of this test and look at it.
  @Test(.enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func aWholeReport() throws {
    let kept = ProcessInfo.processInfo.environment["RIDGELINE_REPORT_PREVIEW"].map { URL(fileURLWithPath: $0) }
    let folder = kept ?? temporaryFolder()
    defer { if kept == nil { try? FileManager.default.removeItem(at: folder) } }
    let results = SyntheticStudy().results
    let files = try Report(results).write(to: folder)
    #expect(files.notice == nil)
    #expect(files.figures.count == 13)
    #expect(files.data.count == 13 && files.scripts.count == 13)
    for file in files.figures { #expect(XMLCheck().isWellFormed(try text(file)), "\(file.lastPathComponent)") }

    let page = try text(files.index)
    #expect(XMLCheck().isWellFormed(page))
    let identifiers = XMLCheck().identifiers(page)
    #expect(identifiers.count > 100)
    #expect(Set(identifiers).count == identifiers.count)
    // Self-contained: nothing is loaded from elsewhere.
    #expect(
      !page.contains("<link") && !page.contains("<script") && !page.contains("<img") && !page.contains("url(http"))
    #expect(page.components(separatedBy: "<svg").count - 1 == 13)

    let read = try InitializerStudyResults(json: Data(contentsOf: files.results))
    #expect(read.runs == results.runs)
    #expect(read.conclusions.count == 13)
    for conclusion in read.conclusions { #expect(page.contains(Markup.prose(conclusion.text).text)) }
    // Nothing is left beside the files.
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.contains("partial") })
    #expect(
      Set(names)
        == Set(
          ["data", "figures", "index.html", "results.json"]
            + (files.data).map {
              "data/\($0.lastPathComponent)"
            } + (files.scripts + files.figures).map { "figures/\($0.lastPathComponent)" }))
  }

  @Test(.enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func theScriptsRunWhereTheyAre() throws {
    try inFolder { folder in
      let results = SyntheticStudy(seeds: 1, initializers: ["standard", "glorot_uniform"], hasHistograms: false).results
      let files = try Report(results, gnuplot: nil).write(to: folder)
      let script = try #require(files.scripts.first)
      let process = Process()
      process.executableURL = try #require(Gnuplot.find()).executable
      process.arguments = [script.lastPathComponent]
      process.currentDirectoryURL = script.deletingLastPathComponent()
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try text(script.deletingPathExtension().appendingPathExtension("svg")).contains("</svg>"))
    }
  }

  @Test func withoutGnuplot() throws {
    try inFolder { folder in
      let results = SyntheticStudy(seeds: 1, hasHistograms: false).results
      let stale = folder.appendingPathComponent("figures/weight-scales.svg")
      try FileManager.default.createDirectory(at: stale.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("old".utf8).write(to: stale)
      let files = try Report(results, gnuplot: nil).write(to: folder)
      #expect(files.notice == Gnuplot.installationHint)
      #expect(files.figures.isEmpty)
      #expect(!files.data.isEmpty && files.data.count == files.scripts.count)
      #expect(!FileManager.default.fileExists(atPath: stale.path))
      let page = try text(files.index)
      #expect(page.contains("apt-get install gnuplot-nox"))
      #expect(page.contains("Not drawn."))
    }
  }

  @Test func aFailingGnuplotIsNoFailure() throws {
    try inFolder { folder in
      let results = SyntheticStudy(seeds: 1, initializers: ["standard"], hasHistograms: false).results
      let gnuplot = Gnuplot(executable: URL(fileURLWithPath: "/nonexistent/gnuplot"))
      let files = try Report(results, gnuplot: gnuplot).write(to: folder)
      #expect(files.figures.isEmpty)
      #expect(files.notice?.contains("gnuplot could not be started for figure 'weight-scales'") == true)
    }
  }

  @Test func whatIsHostileIsEscaped() throws {
    var results = SyntheticStudy(seeds: 1, initializers: ["standard"], hasHistograms: false).results
    let evil = "<script>alert('x')</script>"
    for index in results.runs.indices { results.runs[index].dataset = evil }
    results.runs[0].initializer = "\"><b>"
    results.environment.cpu = evil
    results.study.inputNormalisation = "a & b < c"
    results.study.commands = [evil]
    results.study.initializers = [NamedText(evil, "\(evil)_in")]
    let sections = ReportSection.outline(InitializerFigures(results))
    let page = ReportPage(results: results, sections: sections, notice: evil).html
    #expect(!page.contains("<script") && !page.contains("<b>"))
    #expect(page.contains("a &amp; b &lt; c"))
    #expect(XMLCheck().isWellFormed(page))
    // File names hold nothing but letters, digits and hyphens.
    for figure in sections.flatMap(\.figures) {
      #expect(figure.name.allSatisfy { $0 == "-" || ($0.isASCII && ($0.isLetter || $0.isNumber)) })
    }
  }

  @Test func theLectureLeadsAndTheRestIsFolded() {
    let results = SyntheticStudy(activations: ["tanh", "relu"]).results
    let sections = ReportSection.outline(InitializerFigures(results))
    let leading = sections.flatMap(\.leading).map(\.name)
    #expect((5...8).contains(leading.count), "\(leading)")
    #expect(!leading.contains { $0.contains("relu") && !$0.contains("three-layers") })
    let page = ReportPage(results: results, sections: sections, notice: nil).html
    let folds = page.components(separatedBy: "<details>").dropFirst().map {
      $0.components(separatedBy: "</details>")[0]
    }
    for figure in sections.flatMap(\.figures) {
      #expect(folds.contains { $0.contains("id=\"\(figure.name)\"") } == figure.isSupplement)
    }
    // The leading figures are counted down the page, the others on their own.
    let numbers = page.matches(of: #/<h3>Figure.(?<number>S?[0-9]+)\./#).map { String($0.number) }
    #expect(numbers.filter { !$0.hasPrefix("S") } == (1...leading.count).map(String.init))
    #expect(
      numbers.filter { $0.hasPrefix("S") } == (1...sections.flatMap(\.supplements).count).map { "S\($0)" })
    #expect(
      ComparisonTable(results).testErrors?.headings == ["initializer", "MLP, tanh", "MLP, relu", "LeNet-5, tanh"])
  }

  @Test func emptyResults() throws {
    try inFolder { folder in
      let results = InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: [])
      let files = try Report(results, gnuplot: nil).write(to: folder)
      #expect(files.notice == nil)
      #expect(try text(files.index).contains("The results hold nothing to draw."))
    }
  }

  @Test func resultsWithoutAllRunsSaySo() {
    var results = SyntheticStudy().results
    results.study.plannedRuns = results.runs.count
    func page() -> String {
      ReportPage(results: results, sections: ReportSection.outline(InitializerFigures(results)), notice: nil).html
    }
    #expect(!page().contains("class=\"warning\""))
    let count = results.runs.count
    results.runs.removeLast(7)
    let text = "Incomplete: the study was stopped after \(count - 7) of its \(count) runs."
    #expect(page().contains("class=\"warning\" role=\"note\">\(text)") && XMLCheck().isWellFormed(page()))
    #expect(ComparisonTable(results).notes(width: 1000).contains(text))
    // However few there are, there is a page.
    let runs = results.runs
    for run in runs {
      results.runs = [run]
      #expect(page().contains("Incomplete: the study was stopped after 1 of its \(count) runs."))
    }
  }

  @Test func theResultsAreWrittenBeforeThePicturesAreDrawn() throws {
    try inFolder { folder in
      let results = SyntheticStudy(seeds: 1, initializers: ["standard"], hasHistograms: false).results
      var seen: [String] = []
      let report = Report(results, gnuplot: nil)
      let files = try report.write(to: folder) {
        seen = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
      }
      #expect(seen.sorted() == ["data", "figures", "results.json"])
      #expect(try InitializerStudyResults(contentsOf: files.results) == report.concludedResults)
    }
  }

  @Test func publishedNumbersStandBesideOurs() {
    let results = SyntheticStudy().results
    let titles = PublishedComparison(results: results).tables.map(\.caption)
    #expect(titles.count == 4)
    #expect(titles.last == "The paper’s table 1: test error (%)")
    let elsewhere = SyntheticStudy(activations: ["relu"], depth: 3).results
    #expect(PublishedComparison(results: elsewhere).tables.isEmpty)
    #expect(abs(GlorotBengio2010.factor([1, 2, 8]) - 8.0.squareRoot()) < 1e-12)
  }

  @Test func aFileInTheWayOfAFolder() throws {
    try inFolder { folder in
      try Data().write(to: folder)
      let results = SyntheticStudy(seeds: 1, hasHistograms: false).results
      let error = #expect(throws: ReportError.self) {
        try Report(results, gnuplot: nil).write(to: folder.appendingPathComponent("report"))
      }
      #expect(error?.description.contains("cannot be made") == true)
      try FileManager.default.removeItem(at: folder)
      // A folder in the way of a file: it stays, and nothing is left beside it.
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("index.html/x"), withIntermediateDirectories: true)
      let second = #expect(throws: ReportError.self) { try Report(results, gnuplot: nil).write(to: folder) }
      #expect(second?.description.contains("index.html' cannot be written") == true)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(Set(names) == ["index.html", "results.json", "data", "figures"])
    }
  }
}

@Suite struct MarkupTests {
  @Test func interpolationEscapes() {
    let text = "<a & 'b'>"
    let markup: Markup = "<p>\(text) \(3) \(Markup(raw: "<b>x</b>")) \(["<i>" as Markup, "</i>"])</p>"
    #expect(markup.text == "<p>&lt;a &amp; &#39;b&#39;&gt; 3 <b>x</b> <i></i></p>")
    #expect(Markup.escaped("a\u{0}\u{1B}b\n") == "ab\n")
  }

  @Test func proseAndFormulas() {
    #expect(Markup.prose("under `a<b` it").text == "under <code>a&lt;b</code> it")
    #expect(Markup.prose("one ` alone").text == "one ` alone")
    #expect(Markup.formula("√6/√(n_in + n_out)").text.contains("n<sub>in</sub> + n<sub>out</sub>"))
    #expect(Markup.formula("n_{i+1} < 2").text.contains("n<sub>i+1</sub> &lt; 2"))
  }
}

func temporaryFolder() -> URL {
  FileManager.default.temporaryDirectory.appendingPathComponent("ridgeline-figures-\(UUID().uuidString)")
}
