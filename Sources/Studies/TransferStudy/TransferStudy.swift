public import BLAS
public import Datasets
import FeatureLearning
import Models
import NeuralNetworks
import Tensors
import Training

/// How large a transfer study is.
public struct TransferStudyOptions: Sendable, Hashable {
  /// Of everything that is drawn.
  public var seed: UInt64 = 1
  /// How many networks, each with a seed of its own; at least 2.
  public var seeds = 5
  /// Labelled images of each new digit.
  public var sizes = [5, 10, 30, 100, 300, 1000]
  /// The size at which layers are frozen one after the other.
  public var depthSize = 10
  /// Epochs of the networks on the digits 0 to 4.
  public var sourceEpochs = 3
  /// The updates of a network on the new digits, or four epochs where these are more.
  public var updates = 300
  /// Starts of each k-means.
  public var clusterStarts = 5
  /// Images in the pictures by t-SNE, at least 4.
  public var embedded = 1000

  /// The usual size.
  public init() {}

  func validate() throws(StudyError) {
    func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(StudyError) {
      guard range.contains(value) else {
        throw .option(name, expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(value)")
      }
    }
    try require("seeds", seeds, 2...100)
    guard !sizes.isEmpty else { throw .option("sizes", expected: "at least one size", found: "none") }
    for size in sizes { try require("sizes", size, 1...100_000) }
    try require("depth-size", depthSize, 1...100_000)
    try require("source-epochs", sourceEpochs, 1...10_000)
    try require("updates", updates, 1...10_000_000)
    try require("cluster-starts", clusterStarts, 1...10_000)
    try require("embedded", embedded, 4...10_000)
  }
}

/// What a LeNet-5 that was trained on the digits 0 to 4 knows of 5 to 9: transfer with few labels, and clusters without any.
public struct TransferStudy {
  /// How far a study is.
  public struct Progress: Sendable {
    /// What is being done.
    public let part: String
    /// The share of the part that is done, 0 to 1.
    public let fraction: Double
  }

  /// The name of the space of the images themselves.
  public static let pixels = "pixels"
  /// The name of the space of their leading 50 principal components.
  public static let components = "PCA"
  /// The name of the method that draws all parameters anew.
  public static let scratch = "scratch"
  /// The name of the method that trains all layers further.
  public static let fineTuned = "fine-tuned"
  /// The layers of LeNet-5 from the images up.
  public static let layers = ["c1", "s2", "c3", "s4", "c5", "f6", "output"]
  /// The layers through which networks are frozen; the last is all but the head.
  public static let frozenLayers = ["c1", "c3", "c5", "f6"]

  let options: TransferStudyOptions
  let pool: ThreadPool
  let (sourceTrain, sourceTest, targetTrain, targetTest): (Subset, Subset, Subset, Subset)

  /// A study of a set of the ten digits.
  ///
  /// - Throws: ``StudyError/option(_:expected:found:)`` for an option out of its range; `DatasetError` for data
  ///   without ten classes; `TransferError` for less than the largest size of a digit.
  public init(
    train: any Dataset, test: any Dataset, options: TransferStudyOptions = .init(), pool: ThreadPool = .shared
  ) throws {
    try options.validate()
    (self.options, self.pool) = (options, pool)
    let (old, new) = (Array(0..<5), Array(5..<10))
    (sourceTrain, sourceTest) = (try train.filtered(classes: old), try test.filtered(classes: old))
    (targetTrain, targetTest) = (try train.filtered(classes: new), try test.filtered(classes: new))
    // Known before the minutes of work that come first.
    let labels = try (0..<targetTrain.count).map { try targetTrain.classIndex(of: $0) }
    var generator = RandomGenerator(seed: 0)
    _ = try drawExamples(
      perClass: max(options.sizes.max() ?? 1, options.depthSize), labels: labels, classes: 5, generator: &generator)
  }

