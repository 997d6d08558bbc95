import ArgumentParser
import Figures
import Foundation
import NeuralNetworks
import Studies
import Synchronization

@main
struct CompareInitializers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare-initializers",
    abstract: "Compare weight initializers on real training runs and write a report.",
    discussion: "Without options it takes about two minutes on two cores and needs no data.")

  enum DatasetName: String, ExpressibleByArgument, CaseIterable {
    case shapeset
    case mnist
  }

  @Option(help: "The data: shapeset (generated) or mnist.")
  var dataset = DatasetName.shapeset
  @Option(help: "The folder of MNIST's IDX files.")
  var dataDirectory: String?
  @Option(parsing: .upToNextOption, help: "Initializers by name, for instance standard glorot_uniform he_normal.")
  var initializers: [String] = []
  @Option(parsing: .upToNextOption, help: "Activation functions: tanh sigmoid softsign relu leaky_relu.")
  var activations: [String] = []
  @Option(help: "Hidden layers of the perceptron.")
  var depth: Int?
  @Option(help: "Units of a hidden layer.")
  var width: Int?
  @Option(help: "Updates of a run.")
  var steps: Int?
  @Option(help: "Examples an update.")
  var batch: Int?
  @Option(help: "Updates of a LeNet-5 run; 0 leaves LeNet-5 out.")
  var lenetSteps: Int?
  @Option(help: "The learning rate of plain gradient descent.")
  var learningRate: Double?
  @Option(help: "How many seeds.")
  var seeds: Int?
  @Option(help: "The first seed.")
  var seed: UInt64 = 1
  @Flag(help: "The paper's 5 layers of 1000 units, about an hour.")
  var paper = false
  @Option(help: "The folder of the report.")
  var output = "report"
  @Flag(help: "Print results.json on standard output instead of the table.")
  var json = false

  func options() throws -> InitializerStudyOptions {
    var options = paper ? .paper : InitializerStudyOptions()
    if dataset == .mnist {
      guard let dataDirectory else {
        throw ValidationError("--dataset mnist needs --data-directory; scripts/fetch-mnist downloads the files")
      }
      options.data = .mnist(directory: URL(fileURLWithPath: dataDirectory))
    }
    if !initializers.isEmpty { options.initializers = initializers }
    if !activations.isEmpty {
      options.activations = try activations.map { name in
        guard let function = ActivationFunction(named: name) else {
          throw ValidationError("there is no activation function '\(name)'; try tanh, sigmoid, softsign, relu, leaky_relu")
        }
        return function
      }
    }
    options.depth = depth ?? options.depth
    options.width = width ?? options.width
    options.steps = steps ?? options.steps
    options.batch = batch ?? options.batch
    options.seeds = seeds ?? options.seeds
    options.seed = seed
    options.lenetSteps = lenetSteps ?? options.lenetSteps
    options.learningRate = learningRate ?? options.learningRate
    return options
  }

  func run() throws {
    let directory = URL(fileURLWithPath: output)
    // Better known now than after two minutes.
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    Interrupt.watch()
    let line = ProgressLine()
    let results = try InitializerStudy(options()).run(
      shouldStop: { Interrupt.wasPressed }, progress: { line.show($0) })
    let files = try Report(results).write(to: directory)
    if json {
      print(String(decoding: try results.jsonData(), as: UTF8.self))
    } else {
      let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init) ?? 100
      print(
        ComparisonTable(results).text(
          width: columns, style: .suited(to: ProcessInfo.processInfo.environment)))
      print("report: \(files.index.path)")
    }
    if let notice = files.notice { FileHandle.standardError.write(Data((notice + "\n").utf8)) }
  }
}

/// Turns Ctrl-C into a question that the study asks now and then.
enum Interrupt {
  private static let count = Atomic<Int>(0)

  static func watch() {
    signal(SIGINT) { _ in
      if Interrupt.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
    }
  }

  static var wasPressed: Bool { count.load(ordering: .relaxed) > 0 }
}

/// One line that redraws itself on a terminal, a line every tenth of the work elsewhere.
final class ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private var lastTenth = -1

  func show(_ progress: InitializerStudy.Progress) {
    let done = Double(progress.finished) / Double(max(progress.total, 1))
    let seconds = start.duration(to: .now) / .seconds(1)
    let left = done > 0 ? String(format: ", %.0f s left", seconds / done - seconds) : ""
    let text = String(format: "%3.0f %%  run %d of %d  ", 100 * done, min(progress.finished + 1, progress.total), progress.total)
      + progress.label + left
    if isTerminal {
      write("\r\u{1B}[K" + text + (progress.finished == progress.total ? "\n" : ""))
    } else if Int(done * 10) > lastTenth {
      lastTenth = Int(done * 10)
      write(text + "\n")
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
