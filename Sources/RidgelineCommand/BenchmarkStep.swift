import ArgumentParser
import CAllocationCounter
import Foundation
import Ridgeline

struct StepBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Time a network's training step, or its inference, on random data.",
    discussion: """
      A step copies a batch that lies in memory, runs forward, backward and the update of stochastic gradient descent, and \
      reads the loss and the number of wrong answers, as in training; with --inference it runs forward alone.

      The mlp is that of Glorot and Bengio (2010): 1024 inputs, --depth tanh layers of --width units, 9 outputs, softmax \
      cross-entropy, a rate of 0.01 without momentum. Every other network is trained by its own recipe.

      With --json: model, batch, threads, steps, inference, median_ms, min_ms, gflops_direct (the operations of direct \
      convolutions and of products, forward and for both gradients, in the median time; fast algorithms make fewer), \
      fraction_of_peak (of the library's matrix products on as many threads, measured just after), plan_bytes (activations, \
      gradients and scratch of the compiled step), peak_rss_bytes (of the whole process before that), allocations_per_step \
      (of heap memory; null where they are not counted), and depth and width of an mlp.
      """)

  @Option(help: "The network: mlp, or a name that summary knows.")
  var model: String
  @Option(help: "Rows and columns of an image; the published network's unless told.")
  var input: Int?
  @Option(help: "Hidden layers of an mlp (5).")
  var depth: Int?
  @Option(help: "Units of each (1000).")
  var width: Int?
  @Option(help: "Examples a step.")
  var batch = 64
  @Option(help: "Steps that are timed, after as many, but at most 20, that are not.")
  var steps = 500
  @Option(help: "Seed of the weights and the data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var convolutionOptions: ConvolutionOptions
  @OptionGroup var memory: MemoryBudgetOptions
  @Flag(help: "Time inference instead of training.")
  var inference = false
  @Flag(help: "Then list every kernel call with its tasks and its mean time.")
  var profile = false
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let model: String
    let depth: Int?
    let width: Int?
    let batch: Int
    let threads: Int
    let steps: Int
    let inference: Bool
    let medianMs: Double
    let minMs: Double
    let gflopsDirect: Double
    let fractionOfPeak: Double?
    let planBytes: Int
    let peakRssBytes: Int
    let allocationsPerStep: Double?
  }

  mutating func validate() throws {
    let bounds: [(String, Int?, ClosedRange<Int>)] = [
      ("--depth", depth, 1...1_000), ("--width", width, 1...100_000), ("--batch", batch, 1...1_000_000),
      ("--steps", steps, 1...1_000_000),
    ]
    for (name, value, range) in bounds {
      if let value, !range.contains(value) {
        throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound), found \(value)")
      }
    }
    if inference, memory.bytes != nil {
      throw ValidationError("--memory-budget is about training; leave out --inference")
    }
    if json, profile { throw ValidationError("--profile prints a table; leave out --json") }
    if !isPerceptron, depth != nil || width != nil {
      throw ValidationError("--depth and --width are an mlp's; \(model) has its own layers")
    }
    if isPerceptron, input != nil { throw ValidationError("--input is the size of images; an mlp takes 1024 numbers") }
    // An mlp of any size can be asked for, and its weights are drawn before its step is planned.
    let (layers, units) = (Double(depth ?? 5), Double(width ?? 1_000))
    let bytes = isPerceptron ? 12 * (1_033 * units + (layers - 1) * units * units) : 0
    guard bytes < 0.8 * Double(ProcessMemory.availableBytes) else {
      throw ValidationError(
        String(format: "such a network needs about %.0f GB of memory, more than there is", bytes * 1e-9))
    }
  }

  private var isPerceptron: Bool { model == "mlp" }

  func run() throws {
    let pool = threads.pool()
    let trainer = try makeTrainer(pool)
    let needed = try trainer.memoryEstimate(batch: batch)
    let (wanted, available) = (needed.additional - needed.kept, ProcessMemory.availableBytes)
    guard inference || wanted < available else {
      throw TrainingError.memory(
        needed: wanted, available: available, batch: batch, largest: try largestBatch(trainer, within: available))
    }
    let timing = try trainer.time(
      inference ? .inference : .training, count: steps, batch: batch, warmUp: min(steps, 20),
      allocationCount: ridgeline_counts_allocations() == 1 ? { ridgeline_process_allocation_count() } : nil)
    let peakBytes = peakResidentBytes()
    let milliseconds = timing.seconds.map { 1e3 * $0 }.sorted()
    let median = (milliseconds[(steps - 1) / 2] + milliseconds[steps / 2]) / 2
    let operations = try 2 * (inference ? 1 : 3) * Double(batch) * Double(multiplyAdds())
    let rate = operations / median * 1e-6
    let peak = json ? MachinePeaks.measureProducts(pool: pool) : nil
    let report = Report(
      model: model, depth: isPerceptron ? depth ?? 5 : nil, width: isPerceptron ? width ?? 1_000 : nil,
      batch: batch, threads: pool.threadCount, steps: steps, inference: inference,
      medianMs: median, minMs: milliseconds[0], gflopsDirect: rate, fractionOfPeak: peak.map { rate / $0 },
      planBytes: timing.planBytes, peakRssBytes: peakBytes,
      allocationsPerStep: timing.allocations.map { Double($0) / Double(steps) })
    if json { return try Output.json(report) }
    let shape = isPerceptron ? " \(report.depth ?? 0) x \(report.width ?? 0)" : ""
    try Output.line(
      "\(model)\(shape), batch \(batch), \(pool.threadCount) thread\(pool.threadCount == 1 ? "" : "s"): "
        + String(format: "median %.3f ms, fastest %.3f ms ", report.medianMs, report.minMs)
        + "of \(steps) \(inference ? "inferences" : "training steps")"
        + String(
          format: "; %.0f GFLOP/s of direct products; plan %.1f MB, peak memory %.1f MB", rate,
          Double(report.planBytes) * 1e-6, Double(report.peakRssBytes) * 1e-6))
    guard profile else { return }
    for kernel in try trainer.profile(inference ? .inference : .training, runs: steps, batch: batch) {
      try Output.line(String(format: "%9.1f us %5d tasks  ", 1e6 * kernel.seconds, kernel.tasks) + kernel.label)
    }
  }

  /// The largest batch below the one that was asked for whose training takes so much memory at most; nil where none does.
  private func largestBatch(_ trainer: Trainer, within available: Int) throws -> Int? {
    var (fitting, tooLarge) = (0, batch)
    while tooLarge - fitting > 1 {
      let middle = fitting + (tooLarge - fitting) / 2
      let needed = try trainer.memoryEstimate(batch: middle)
      if needed.additional - needed.kept < available { fitting = middle } else { tooLarge = middle }
    }
    return fitting > 0 ? fitting : nil
  }

  /// Of one example's forward pass.
  private func multiplyAdds() throws -> Int {
    guard isPerceptron else {
      let model = try Model(named: model, input: input)
      return try NetworkSummary(model.network, input: model.inputShape).multiplyAdds
    }
    return try NetworkSummary(perceptron, input: [1024]).multiplyAdds
  }

  private var perceptron: Sequential {
    Sequential {
      for layer in 1...(depth ?? 5) { Dense(width ?? 1_000, activation: .tanh, name: "hidden\(layer)") }
      Dense(9, name: "output")
    }
  }

  private func makeTrainer(_ pool: ThreadPool) throws -> Trainer {
    guard isPerceptron else {
      var network = try Model(named: model, input: input)
      network.network = try convolutionOptions.applied(to: network.network)
      return try network.makeTrainer(steps: steps + 20, seed: seed, memoryBudget: memory.bytes, pool: pool)
    }
    return try Trainer(
      convolutionOptions.applied(to: perceptron), input: [1024], optimizer: SGD(learningRate: 0.01), seed: seed,
      memoryBudget: memory.bytes, pool: pool)
  }
}
