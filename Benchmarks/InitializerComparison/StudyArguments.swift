import ArgumentParser
import Foundation
import Studies

private let usual = InitializerStudyOptions()

/// What is compared, on what and for how long.
struct StudyArguments: ParsableArguments {
  @Option(
    help: "The data: shapeset (generated) or mnist. Unless told mnist where --data-directory is given, else shapeset.")
  var dataset: String?
  @Option(help: "The folder of MNIST's four IDX files, plain or .gz.")
  var dataDirectory: String?
  @Option(
    parsing: .upToNextOption,
    help: """
      Names, separated by commas or spaces: \(InitializerStudyOptions.initializerNames.joined(separator: ", ")). identity \
      and dirac are the same: each layer gets the one that exists for it. lsuv looks at the first batch of training.
      """)
  var initializers: [String] = []
  @Option(parsing: .upToNextOption, help: "tanh, sigmoid, softsign, relu, leaky_relu; separated by commas or spaces.")
  var activations: [String] = []
  @Option(parsing: .upToNextOption, help: "comparison, lenet5, scales, three_layer; all unless told.")
  var parts: [String] = []
  @Option(help: "Hidden layers of the fully connected network (\(usual.depth)).")
  var depth: Int?
  @Option(help: "Units of each (\(usual.width)).")
  var width: Int?
  @Option(
    help: "Updates of the fully connected network (\(usual.steps)); the others keep their proportion unless told.")
  var steps: Int?
  @Option(name: .customLong("lenet-steps"), help: "Updates of LeNet-5 (\(usual.leNetSteps)).")
  var leNetSteps: Int?
  @Option(
    help: "Updates of the networks with weights of the wrong size and of the net of three layers (\(usual.scaleSteps))."
  )
  var scaleSteps: Int?
  @Option(help: "Seeds of each setting, at least 2 (\(usual.seeds)).")
  var seeds: Int?
  @Option(help: "Examples an update of the fully connected network (\(usual.batch)).")
  var batch: Int?
  @Option(help: "The learning rate of the fully connected networks (\(usual.learningRate)).")
  var learningRate: Double?
  @Option(help: "Their momentum (\(usual.momentum)).")
  var momentum: Double?
  @Option(help: "The standard deviation that the inputs are brought to (\(usual.inputDeviation)).")
  var inputDeviation: Double?
  @Option(name: .customLong("lenet-input-deviation"), help: "The same for LeNet-5 (\(usual.leNetInputDeviation)).")
  var leNetInputDeviation: Double?
  @Option(help: "The first seed (\(usual.seed)).")
  var seed: UInt64?
  @Flag(help: "The paper's networks: 5 layers of 1000 units, batch 10, plain descent, 30,000 updates; an hour.")
  var paper = false

  /// The options that were given, by their names.
  var given: [String] {
    let all: [(name: String, isGiven: Bool)] = [
      ("--dataset", dataset != nil), ("--data-directory", dataDirectory != nil),
      ("--initializers", !initializers.isEmpty), ("--activations", !activations.isEmpty), ("--parts", !parts.isEmpty),
      ("--depth", depth != nil), ("--width", width != nil), ("--steps", steps != nil),
      ("--lenet-steps", leNetSteps != nil), ("--scale-steps", scaleSteps != nil), ("--seeds", seeds != nil),
      ("--batch", batch != nil), ("--learning-rate", learningRate != nil), ("--momentum", momentum != nil),
      ("--input-deviation", inputDeviation != nil), ("--lenet-input-deviation", leNetInputDeviation != nil),
      ("--seed", seed != nil), ("--paper", paper),
    ]
    return all.filter(\.isGiven).map(\.name)
  }

  /// The options that the arguments ask for.
  ///
  /// - Throws: `ValidationError` that names the first argument that is out of range.
  func studyOptions() throws -> InitializerStudyOptions {
    var options = paper ? InitializerStudyOptions.paper : InitializerStudyOptions()
    let dataset = dataset ?? (dataDirectory == nil ? "shapeset" : "mnist")
    switch dataset {
    case "shapeset":
      guard dataDirectory == nil else {
        throw ValidationError("--dataset shapeset is generated; leave out --data-directory, or take --dataset mnist")
      }
      options.dataset = .shapeset
    case "mnist":
      guard let dataDirectory else {
        throw ValidationError("--dataset mnist needs --data-directory; scripts/fetch-mnist downloads the files")
      }
      options.dataset = .mnist(directory: URL(fileURLWithPath: dataDirectory))
    default: throw ValidationError("--dataset expected shapeset or mnist, found '\(dataset)'")
    }
    func names(_ list: [String]) -> [String] {
      list.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }.filter { !$0.isEmpty }
    }
    if !initializers.isEmpty { options.initializers = names(initializers) }
    if !activations.isEmpty { options.activations = names(activations) }
    if !parts.isEmpty {
      options.parts = try names(parts).map { name in
        guard let part = InitializerStudyOptions.Part(rawValue: name) else {
          throw ValidationError("--parts has no '\(name)'; known are comparison, lenet5, scales, three_layer")
        }
        return part
      }
    }
    options.depth = depth ?? options.depth
    options.width = width ?? options.width
    let share = Double(steps ?? options.steps) / Double(options.steps)
    func inProportion(_ count: Int) -> Int { max(1, Int(min(share * Double(count), 1e8))) }
    options.leNetSteps = leNetSteps ?? inProportion(options.leNetSteps)
    options.scaleSteps = scaleSteps ?? inProportion(options.scaleSteps)
    options.steps = steps ?? options.steps
    options.seeds = seeds ?? options.seeds
    options.batch = batch ?? options.batch
    options.learningRate = learningRate ?? options.learningRate
    options.momentum = momentum ?? options.momentum
    options.leNetInputDeviation = leNetInputDeviation ?? options.leNetInputDeviation
    options.inputDeviation = inputDeviation ?? options.inputDeviation
    options.seed = seed ?? options.seed
    do {
      try options.validate()
    } catch {
      throw ValidationError(error.description)
    }
    return options
  }
}
