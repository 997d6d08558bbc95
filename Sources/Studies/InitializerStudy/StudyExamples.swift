import Datasets
import Tensors

/// The data of a study: what is learnt from, what errors are measured on, and the fixed examples of the statistics.
struct StudyExamples {
  /// The data of one experiment.
  struct Halves {
    let shape: Shape
    let test: any Dataset
    let statistics: any Dataset
    let inputMeanSquare: Double
    /// Whether the order of the training examples is part of the experiment, or they never repeat.
    let isOrdered: Bool
    let make: @Sendable (UInt64) -> any Dataset

    func training(seed: UInt64) -> any Dataset { make(seed) }
  }

  let name: String
  let normalisation: String
  let classCount: Int
  private let main: Halves
  private let pairs: Halves

  /// How many examples the statistics are taken on, as in the paper.
  static let statisticsCount = 300

  init(_ options: InitializerStudyOptions) throws {
    let deviation = options.inputDeviation
    let train: any Dataset
    let test: any Dataset
    switch options.data {
    case .shapeset:
      let scaling = PixelScaling.shapeset(deviation: deviation)
      name = "shapeset"
      train = Shapeset(seed: options.seed, count: 20_000, stream: .training, scaling: scaling)
      test = Shapeset(seed: options.seed, count: 2_000, stream: .test, scaling: scaling)
      normalisation =
        "Pixels are shifted and scaled by fixed numbers so that inputs have mean 0 and standard deviation \(deviation)."
    case .mnist(let directory):
      let scaling = PixelScaling.standardised(MNIST.trainingStatistics, to: deviation)
      let mnist = try MNIST(directory: directory, scaling: scaling)
      name = "mnist"
      train = mnist.train
      test = mnist.test.prefix(5_000)
      normalisation =
        "Pixels are shifted and scaled by the training set's mean and deviation so that inputs have mean 0 and standard "
        + "deviation \(deviation)."
    }
    classCount = test.classNames.count
    let statistics = test.prefix(Self.statisticsCount)
    let sample = try statistics.batch()
    let square = sample.inputs.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(sample.inputs.count)
    let isGenerated = options.data == .shapeset
    let scaling = PixelScaling.shapeset(deviation: deviation)
    main = Halves(
      shape: test.exampleShape, test: test, statistics: statistics, inputMeanSquare: square, isOrdered: isGenerated
    ) { seed in
      isGenerated ? Shapeset(seed: seed, count: 20_000, stream: .training, scaling: scaling) : train
    }
    pairs = try Self.balancedPairs(train.prefix(6_000), test, square)
  }

  func data(for experiment: InitializerExperiment) -> Halves { experiment == .threeLayer ? pairs : main }

  /// Two classes in turn, so that every batch of an even size holds as many of one as of the other.
  private static func balancedPairs(_ train: any Dataset, _ test: any Dataset, _ meanSquare: Double) throws -> Halves {
    let training = try alternating(train)
    let testing = try alternating(test)
    return Halves(
      shape: train.exampleShape, test: testing, statistics: testing.prefix(100), inputMeanSquare: meanSquare,
      isOrdered: true
    ) { _ in training }
  }

  private static func alternating(_ data: any Dataset) throws -> TensorDataset {
    let classes = try (0..<data.count).map { try data.classIndex(of: $0) }
    let zeros = classes.indices.filter { classes[$0] == 0 }
    let ones = classes.indices.filter { classes[$0] == 1 }
    let order = zip(zeros, ones).flatMap { [$0, $1] }
    let batch = try data.batch(order)
    return try TensorDataset(inputs: batch.inputs, targets: Tensor([order.count, 1], batch.targets.elements))
  }
}
