import ArgumentParser
import BLAS
import Figures
import Foundation
import Studies
import Terminal

@main
struct CompareInitializers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare-initializers",
    abstract: "Trains networks under several weight initializers and writes a report with figures.",
    discussion: """
      Ctrl-C, or the signals TERM and HUP, stop the study: the runs that are finished are reported, the report says that it \
      is incomplete, and the exit code is 130 (143 for TERM, 129 for HUP). A second Ctrl-C leaves out the figures, which \
      --from draws later.
      """)

  static func main() { runAsMain() }

  @OptionGroup(title: "What is compared") var study: StudyArguments

  @Option(
    help: "Threads, 1 to 64; unless told RIDGELINE_THREADS, or as many as the system grants. Results are the same.")
  var threads: Int?
  @Option(help: "The folder of the report.")
  var output = "report"
  @Option(help: "Write the report again from a results.json, without training.")
  var from: String?
  @Flag(help: "Print the results as one line of JSON instead of a table.")
  var json = false

  mutating func validate() throws {
    for (path, option) in [(output, "--output"), (from, "--from"), (study.dataDirectory, "--data-directory")]
    where path?.isEmpty == true {
      throw ValidationError("\(option) names a file or a folder, found an empty text")
    }
    if from != nil {
      var ignored = study.given
      if threads != nil { ignored.append("--threads") }
      guard ignored.isEmpty else {
        throw ValidationError(
          "--from writes a report of results that there are, without training: leave out \(ignored.joined(separator: ", "))"
        )
      }
    }
    if let threads, !(1...ThreadPool.maximumThreadCount).contains(threads) {
      throw ValidationError("--threads is 1 to \(ThreadPool.maximumThreadCount), found \(threads)")
    }
    do {
      try ThreadPool.checkEnvironment()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() throws {
    // Who reads our output may end before us, and files may be limited in size: no reasons to die of.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    let url = URL(fileURLWithPath: output)
    if let from {
      let results = try InitializerStudyResults(contentsOf: URL(fileURLWithPath: from))
      return try report(results, to: ReportFolder(url))
    }
    let options = try study.studyOptions()
    let folder = try ReportFolder(url, byteCount: min(options.runCount * Self.bytesPerRun, 64 << 20))
    Interrupt.watch(holdingBack: true)
    let line = ProgressLine()
    var results: InitializerStudyResults
    do {
      defer { line.finish() }
      results = try InitializerStudy(options, pool: threads.map { ThreadPool(threads: $0) } ?? .shared)
        .run(progress: { line.show($0) }, shouldStop: { Interrupt.wasPressed })
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    if !results.isComplete {
      guard !results.runs.isEmpty else {
        folder.removeIfEmpty()
        line.print("stopped before the first run was finished; nothing was written")
        throw ExitCode(Interrupt.exitCode)
      }
      line.print("stopped after \(results.runs.count) of \(options.runCount) runs; their report is being written")
    }
    let arguments = CommandLine.arguments.dropFirst().joined(separator: " ")
    results.study.commands = [
      ("swift run -c release compare-initializers " + arguments).trimmingCharacters(in: .whitespaces)
    ]
    try report(results, to: folder)
    if !results.isComplete { throw ExitCode(Interrupt.exitCode) }
  }

  /// About what a run adds to the results and to the page together.
  private static let bytesPerRun = 64 << 10

  /// Prints the results and writes the report.
  ///
  /// They are printed first: a disk that is full by now takes no results from who reads the terminal.
  private func report(_ results: InitializerStudyResults, to folder: ReportFolder) throws {
    let report = Report(results)
    let printing = Result { try printResults(report) }
    var areKept = false
    let files: ReportFiles
    do {
      files = try report.write(to: folder.url) {
        areKept = true
        // What goes on can be made again from the results.
        Interrupt.endAtOnce()
      }
    } catch {
      let kept = folder.url.appendingPathComponent("results.json").path
      throw StudyCommandError(
        areKept
          ? "\(error)\nAll results are in \(kept); the report can be written again with --from and another --output."
          : "\(error)\nThe results of \(results.runs.count) runs are lost but for what was printed.")
    }
    if let notice = files.notice { FileHandle.standardError.write(Data((notice + "\n").utf8)) }
    do {
      try printing.get()
      if !json { try StandardOutput.line("report: \(files.index.path)") }
    } catch {
      throw StudyCommandError("\(error)\nThe report is in \(files.index.path).")
    }
  }

  private func printResults(_ report: Report) throws {
    if json {
      return try StandardOutput.line(String(decoding: report.concludedResults.jsonData(), as: UTF8.self))
    }
    let table = ComparisonTable(report.results)
    let style = TextTable.Style.suited(to: ProcessInfo.processInfo.environment)
    // A terminal moves to the next line once its last column is filled.
    let width = StandardOutput.columns.map { max(20, $0 - 1) } ?? 120
    try StandardOutput.line(table.text(width: width, style: style) + table.notes(width: width, style: style))
  }
}

/// A sentence for the person at the terminal.
struct StudyCommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
