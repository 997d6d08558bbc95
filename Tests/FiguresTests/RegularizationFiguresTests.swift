import Foundation
import Testing

@testable import Figures
@testable import Studies

/// What the figures of the regularization study say and the data behind them.
@Suite struct RegularizationFiguresTests {
  private static let small: Result<RegularizationStudyResults, any Error> = Result {
    var options = RegularizationStudyOptions()
    (options.trainingSets, options.lambdas) = (60, 9)
    (options.networkSeeds, options.updates) = (2, 30)
    return try RegularizationStudy(options).run()
  }

  private var results: RegularizationStudyResults { get throws { try Self.small.get() } }

  @Test(.enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func aWholeReport() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var results = try results
    let files = try RegularizationReport(results).write(to: folder)
    #expect(files.notice == nil && files.figures.count == 9 && files.data.count == 9)
    for file in files.figures {
      #expect(XMLCheck().isWellFormed(try String(contentsOf: file, encoding: .utf8)), "\(file.lastPathComponent)")
    }
    let page = try String(contentsOf: files.index, encoding: .utf8)
    #expect(XMLCheck().isWellFormed(page))
    let identifiers = XMLCheck().identifiers(page)
    #expect(Set(identifiers).count == identifiers.count)
    #expect(
      !page.contains("<link") && !page.contains("<script") && !page.contains("<img") && !page.contains("url(http"))
    #expect(page.components(separatedBy: "<svg").count - 1 == 9)
    let read = try RegularizationStudyResults(json: Data(contentsOf: files.results))
    #expect(read.conclusions.count == 9)
    for conclusion in read.conclusions { #expect(page.contains(Markup.prose(conclusion.text).text)) }
    results.conclusions = read.conclusions
    #expect(read == results)
    // The formulas stand there as they are meant.
    for text in ["RSS + λ Σ", "β_0 not penalised", "√(1/n Σ"] {
      #expect(page.contains(Markup.formula(text).text.dropFirst(22).dropLast(7)), "\(text)")
    }
    #expect(page.contains("All \(Wording.count(results.fits.fits, "regression")) are certified"))
  }

  @Test func contoursHaveTheirLevel() throws {
    let geometry = try #require(try results.geometry)
    let level = geometry.lasso.rss
    let outline = RegularizationFigures.contour(geometry, rss: level)
    #expect(outline.count > 100)
    for (x, y) in outline { #expect(abs(geometry.rss(x, y) / level - 1) < 1e-12) }
  }

  @Test func certificatesAreCountedHonestly() throws {
    var results = try results
    results.study.unfinishedParts = [.network, .spread]
    let page = RegularizationPage(results: results)
    #expect(page.incompleteness?.contains("network and spread were finished") == true)
    let sections = ReportSection.outline(RegularizationFigures(results))
    let html = ReportPage(results: results, sections: sections, notice: nil).html
    #expect(html.contains("class=\"warning\"") && html.contains("Incomplete"))
    let text = try String(decoding: results.jsonData(), as: UTF8.self)
      .replacing("\"uncertified\":0", with: "\"uncertified\":3")
    let doubtful = RegularizationPage(results: try RegularizationStudyResults(json: Data(text.utf8))).certificate
    #expect(doubtful.contains("3 regressions of") && doubtful.contains("are not certified"))
  }

  @Test func aPenaltyThatDoesNotHelpIsSaidNotTo() throws {
    var results = try results
    let network = try #require(results.network)
    func conclusion(_ error: (NetworkMethod, Int) -> Double) throws -> String {
      results.network?.runs = network.runs.map { run in
        var run = run
        run.records = [
          NetworkRecord(step: 0, train: 5, test: 5),
          NetworkRecord(step: 30, train: run.method == .none ? 0.01 : 0.3, test: error(run.method, run.seed)),
        ]
        return run
      }
      return try #require(RegularizationFigures(results).network()).conclusion
    }
    let text = try conclusion { method, seed in
      let base = 2 + 0.1 * Double(seed)
      switch method {
      case .none: return base
      case .l2: return base - 1 + 0.001 * Double(seed)
      case .l1: return base + 1 + 0.001 * Double(seed)
      case .dropout: return base + (seed == 0 ? 1 : -1)
      }
    }
    #expect(text.contains("learns the noise by heart"))
    #expect(text.contains("; L2 lowers it by 0.9995"))
    #expect(text.contains("; L1 raises it by 1.0005"))
    #expect(text.contains("dropout does not change it clearly"))
    let mild = try conclusion { _, _ in 0.012 }
    #expect(mild.contains("hardly overfits"))
    let diverged = try conclusion { method, _ in method == .none ? .nan : 1 }
    #expect(diverged == "Without a penalty the network diverges.")
  }

  @Test func aTestErrorThatIsNotClearlyLowerIsSaidNotToBe() throws {
    var results = try results
    func difference(_ first: Regression, _ second: Regression, _ mean: Double, _ half: Double) -> ErrorDifference {
      ErrorDifference(
        first: first, second: second, testError: Interval(mean: mean, low: mean - half, high: mean + half))
    }
    for world in results.spread.indices {
      results.spread[world].leastSquares.testError = Interval(mean: 10, low: 9, high: 11)
      results.spread[world].differences = [
        difference(.ridge, .leastSquares, -0.5, 0.6), difference(.lasso, .leastSquares, -1.6, 0.2),
        difference(.ridge, .lasso, 1.1, 0.5),
      ]
    }
    let text = try #require(RegularizationFigures(results).risk()).conclusion
    #expect(text.contains("ridge is not clearly below it and the lasso 16\u{A0}% below it"))
    #expect(text.contains("; the lasso is ahead, by 1.10\u{A0}±\u{A0}0.50") && !text.contains("ridge is ahead"))
  }

  @Test func dataStandInTheTables() throws {
    let figures = RegularizationFigures(try results)
    let paths = try #require(figures.results.paths)
    let table = try #require(figures.coefficientPaths()).csv.split(separator: "\n")
    #expect(table.count == 1 + 8 * (paths.ridge.count + paths.lasso.count))
    let rescaling = try #require(figures.rescalingTable())
    #expect(rescaling.rows.count == 5 && rescaling.headings.count == 7)
    #expect(rescaling.rows[1].dropFirst(2).allSatisfy { $0.contains("same") })
    #expect(figures.networkTable()?.rows.count == 4 && figures.selectionTable()?.rows.count == 14)
  }

  @Test func nothingToDraw() {
    let empty = RegularizationStudyResults(environment: StudyEnvironment(), study: RegularizationStudyDescription())
    let sections = ReportSection.outline(RegularizationFigures(empty))
    #expect(sections.isEmpty)
    #expect(ReportPage(results: empty, sections: sections, notice: nil).html.contains("nothing to draw"))
  }
}
