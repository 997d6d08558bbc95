import ArgumentParser
import Figures
import Foundation
import Ridgeline
import Studies
import Terminal

struct StudyTransfer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "What a network of the digits 0 to 4 knows of 5 to 9, in figures.",
    discussion: """
      Trains LeNet-5 on MNIST's digits 0 to 4, transfers it to 5 to 9 with few labelled images, and clusters 5 to 9 on pixels, \
      principal components and every layer. The report is index.html, with every picture inside.
      """)

  @Option(help: "The folder of MNIST's four files.")
  var dataDirectory: String?
  @Option(help: "The folder of the report.")
  var output: String
  @Option(help: "Seed of everything that is drawn.")
  var seed: UInt64 = 1
  @Option(help: "Networks, each with a seed of its own, at least 2.")
  var seeds = TransferStudyOptions().seeds
  @Option(help: "Write the report again from a results.json, without a study.")
  var from: String?
  @OptionGroup var threads: ThreadOptions

  mutating func validate() throws {
    try requirePath(output, "--output")
    try requirePath(dataDirectory, "--data-directory")
    try requirePath(from, "--from")
    if from == nil, dataDirectory == nil {
      throw ValidationError("--data-directory is needed: the folder of MNIST's four files")
    }
    guard (2...100).contains(seeds) else { throw ValidationError("--seeds is 2 to 100, found \(seeds)") }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var results: TransferStudyResults
    if let from {
      results = try TransferStudyResults(contentsOf: URL(fileURLWithPath: from))
    } else {
      let mnist = try MNIST(directory: URL(fileURLWithPath: dataDirectory ?? ""))
      // The folder is tried before minutes of work.
      _ = try ReportFolder(URL(fileURLWithPath: output))
      Interrupt.watch(holdingBack: true)
      var options = TransferStudyOptions()
      (options.seed, options.seeds) = (seed, seeds)
      let line = StatusLine()
      defer { line.clear() }
      do {
        results = try TransferStudy(train: mnist.train, test: mnist.test, options: options, pool: threads.pool())
          .run(
            progress: { progress in
              if line.isTerminal {
                line.draw { _ in "\(progress.part): \(Int(100 * progress.fraction)) %" }
              }
            }, shouldStop: { Interrupt.wasPressed })
      } catch StudyError.stopped {
        throw ExitCode(Interrupt.exitCode)
      }
      results.commands = ["ridgeline " + CommandLine.arguments.dropFirst().joined(separator: " ")]
    }
    let report = TransferReport(results)
    let files = try report.write(to: URL(fileURLWithPath: output))
    try Output.line(report.summary + "\n\nreport: \(files.index.path)")
    if let notice = files.notice { FileHandle.standardError.write(Data((notice + "\n").utf8)) }
  }
}
