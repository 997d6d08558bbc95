public import BLAS
import Models
import NeuralNetworks
import Tensors

/// Compares weight initializers on real training runs: what layers hold at the start, and what comes of it.
///
/// Source of the questions: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (2010).
public struct InitializerStudy: Sendable {
  /// What is run.
  public let options: InitializerStudyOptions

  /// A study; nothing runs yet.
  public init(_ options: InitializerStudyOptions = InitializerStudyOptions()) { self.options = options }

  /// Where the study stands.
  public struct Progress: Sendable {
    /// Finished runs.
    public let finished: Int
    /// All runs.
    public let total: Int
    /// What is being run, as in `mlp tanh glorot_uniform, seed 2`.
    public let label: String
  }

  /// Runs everything.
  ///
  /// - Parameters:
  ///   - pool: the threads; results do not depend on how many there are.
  ///   - shouldStop: asked now and then; `true` ends the study with ``InitializerStudyError/stopped``.
  ///   - progress: called before each run.
  /// - Throws: ``InitializerStudyError`` for options that make no study, and what reading the data throws.
  public func run(
    pool: ThreadPool = .shared, shouldStop: () -> Bool = { false }, progress: (Progress) -> Void = { _ in }
  ) throws -> InitializerStudyResults {
    let start = ContinuousClock.now
    let initializers = try options.validated()
    let examples = try StudyExamples(options)
    let settings = try settings(initializers, examples)
    let runner = InitializerRunner(options: options, examples: examples, pool: pool)
    var runs: [InitializerRun] = []
    for (index, setting) in settings.enumerated() {
      if shouldStop() { throw InitializerStudyError.stopped }
      progress(
        Progress(
          finished: index, total: settings.count,
          label: "\(setting.model) \(setting.activation) \(setting.label), seed \(setting.seed)"))
      runs.append(try runner.run(setting, shouldStop: shouldStop))
    }
    progress(Progress(finished: settings.count, total: settings.count, label: "done"))
    return InitializerStudyResults(
      environment: .current(threads: pool.threadCount, seed: options.seed),
      study: StudyDescription(
        options, examples, initializers, seconds: start.duration(to: .now) / .seconds(1)), runs: runs)
  }

  // MARK: What is run

  private func settings(
    _ initializers: [Initializer], _ examples: StudyExamples
  ) throws -> [InitializerRunner.Setting] {
    var settings: [InitializerRunner.Setting] = []
    let seeds = (0..<options.seeds).map { options.seed &+ UInt64($0) }
    let few = ["standard", "glorot_uniform", "he_normal"]
    for (position, activation) in options.activations.enumerated() {
      let chosen = position == 0 ? initializers : initializers.filter { few.contains($0.name) }
      for initializer in chosen.isEmpty ? initializers : chosen {
        for seed in seeds {
          settings.append(perceptron(initializer, activation, seed, examples))
        }
      }
    }
    if options.lenetSteps > 0 {
      for initializer in initializers {
        for seed in seeds {
          settings.append(
            .init(
              model: "lenet5",
              network: LeNet5.modernNetwork(
                kernelInitializer: initializer, activation: options.activations[0], classes: examples.classCount),
              initializer: initializer, activation: options.activations[0], seed: seed, steps: options.lenetSteps,
              batch: 30))
        }
      }
    }
    if options.includesSmallExperiments {
      settings += scales(seeds, examples)
      settings += threeLayers(seeds)
    }
    return settings
  }

  private func network(
    _ initializer: Initializer, _ activation: ActivationFunction, depth: Int, width: Int, outputs: Int
  ) -> Sequential {
    Sequential {
      Flatten()
      for _ in 0..<depth { Dense(width, activation: activation, kernelInitializer: initializer) }
      Dense(outputs, kernelInitializer: initializer, name: "output")
    }
  }

  private func perceptron(
    _ initializer: Initializer, _ activation: ActivationFunction, _ seed: UInt64, _ examples: StudyExamples
  ) -> InitializerRunner.Setting {
    .init(
      model: "mlp",
      network: network(
        initializer, activation, depth: options.depth, width: options.width, outputs: examples.classCount),
      initializer: initializer, activation: activation, seed: seed, steps: options.steps, batch: options.batch,
      hasTheory: true, probesDerivatives: ["zeros", "glorot_uniform"].contains(initializer.name))
  }

  /// Normal weights too small, about right and too large for their layer.
  private func scales(_ seeds: [UInt64], _ examples: StudyExamples) -> [InitializerRunner.Setting] {
    let right = (1 / Double(options.width)).squareRoot()
    return [ActivationFunction.sigmoid, .tanh, .relu, .leakyRelu].flatMap { activation in
      [0.01, right, 1.0].flatMap { deviation in
        seeds.map { seed in
          let initializer = Initializer.randomNormal(standardDeviation: deviation)
          var setting = perceptron(initializer, activation, seed, examples)
          setting = InitializerRunner.Setting(
            experiment: .scales, model: setting.model, network: setting.network, initializer: initializer,
            activation: activation, seed: seed, steps: max(1, options.steps / 6), batch: options.batch,
            weightDeviation: deviation)
          return setting
        }
      }
    }
  }

  /// ReLU, ReLU, ReLU and one sigmoid output on two balanced classes.
  private func threeLayers(_ seeds: [UInt64]) -> [InitializerRunner.Setting] {
    [Initializer.zeros, .glorotUniform, .heNormal].flatMap { initializer in
      seeds.map { seed in
        .init(
          experiment: .threeLayer, model: "three_layer",
          network: network(initializer, .relu, depth: 3, width: min(options.width, 100), outputs: 1),
          initializer: initializer, activation: .relu, seed: seed, steps: max(1, options.steps / 6),
          batch: options.batch + options.batch % 2, loss: .sigmoidCrossEntropy)
      }
    }
  }
}
