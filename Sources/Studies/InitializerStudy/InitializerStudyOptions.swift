public import Foundation
public import NeuralNetworks
import Tensors

/// What the initializer study runs.
public struct InitializerStudyOptions: Sendable {
  /// The data to learn from.
  public enum Data: Sendable, Hashable {
    /// Shapeset-3x2, generated.
    case shapeset
    /// MNIST's IDX files in a folder.
    case mnist(directory: URL)
  }

  /// The data.
  public var data = Data.shapeset
  /// The initializers of the comparison with tanh, by name.
  public var initializers = [
    "zeros", "random_uniform", "standard", "lecun_uniform", "glorot_uniform", "glorot_normal", "he_normal", "orthogonal",
  ]
  /// The activation functions; those after the first run with `standard`, `glorot_uniform` and `he_normal` alone.
  public var activations: [ActivationFunction] = [.tanh, .sigmoid, .softsign, .relu, .leakyRelu]
  /// Hidden layers of the multi-layer perceptron.
  public var depth = 5
  /// Units of each hidden layer.
  public var width = 200
  /// Examples an update.
  public var batch = 10
  /// Updates of a run.
  public var steps = 6_000
  /// Updates of a LeNet-5 run; 0 leaves LeNet-5 out.
  public var lenetSteps = 800
  /// How many seeds; intervals need two at least.
  public var seeds = 3
  /// The first seed; the others follow it.
  public var seed: UInt64 = 1
  /// The learning rate of plain gradient descent.
  public var learningRate = 0.1
  /// The standard deviation that inputs are scaled to, about a mean of 0.
  public var inputDeviation = 0.3
  /// Whether the small experiments (scales of random weights, the three-layer network) run too.
  public var includesSmallExperiments = true

  /// The default run: about two minutes on two cores.
  public init() {}

  /// The paper's networks, 5 layers of 1000 units at batch 10, with as many updates as an hour on two cores allows.
  public static var paper: InitializerStudyOptions {
    var options = InitializerStudyOptions()
    options.width = 1000
    options.steps = 20_000
    options.seeds = 2
    options.initializers = ["standard", "glorot_uniform"]
    options.activations = [.tanh, .softsign, .sigmoid]
    options.lenetSteps = 0
    options.includesSmallExperiments = false
    return options
  }

  /// The initializers by value.
  ///
  /// - Throws: ``InitializerStudyError`` for a number that makes no study, `InitializerError` for an unknown initializer.
  func validated() throws -> [Initializer] {
    for (name, value) in [
      ("depth", depth), ("width", width), ("batch", batch), ("steps", steps), ("seeds", seeds),
    ] where value < 1 {
      throw InitializerStudyError.notPositive(name: name, value: value)
    }
    guard lenetSteps >= 0 else { throw InitializerStudyError.notPositive(name: "LeNet-5 steps", value: lenetSteps) }
    guard learningRate.isFinite, learningRate > 0, inputDeviation.isFinite, inputDeviation > 0 else {
      throw InitializerStudyError.notANumberAboveZero
    }
    guard !initializers.isEmpty, !activations.isEmpty else { throw InitializerStudyError.nothingToCompare }
    return try initializers.map { try Initializer(named: $0) }
  }
}

/// Why a study cannot run.
public enum InitializerStudyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A count below 1.
  case notPositive(name: String, value: Int)
  /// A learning rate or an input deviation that is not finite and above 0.
  case notANumberAboveZero
  /// No initializer or no activation function.
  case nothingToCompare
  /// Ctrl-C, or whoever asked to stop.
  case stopped

  public var description: String {
    switch self {
    case .notPositive(let name, let value): "\(name) is a number from 1 up, found \(value)"
    case .notANumberAboveZero: "the learning rate and the input deviation are finite numbers above 0"
    case .nothingToCompare: "a study needs at least one initializer and one activation function"
    case .stopped: "the study was stopped before its end; nothing was written"
    }
  }
}
