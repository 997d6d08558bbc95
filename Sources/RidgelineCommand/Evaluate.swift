import ArgumentParser
import Foundation
import Ridgeline

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Measure the test error of saved weights.")

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @OptionGroup var data: DataOptions
  @Option(help: "Seed of generated data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let architecture: String
    let variant: String
    let dataset: String
    let testError: Double?
    let testLoss: Double
    let count: Int
  }

  mutating func validate() throws { try requirePath(weights, "--weights") }

  func run() throws {
    let (model, trainer, recorded) = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    let name = try data.name(for: weights, trainedOn: recorded)
    let evaluation = try trainer.evaluate(data.load(name, for: model, seed: seed).test)
    let report = Report(
      architecture: model.architecture, variant: model.variant, dataset: name.rawValue, testError: evaluation.error,
      testLoss: evaluation.loss, count: evaluation.count)
    if json { return try Output.json(report) }
    let error = evaluation.error.map { String(format: "test error %.2f %%, ", 100 * $0) } ?? ""
    try Output.line(
      "\(name.rawValue): \(error)" + String(format: "loss %.4f on %d examples", evaluation.loss, evaluation.count))
  }
}
