import Foundation
import NeuralNetworks
import Tensors

/// Every run of a study, in the order of the tables.
struct StudyCatalogue: Sendable {
  let runOptions: InitializerStudyOptions
  let runs: [StudyRun]
  /// The runs that differ by their seed alone, as indices.
  let settings: [[Int]]

  /// The standard deviations of the random weights of the wrong size, and of the right one among them.
  static let scales = [0.001, 0.01, 0.1, 1]
  static let scaleActivations = ["sigmoid", "tanh", "relu", "leaky_relu"]
  static let threeLayerInitializers = ["zeros", "he_normal"]
  static let leNetBatch = 32
  static let leNetOptimizer = SGD(learningRate: 0.05, momentum: 0.9)
  /// A power of two, so that a mean over a balanced batch is exact.
  static let threeLayerBatch = 16

  init(_ options: InitializerStudyOptions, _ data: StudyData) throws {
    runOptions = options
    var runs: [StudyRun] = []
    var settings: [[Int]] = []
    func add(
      _ experiment: InitializerExperiment, _ model: String, _ name: String, _ initializer: StudyInitializer,
      _ activation: String, _ network: StudyNetwork, steps: Int, batch: Int, _ optimizer: SGD
    ) {
      settings.append(Array(runs.count..<runs.count + options.seeds))
      for offset in 0..<options.seeds {
        runs.append(
          StudyRun(
            experiment: experiment, model: model, initializerName: name, initializer: initializer,
            activationName: activation, network: network, seed: options.seed + UInt64(offset), steps: steps,
            batch: batch, optimizer: optimizer,
            inputDeviation: model == "lenet5" ? options.leNetInputDeviation : options.inputDeviation))
      }
    }
    let descent = SGD(learningRate: options.learningRate, momentum: options.momentum)
    func perceptron(_ activation: String, _ initializer: StudyInitializer) throws -> StudyNetwork {
      .multilayerPerceptron(
        depth: options.depth, width: options.width, classes: data.classCount,
        activation: try InitializerStudyOptions.activation(named: activation), initializer: initializer)
    }
    let initializers = try options.initializers.map { name in
      (name: name, value: try InitializerStudyOptions.initializer(named: name))
    }
    if options.parts.contains(.comparison) {
      for activation in options.activations {
        for (name, value) in initializers {
          add(
            .comparison, "mlp", name, value, activation, try perceptron(activation, value), steps: options.steps,
            batch: options.batch, descent)
        }
      }
    }
    if options.parts.contains(.leNet5) {
      for (name, value) in initializers {
        add(
          .comparison, "lenet5", name, value, "tanh", .leNet5(classes: data.classCount, initializer: value),
          steps: options.leNetSteps, batch: Self.leNetBatch, Self.leNetOptimizer)
      }
    }
    if options.parts.contains(.scales) {
      for activation in Self.scaleActivations {
        for scale in Self.scales {
          let value = StudyInitializer(.randomNormal(standardDeviation: scale))
          add(
            .scales, "mlp", "random_normal_\(scale.formatted)", value, activation,
            try perceptron(activation, value), steps: options.scaleSteps, batch: options.batch, descent)
        }
      }
    }
    if options.parts.contains(.threeLayer) {
      for name in Self.threeLayerInitializers {
        let value = try InitializerStudyOptions.initializer(named: name)
        add(
          .threeLayer, "three_layer", name, value, "relu", .threeLayers(activation: .relu, initializer: value),
          steps: options.scaleSteps, batch: Self.threeLayerBatch, descent)
      }
    }
    self.runs = runs
    self.settings = settings
  }
}

extension Double {
  /// "0.001", "1": without a trailing ".0".
  fileprivate var formatted: String { self == rounded() ? String(Int(self)) : String(self) }
}
