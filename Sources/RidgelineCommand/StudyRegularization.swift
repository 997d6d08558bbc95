import ArgumentParser
import Figures
import Foundation
import Ridgeline
import Studies
import Terminal

struct StudyRegularization: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regularization", abstract: "What ridge, the lasso and dropout do, in figures.",
    discussion: """
      Needs no data. The report is index.html, with every picture inside; results.json, data/*.csv and figures/* hold the \
      numbers, the scripts and the pictures. gnuplot draws; without it everything but the pictures is written.

      Ctrl-C stops: the parts that are finished are reported, the report names the others as missing, and the exit code is \
      \(Interrupt.exitCode).

      With --json the results are printed as one line of JSON instead of their conclusions.
      """)

  @Option(help: "The folder of the report.")
  var output: String
  @Option(help: "Seed of everything that is drawn.")
  var seed: UInt64 = 1
  @Option(
    parsing: .upToNextOption,
    help: "paths, geometry, shrinkage, spread, rescaling, network; separated by commas or spaces; all unless told.")
  var parts: [String] = []
  @Option(help: "Training sets of the spread (\(RegularizationStudyOptions().trainingSets)).")
  var trainingSets: Int?
  @Option(help: "Lambdas of the curves of bias and variance (\(RegularizationStudyOptions().lambdas)).")
  var lambdas: Int?
  @Option(help: "Seeds of each network, at least 2 (\(RegularizationStudyOptions().networkSeeds)).")
  var networkSeeds: Int?
  @Option(help: "Updates of a network (\(RegularizationStudyOptions().updates)).")
  var updates: Int?
  @Option(help: "Write the report again from a results.json, without a study.")
  var from: String?
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print the results as one line of JSON.")
  var json = false

  private func options() throws -> RegularizationStudyOptions {
    var options = RegularizationStudyOptions()
    options.seed = seed
    options.trainingSets = trainingSets ?? options.trainingSets
    options.lambdas = lambdas ?? options.lambdas
    options.networkSeeds = networkSeeds ?? options.networkSeeds
    options.updates = updates ?? options.updates
    let names = parts.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    if !names.isEmpty {
      let known = RegularizationStudyOptions.Part.allCases
      options.parts = try names.map { name in
        guard let part = known.first(where: { $0.rawValue == name }) else {
          throw ValidationError(
            "--parts has no '\(name)'; known are \(known.map(\.rawValue).joined(separator: ", "))")
        }
        return part
      }
    }
    do {
      try options.validate()
    } catch {
      throw ValidationError(error.description)
    }
    return options
  }

  mutating func validate() throws { _ = try options() }

  func run() throws {
    let url = URL(fileURLWithPath: output)
    if let from {
      let results = try RegularizationStudyResults(contentsOf: URL(fileURLWithPath: from))
      return try report(results, to: ReportFolder(url))
    }
    // What reads our output may end before us, and files may be limited in size: errors to be reported, not to die of.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    let folder = try ReportFolder(url, byteCount: Self.largestFile)
    Interrupt.watch(holdingBack: true)
    let line = StudyProgressLine()
    var results: RegularizationStudyResults
    do {
      defer { line.finish() }
      results = try RegularizationStudy(options(), pool: threads.pool())
        .run(progress: { line.show($0) }, shouldStop: { Interrupt.wasPressed })
    } catch StudyError.stopped {
      folder.removeIfEmpty()
      line.say("\(StudyError.stopped)")
      throw ExitCode(Interrupt.exitCode)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    results.study.commands = ["ridgeline " + CommandLine.arguments.dropFirst().joined(separator: " ")]
    try report(results, to: folder)
    if !results.study.unfinishedParts.isEmpty { throw ExitCode(Interrupt.exitCode) }
  }

  /// What the largest file of a report takes at most, about, in bytes.
  private static let largestFile = 1 << 20

  private func report(_ results: RegularizationStudyResults, to folder: ReportFolder) throws {
    let report = RegularizationReport(results)
    let files = try report.write(to: folder.url, resultsAreKept: Interrupt.release)
    if json {
      try Output.line(String(decoding: Data(contentsOf: files.results), as: UTF8.self))
    } else {
      try Output.line(report.summary + "\n\nreport: \(files.index.path)")
    }
    let unfinished = results.study.unfinishedParts.map(\.rawValue).joined(separator: ", ")
    let notices = [files.notice, unfinished.isEmpty ? nil : "stopped; not finished: \(unfinished)"].compactMap(\.self)
    for notice in notices { FileHandle.standardError.write(Data((notice + "\n").utf8)) }
  }
}

/// Shows how far a study is: a line that redraws itself on a terminal, a line each part and each fifth elsewhere.
private final class StudyProgressLine {
  private let line = StatusLine()
  private var last: (part: RegularizationStudyOptions.Part, fifth: Int)?

  func show(_ progress: RegularizationStudy.Progress) {
    let left = progress.fraction > 0.02 ? progress.seconds * (1 / progress.fraction - 1) : nil
    let text =
      String(format: "%3.0f %%  %.0f s", 100 * progress.fraction, progress.seconds)
      + (left.map { String(format: ", about %.0f s left", $0) } ?? "") + "  \(progress.part.rawValue)"
    if line.isTerminal { return line.draw { _ in text } }
    let fifth = Int(progress.fraction * 5)
    if let last, last.part == progress.part, last.fifth >= fifth { return }
    last = (progress.part, fifth)
    line.print(text)
  }

  func say(_ text: String) { line.print(text) }

  func finish() { line.clear() }
}
