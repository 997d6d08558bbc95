import BLAS
import FeatureLearning
import Foundation
import Tensors
import Testing

@testable import Figures
@testable import Studies

/// What the figures of the transfer study and of clusters say, and the data behind them.
@Suite struct TransferFiguresTests {
  /// Results in which frozen networks gain nine points, fine-tuned ones lose one and not clearly.
  static var results: TransferStudyResults {
    var results = TransferStudyResults(environment: StudyEnvironment(), options: [])
    results.sourceErrors = [0.01, 0.02]
    for seed in 0..<2 {
      for size in [10, 100] {
        let base = (size == 10 ? 0.3 : 0.05) + 0.01 * Double(seed)
        results.runs += [
          .init(method: TransferStudy.scratch, perClass: size, seed: seed, error: base),
          .init(method: TransferStudy.probe, perClass: size, seed: seed, error: base - 0.09 * base / 0.3),
          .init(method: TransferStudy.fineTuned, perClass: size, seed: seed, error: base + (seed == 0 ? 0.03 : -0.01)),
        ]
      }
      for layer in ["c1", "c3", "c5", "f6", TransferStudy.movedScratch] {
        results.runs.append(.init(method: layer, perClass: 10, seed: seed, error: layer == "c3" ? 0.1 : 0.4))
      }
      for (place, space) in ([TransferStudy.pixels, TransferStudy.components] + TransferStudy.layers).enumerated() {
        results.clusterings.append(
          .init(
            space: space, seed: seed, mutualInformation: space == "c5" ? 0.7 : 0.5 - 0.01 * Double(place),
            adjustedRandIndex: 0.4, accuracy: 0.6))
      }
    }
    results.embeddings = [.init(space: "pixels", x: [0, 1, 2], y: [2, 1, 0], digits: [5, 6, 9])]
    return results
  }

  @Test func theWordsFollowTheNumbers() throws {
    let figures = TransferFigures(Self.results)
    let curve = try #require(figures.curve())
    #expect(curve.conclusion.contains("less than from scratch, clear of 0"), "\(curve.conclusion)")
    #expect(curve.conclusion.contains("more than from scratch, not clear of 0"), "\(curve.conclusion)")
    #expect(!curve.conclusion.contains("moved a little"), "\(curve.conclusion)")
    var moved = Self.results
    moved.runs += (0..<2).map {
      .init(method: TransferStudy.movedFineTuned, perClass: 10, seed: $0, error: 0.35 + 0.01 * Double($0))
    }
    let more = try #require(TransferFigures(moved).curve()).conclusion
    #expect(
      more.contains(
        "40\u{A0}% from scratch and 35.5\u{A0}% fine-tuned: a difference of 4.5 points (interval −1.9 to 10.9)"),
      "\(more)")
    #expect(curve.csv.split(separator: "\n").count == 1 + 6)
    let depth = try #require(figures.depth()).conclusion
    #expect(depth.contains("all layers through c3 frozen"), "\(depth)")
    let table = try #require(figures.methods())
    #expect(table.rows.count == 8 && table.rows[0] == ["frozen through c3", "10\u{A0}%", "20.5", "14.1 to 26.9"])
    #expect(table.rows.map(\.[0]).contains(TransferStudy.movedScratch))
    #expect(!table.note.contains("epoch"), "\(table.note)")
    var dated = Self.results
    dated.options = [
      NamedText(TransferStudy.plainEpochsOption, "3"), NamedText(TransferStudy.changedEpochsOption, "1"),
    ]
    let note = try #require(TransferFigures(dated).methods()).note
    #expect(note.contains("as they are (3 epochs), and") && note.contains("mirrored (1 epoch). Moved"), "\(note)")
    #expect(table.rows.first { $0[0] == TransferStudy.scratch }?.dropFirst(2).allSatisfy(\.isEmpty) == true)
    let clusters = try #require(figures.clusters()).conclusion
    #expect(clusters.contains("The clusters of c5 tell most: 0.700, 0.200 above pixels"), "\(clusters)")
    #expect(clusters.contains("Less than pixels: PCA, c1, s2, c3, s4, f6 and output."), "\(clusters)")
  }

  @Test func embeddingsOfUnequalListsAreDrawnAsFarAsTheyGo() throws {
    var results = Self.results
    results.embeddings[0].x.removeLast()
    let figure = try #require(TransferFigures(results).embedding())
    #expect(figure.csv.split(separator: "\n").count == 1 + 2)
  }

  @Test func nothingToDraw() {
    let figures = TransferFigures(TransferStudyResults(environment: StudyEnvironment(), options: []))
    #expect(
      figures.curve() == nil && figures.methods() == nil && figures.depth() == nil && figures.clusters() == nil
        && figures.embedding() == nil)
  }

  @Test(.enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func reportsAreWellFormedAndComplete() throws {
    var generator = RandomGenerator(seed: 1)
    let rows = Tensor<Float>(
      [90, 3], (0..<270).map { Float(10 * ($0 / 3 % 3 == $0 % 3 ? 1 : 0)) + Float(generator.normal()) })
    let clusters = try KMeans(k: 3, starts: 3).fit(rows, generator: RandomGenerator(seed: 1))
    let study = ClusterStudy(
      features: rows, clusters: clusters, labels: (0..<90).map { $0 % 3 }, imageFiles: (0..<90).map { "\($0)" },
      file: "a<b>&c.npz")
    var described = try study.scores()
    try study.addPictures(to: &described)
    let reports: [(URL) throws -> ReportFiles] = [
      { try TransferReport(Self.results).write(to: $0) }, { [described] in try ClusterReport(described).write(to: $0) },
    ]
    for (write, figures) in zip(reports, [4, 2]) {
      let folder = temporaryFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let files = try write(folder)
      #expect(files.notice == nil && files.figures.count == figures && files.data.count == figures)
      for file in files.figures {
        #expect(XMLCheck().isWellFormed(try String(contentsOf: file, encoding: .utf8)), "\(file.lastPathComponent)")
      }
      let page = try String(contentsOf: files.index, encoding: .utf8)
      #expect(page.contains("<svg") && !page.contains("Not drawn"))
      #expect(!page.contains("a<b>"))
      let again = try JSONSerialization.jsonObject(with: Data(contentsOf: files.results)) as? [String: Any]
      #expect((again?["conclusions"] as? [Any])?.count == figures)
    }
    let conclusion = try #require(ClusterFigures(described).clusters()).conclusion
    #expect(
      conclusion.contains("3 clusters of 30 to 30 rows") && conclusion.contains("NMI 1.000, ARI 1.000"), "\(conclusion)"
    )
  }
}
