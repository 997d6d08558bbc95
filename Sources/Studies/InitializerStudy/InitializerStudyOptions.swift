public import Foundation
import NeuralNetworks
import Tensors

/// What an initializer study compares, on what and for how long.
///
/// ```swift
/// var options = InitializerStudyOptions()
/// options.initializers = ["standard", "glorot_uniform"]
/// options.width = 1000
/// let results = try InitializerStudy(options).run()
/// ```
public struct InitializerStudyOptions: Sendable, Hashable {
  /// Where the examples come from.
  public enum DataSource: Sendable, Hashable {
    /// Shapeset-3x2, generated without end.
    case shapeset
    /// MNIST's four IDX files in a folder.
    case mnist(directory: URL)
  }

  /// The parts of the study, each of which may be left out.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    /// The network of fully connected layers under every initializer and activation.
    case comparison
    /// LeNet-5 under every initializer.
    case leNet5 = "lenet5"
    /// Random weights from far too small to far too large.
    case scales
    /// The net of three layers with ReLU and a sigmoid output.
    case threeLayer = "three_layer"
  }

  /// The data; Shapeset unless told.
  public var dataset = DataSource.shapeset
  /// The initializers by name, in the order of the tables; ``initializerNames`` are known.
  public var initializers = [
    "zeros", "standard", "random_uniform", "lecun_uniform", "glorot_uniform", "glorot_normal", "he_normal",
    "orthogonal",
  ]
  /// The activations of the fully connected network by name.
  public var activations = ["tanh", "sigmoid", "relu"]
  /// The parts to run.
  public var parts = Part.allCases
  /// How many hidden layers the fully connected network has.
  public var depth = 5
  /// How many units each of them has.
  public var width = 100
  /// Updates of the fully connected network in the comparison.
  ///
  /// With the other lengths about two minutes on two cores, long enough to tell what learns from what stagnates.
  public var steps = 2000
  /// Updates of LeNet-5.
  public var leNetSteps = 1500
  /// Updates of the networks with weights of the wrong size and of the net of three layers.
  public var scaleSteps = 1500
  /// How many seeds each setting is run with, at least 2 so that there are intervals.
  public var seeds = 3
  /// Examples an update of the fully connected network.
  public var batch = 32
  /// The learning rate of the fully connected networks.
  public var learningRate = 0.03
  /// Their momentum μ: v ← μ·v + gradient, w ← w - rate·v; 0 for plain descent.
  public var momentum = 0.9
  /// The standard deviation that the inputs of the fully connected networks are brought to; 0.3 keeps tanh in its linear
  /// range.
  public var inputDeviation = 0.3
  /// That of LeNet-5's inputs: nothing is compared with a linear theory there, and it learns faster.
  public var leNetInputDeviation = 1.0
  /// The first seed; the runs count on from it.
  public var seed: UInt64 = 1
  /// How many test examples the statistics are taken on.
  public var statisticsCount = 300
  /// How many test examples the test error is taken on, those of the statistics among them.
  public var testCount = 1000

  /// The defaults.
  public init() {}

  /// The setting of Glorot and Bengio (2010): 5 layers of 1000 units, batches of 10, tanh and softsign, the standard
  /// initialisation and theirs, plain descent; 30,000 updates, about what an hour on two cores allows (the paper makes millions).
  public static let paper: InitializerStudyOptions = {
    var options = InitializerStudyOptions()
    options.initializers = ["standard", "glorot_uniform"]
    options.activations = ["tanh", "softsign", "sigmoid"]
    options.parts = [.comparison]
    options.width = 1000
    options.batch = 10
    options.learningRate = 0.1
    options.momentum = 0
    options.steps = 30_000
    options.testCount = 5000
    return options
  }()

  /// How many training runs the study makes: every setting with every seed.
  public var runCount: Int {
    let settings = Set(parts).reduce(0) { sum, part in
      switch part {
      case .comparison: sum + initializers.count * activations.count
      case .leNet5: sum + initializers.count
      case .scales: sum + StudyCatalogue.scales.count * StudyCatalogue.scaleActivations.count
      case .threeLayer: sum + StudyCatalogue.threeLayerInitializers.count
      }
    }
    return settings * seeds
  }

  /// The name of the data in results.
  public var datasetName: String {
    switch dataset {
    case .shapeset: "shapeset"
    case .mnist: "mnist"
    }
  }

  /// Checks every option.
  ///
  /// - Throws: ``InitializerStudyError`` that names the first option out of range, with what was expected.
  public func validate() throws(InitializerStudyError) {
    func require(_ holds: Bool, _ option: String, _ found: some Any, _ expected: String) throws(InitializerStudyError) {
      if !holds { throw .option(option, expected: expected, found: "\(found)") }
    }
    try require((1...100).contains(depth), "depth", depth, "1 to 100 hidden layers")
    try require((1...8192).contains(width), "width", width, "1 to 8192 units")
    try require((1...100_000_000).contains(steps), "steps", steps, "1 to 100000000 updates")
    try require((1...100_000_000).contains(leNetSteps), "lenet-steps", leNetSteps, "1 to 100000000 updates")
    try require((1...100_000_000).contains(scaleSteps), "scale-steps", scaleSteps, "1 to 100000000 updates")
    try require((2...1000).contains(seeds), "seeds", seeds, "2 to 1000, since intervals need at least two seeds")
    try require((1...10_000).contains(batch), "batch", batch, "1 to 10000 examples")
    try require(
      learningRate.isFinite && learningRate > 0, "learning-rate", learningRate, "a positive number")
    try require((0..<1).contains(momentum), "momentum", momentum, "0 or more and less than 1")
    // Beyond these, pixels and their sums of squares leave single precision.
    let deviations = 1e-6...1e6
    try require(
      deviations.contains(leNetInputDeviation), "lenet-input-deviation", leNetInputDeviation, "0.000001 to 1000000")
    try require(deviations.contains(inputDeviation), "input-deviation", inputDeviation, "0.000001 to 1000000")
    try require(statisticsCount >= 2, "statisticsCount", statisticsCount, "at least 2 examples")
    try require(
      testCount >= statisticsCount, "testCount", testCount, "at least the \(statisticsCount) of the statistics")
    try require(seed <= .max - 1000, "seed", seed, "at most \(UInt64.max - 1000)")
    try require(
      !parts.isEmpty, "parts", "none", "at least one of \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
    try require(!initializers.isEmpty, "initializers", "none", "at least one name")
    try require(!activations.isEmpty, "activations", "none", "at least one name")
    try require(Set(initializers).count == initializers.count, "initializers", initializers, "names without repetition")
    try require(Set(activations).count == activations.count, "activations", activations, "names without repetition")
    for name in initializers { _ = try Self.initializer(named: name) }
    for name in activations { _ = try Self.activation(named: name) }
  }

  /// The activations that the study knows.
  public static let activationNames = ["tanh", "sigmoid", "softsign", "relu", "leaky_relu"]

  /// The initializers that the study knows, sorted: those of `Initializer.named`, `constant` (0.01) and `lsuv`.
  public static let initializerNames: [String] = StudyInitializer.named.keys.sorted()

  static func initializer(named name: String) throws(InitializerStudyError) -> StudyInitializer {
    guard let initializer = StudyInitializer.named[name] else {
      throw .unknownName(option: "initializers", name, known: initializerNames)
    }
    return initializer
  }

  static func activation(named name: String) throws(InitializerStudyError) -> ActivationFunction {
    guard activationNames.contains(name), let activation = ActivationFunction(named: name) else {
      throw .unknownName(option: "activations", name, known: activationNames)
    }
    return activation
  }
}
