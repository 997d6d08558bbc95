import ArgumentParser
import Foundation
import Studies

/// What is compared, on what and for how long.
struct StudyArguments: ParsableArguments {
  @Option(help: "The data: shapeset (generated) or mnist.")
  var dataset = "shapeset"
  @Option(help: "The folder of MNIST's four IDX files, plain or .gz.")
  var dataDirectory: String?
  @Option(parsing: .upToNextOption, help: "Names, separated by commas or spaces, as glorot_uniform.")
  var initializers: [String] = []
  @Option(parsing: .upToNextOption, help: "tanh, sigmoid, softsign, relu, leaky_relu; separated by commas or spaces.")
  var activations: [String] = []
  @Option(parsing: .upToNextOption, help: "comparison, lenet5, scales, three_layer; all unless told.")
  var parts: [String] = []
  @Option(help: "Hidden layers of the fully connected network (5).")
  var depth: Int?
  @Option(help: "Units of each (100).")
  var width: Int?
  @Option(help: "Updates of the fully connected network (4000); the others keep their proportion unless told.")
  var steps: Int?
  @Option(name: .customLong("lenet-steps"), help: "Updates of LeNet-5 (1500).")
  var leNetSteps: Int?
  @Option(help: "Updates of the networks with weights of the wrong size and of the net of three layers (1500).")
  var scaleSteps: Int?
  @Option(help: "Seeds of each setting, at least 2 (3).")
  var seeds: Int?
  @Option(help: "Examples an update of the fully connected network (32).")
  var batch: Int?
  @Option(help: "The learning rate of the fully connected networks (0.02).")
  var learningRate: Double?
  @Option(help: "Their momentum (0.9).")
  var momentum: Double?
  @Option(help: "The standard deviation that the inputs are brought to (0.3).")
  var inputDeviation: Double?
  @Option(name: .customLong("lenet-input-deviation"), help: "The same for LeNet-5 (1).")
  var leNetInputDeviation: Double?
  @Option(help: "The first seed.")
  var seed: UInt64 = 1
  @Flag(help: "The paper's networks: 5 layers of 1000 units, batch 10, plain descent, 30,000 updates; an hour.")
  var paper = false

  /// The options that the arguments ask for.
  ///
  /// - Throws: `ValidationError` that names the first argument that is out of range.
  func studyOptions() throws -> InitializerStudyOptions {
    var options = paper ? InitializerStudyOptions.paper : InitializerStudyOptions()
    switch dataset {
    case "shapeset": options.dataset = .shapeset
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
    options.seed = seed
    do {
      try options.validate()
    } catch {
      throw ValidationError(error.description)
    }
    return options
  }
}
