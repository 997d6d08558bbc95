import ArgumentParser
import Foundation
import Ridgeline
import Terminal

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network and report its test error.",
    discussion: "Ctrl-C stops after the current step and keeps the weights; a second one ends the program at once.")

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var data: DataOptions

  @Option(help: "Passes over the training data; the recipe's where not given.")
  var epochs: Int?
  @Option(help: "Examples a step; the recipe's where not given.")
  var batch: Int?
  @Option(help: "The learning rate at the start; the recipe's where not given.")
  var learningRate: Double?
  @Option(help: "Seed of the weights and of the order of the examples.")
  var seed: UInt64 = 1
  @Option(help: "Where to write the weights (safetensors).")
  var output: String?
  @Flag(help: "End with one line of JSON.")
  var json = false

  mutating func validate() throws {
    if let epochs, !(0...1_000_000).contains(epochs) {
      throw ValidationError("--epochs is 0 to 1,000,000, found \(epochs)")
    }
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate is a finite number above 0, found \(learningRate)")
    }
  }

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let testError: Double?
    let testLoss: Double
    let trainLoss: Double?
    let epochs: Int
    let seconds: Double
    let secondsPerEpoch: Double?
    let peakRssBytes: Int
    let interrupted: Bool
  }

  func run() throws {
    let model = try modelOptions.model()
    var recipe = model.recipe
    recipe.batch = batch ?? recipe.batch
    recipe.epochs = epochs ?? recipe.epochs
    if let learningRate { try recipe.setLearningRate(learningRate) }
    // A place that cannot be written is better known before an hour of training than after it.
    let destination = output.map { URL(fileURLWithPath: $0) }
    if let destination { try WeightsFile.checkWritable(destination) }
    let (train, test) = try data.load(for: model, seed: seed)
    let stepsPerEpoch = (train.count - 1) / recipe.batch + 1
    let trainer = try model.makeTrainer(recipe: recipe, steps: max(1, recipe.epochs * stepsPerEpoch), seed: seed)

    Interrupt.watch()
    let line = ProgressLine()
    let start = ContinuousClock.now
    let history = try trainer.fit(
      train, epochs: recipe.epochs, batch: recipe.batch, validation: test,
      shouldStop: { Interrupt.wasPressed }, progress: { line.show($0) })
    let seconds = start.duration(to: .now) / .seconds(1)
    if history.wasStopped {
      FileHandle.standardError.write(Data("\nstopped at step \(trainer.stepCount); the weights are kept\n".utf8))
    }
    let evaluation = try trainer.evaluate(test)
    if let destination {
      try WeightsFile.write(trainer, model: model, to: destination)
      if !json { print("weights: \(destination.path)") }
    }
    let times = history.epochs.map(\.seconds)
    let report = Report(
      testError: evaluation.error, testLoss: evaluation.loss, trainLoss: history.epochs.last?.loss,
      epochs: history.epochs.count, seconds: seconds,
      secondsPerEpoch: times.isEmpty ? nil : times.sorted()[times.count / 2], peakRssBytes: peakResidentBytes(),
      interrupted: history.wasStopped)
    if json {
      try printJSON(report)
    } else {
      let error = evaluation.error.map { String(format: "test error %.2f %%, ", 100 * $0) } ?? ""
      print(error + String(format: "test loss %.4f, %.1f s", evaluation.loss, seconds))
    }
  }
}