  /// Does all parts.
  ///
  /// - Parameters:
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: asked from any thread, now and then.
  /// - Throws: ``StudyError/stopped`` where `shouldStop` said so; `TransferError` where a digit has less images
  ///   than were asked for.
  public func run(
    progress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> TransferStudyResults {
    let start = ContinuousClock.now
    var results = TransferStudyResults(
      environment: .current(seed: options.seed, threads: pool.threadCount), options: described)
    func work(_ part: String) -> StudyWork {
      StudyWork(pool: pool, shouldStop: shouldStop) { progress(Progress(part: part, fraction: $0)) }
    }
    let sources = try work("networks of 0 to 4").map(options.seeds) { try trainSource($0) }
    results.sourceErrors = sources.map(\.error)
    results.runs = try transfer(sources, work("transfer to 5 to 9"))
    try cluster(sources, work("clusters"), into: &results)
    results.seconds = start.duration(to: .now) / .seconds(1)
    return results
  }

  /// A trained network of the digits 0 to 4.
  struct Source: Sendable {
    let weights: [String: Tensor<Float>]
    let error: Double
  }

  func seed(_ index: Int) -> UInt64 { options.seed &+ UInt64(index) }

  private func trainSource(_ index: Int) throws -> Source {
    let trainer = try Trainer(
      LeNet5.modernNetwork(classes: 5), input: [28, 28, 1], optimizer: SGD(learningRate: 0.04, momentum: 0.9),
      seed: seed(index), pool: pool)
    try trainer.fit(sourceTrain, epochs: options.sourceEpochs, batch: 64)
    return Source(weights: trainer.weights, error: try trainer.evaluate(sourceTest).error ?? .nan)
  }

  private struct Job: Sendable {
    let name: String
    let method: TransferMethod
    let perClass: Int
    let seed: Int
  }

  private func transfer(_ sources: [Source], _ work: StudyWork) throws -> [TransferStudyResults.Run] {
    var jobs: [Job] = []
    for seed in sources.indices {
      for size in options.sizes {
        jobs.append(Job(name: Self.scratch, method: .scratch, perClass: size, seed: seed))
        jobs.append(Job(name: Self.fineTuned, method: .fineTuned(decay: 1), perClass: size, seed: seed))
        jobs.append(Job(name: "f6", method: .frozen(through: "f6"), perClass: size, seed: seed))
      }
      for layer in Self.frozenLayers where layer != "f6" || !options.sizes.contains(options.depthSize) {
        jobs.append(Job(name: layer, method: .frozen(through: layer), perClass: options.depthSize, seed: seed))
      }
    }
    let labels = try (0..<targetTrain.count).map { try targetTrain.classIndex(of: $0) }
    // The long ones first, so that no thread ends with one alone.
    jobs.sort { ($1.perClass, $0.seed, $0.name) < ($0.perClass, $1.seed, $1.name) }
    return try work.map(jobs.count) { number in
      let job = jobs[number]
      // All methods of a seed learn from the same images, those of a smaller size first.
      var generator = RandomGenerator(seed: seed(job.seed), stream: "labelled images")
      let chosen = try drawExamples(perClass: job.perClass, labels: labels, classes: 5, generator: &generator)
      let data = try Subset(of: targetTrain, indices: chosen)
      let batch = min(32, data.count)
      let steps = (data.count + batch - 1) / batch
      let trainer = try Transfer(LeNet5.modernNetwork(classes: 5), weights: sources[job.seed].weights)
        .trainer(
          job.method, classes: 5, input: [28, 28, 1], optimizer: SGD(learningRate: 0.02, momentum: 0.9),
          seed: seed(job.seed) &+ 1000, pool: pool)
      try trainer.fit(data, epochs: max(4, (options.updates + steps - 1) / steps), batch: batch)
      return TransferStudyResults.Run(
        method: job.name, perClass: job.perClass, seed: job.seed, error: try trainer.evaluate(targetTest).error ?? .nan)
    }
  }

  private var described: [NamedText] {
    [
      NamedText("seeds", "\(options.seeds)"), NamedText("sizes", "\(options.sizes)"),
      NamedText("epochs on 0 to 4", "\(options.sourceEpochs)"), NamedText("updates on 5 to 9", "\(options.updates)"),
      NamedText("starts of k-means", "\(options.clusterStarts)"), NamedText("images of t-SNE", "\(options.embedded)"),
    ]
  }
}
