import ArgumentParser

struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time parts of the work, and measure the machine's limits.",
    subcommands: [StepBenchmark.self, ImagesBenchmark.self, PeakBenchmark.self])
}
