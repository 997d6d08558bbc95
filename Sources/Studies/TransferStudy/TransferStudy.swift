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
  /// Epochs of the networks on the plain images of 0 to 4.
  public var sourceEpochs = 3
  /// Epochs of the networks on the images of 0 to 4 that are moved, turned and mirrored.
  public var changedEpochs = 8
  /// The learning rates of which a network on the new digits has the one that is best on digits held out.
  ///
  /// A network on the new digits whose training diverges counts with test error 1, there and in the results.
  public var rates = [0.02, 0.07, 0.2]
  /// Likewise its updates; of many images there are at least an epoch for 75 updates.
  public var updates = [300, 600]
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
    try require("changed-epochs", changedEpochs, 1...10_000)
    guard !updates.isEmpty else { throw .option("updates", expected: "at least one number", found: "none") }
    for count in updates { try require("updates", count, 1...10_000_000) }
    guard !rates.isEmpty, rates.allSatisfy({ $0 > 0 && $0 <= 100 }) else {
      throw .option("rates", expected: "at least one, each above 0 and at most 100", found: "\(rates)")
    }
    try require("cluster-starts", clusterStarts, 1...10_000)
    try require("embedded", embedded, 4...10_000)
  }
}

/// What a LeNet-5 that was trained on the digits 0 to 4 knows of 5 to 9: transfer with few labels, and clusters without any.
///
/// The networks of 0 to 4 see their images moved a little, and in eight positions, turned and mirrored, each a class of its own: what
/// tells these apart serves other digits, where features that only part five digits do not. Others, on the plain images, stand
/// beside them.
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
  /// The name of ridge regression on the layers ``probedLayers`` together.
  public static let probe = "probe"
  /// The same on a network of plain images.
  public static let plainProbe = "probe, plain"
  /// Ridge regression on the pixels.
  public static let pixelProbe = "probe of pixels"
  /// A network of plain images with a new head, the rest frozen.
  public static let plainHead = "frozen, plain"
  /// A network of plain images, trained further.
  public static let plainFineTuned = "fine-tuned, plain"
  /// From scratch on images that are moved a little each time they are seen.
  public static let movedScratch = "scratch, moved"
  /// Trained further on images that are moved a little each time they are seen.
  public static let movedFineTuned = "fine-tuned, moved"
  /// The option in the results that says for how many epochs the networks of changed images were trained.
  package static let changedEpochsOption = "epochs on 0 to 4, moved and turned"
  /// The same of the networks of plain images.
  package static let plainEpochsOption = "epochs on 0 to 4, plain"
  /// The layers that the probe sees.
  public static let probedLayers = ["s4", "c5"]
  /// The name of ridge regression on one layer.
  public static func probe(of layer: String) -> String { "probe of \(layer)" }
  /// The layers of LeNet-5 from the images up.
  public static let layers = ["c1", "s2", "c3", "s4", "c5", "f6", "output"]
  /// The layers through which networks are frozen; the last is all but the head.
  public static let frozenLayers = ["c1", "c3", "c5", "f6"]

  let options: TransferStudyOptions
  let pool: ThreadPool
  let (sourceTrain, sourceTest, targetTest): (Subset, Subset, Subset)
  /// The training images of the new digits, and those of them by which recipes are chosen, which no run learns from.
  let (targetTrain, heldOut): (Subset, Subset)
  private let targetLabels: [Int]

  /// A study of a set of the ten digits, in images of [28, 28, 1].
  ///
  /// - Throws: ``StudyError/option(_:expected:found:)`` for an option out of its range;
  ///   ``StudyError/data(_:expected:found:)`` for images of another shape, for a digit without test images or of 0 to 4
  ///   without training images, and for less than 4 training images of one of the digits 5 to 9, of which a quarter, at
  ///   most 400, is held out; `DatasetError` for data without ten classes;
  ///   `TransferError` for less than the largest size of a digit.
  public init(
    train: any Dataset, test: any Dataset, options: TransferStudyOptions = .init(), pool: ThreadPool = .shared
  ) throws {
    try options.validate()
    for (set, data) in [("training", train), ("test", test)] {
      guard data.exampleShape == [28, 28, 1] else {
        throw StudyError.data("the shape of \(set) images", expected: "[28, 28, 1]", found: "\(data.exampleShape)")
      }
    }
    (self.options, self.pool) = (options, pool)
    let (old, new) = (Array(0..<5), Array(5..<10))
    (sourceTrain, sourceTest) = (try train.filtered(classes: old), try test.filtered(classes: old))
    let all = try train.filtered(classes: new)
    targetTest = try test.filtered(classes: new)
    func perDigit(_ labels: [Int]) -> [Int] {
      labels.reduce(into: [Int](repeating: 0, count: 5)) { $0[$1] += 1 }
    }
    // A digit that nothing was learned of, or that nothing is tested with, would be found after minutes, or never.
    for (what, set, firstDigit) in [
      ("training images", sourceTrain, 0), ("test images", sourceTest, 0), ("test images", targetTest, 5),
    ] {
      let labels = try (0..<set.count).map { try set.classIndex(of: $0) }
      guard let absent = perDigit(labels).firstIndex(of: 0) else { continue }
      throw StudyError.data(
        what, expected: "at least 1 of each of the digits 0 to 9", found: "none of the digit \(firstDigit + absent)")
    }
    let labels = try (0..<all.count).map { try all.classIndex(of: $0) }
    let counts = perDigit(labels)
    let least = counts.min() ?? 0
    guard least >= 4 else {
      throw StudyError.data(
        "training images", expected: "at least 4 of each of the digits 5 to 9, one of them to be held out",
        found: "\(least) of the digit \(5 + (counts.firstIndex(of: least) ?? 0))")
    }
    var generator = RandomGenerator(seed: options.seed, stream: "held out")
    let aside = try drawExamples(perClass: min(400, least / 4), labels: labels, classes: 5, generator: &generator)
    let kept = Set(labels.indices).subtracting(aside).sorted()
    (targetTrain, heldOut) = (try Subset(of: all, indices: kept), try Subset(of: all, indices: aside))
    targetLabels = kept.map { labels[$0] }
    // Known before the minutes of work that come first.
    _ = try draw(max(options.sizes.max() ?? 1, options.depthSize), stream: "labelled images", seed: 0)
  }

  /// Positions in ``targetTrain`` of as many images of each digit, of a smaller number the first ones of a larger.
  func draw(_ perClass: Int, stream: String, seed index: Int) throws -> [Int] {
    var generator = RandomGenerator(seed: seed(index), stream: stream)
    return try drawExamples(perClass: perClass, labels: targetLabels, classes: 5, generator: &generator)
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
    let sources = try trainSources(work("networks of 0 to 4"))
    results.sourceErrors = sources.map(\.changed.error)
    let recipes = try chooseRecipes(sources[0], work("recipes for 5 to 9"))
    results.options += describe(recipes)
    results.runs = try transfer(sources, recipes, work("transfer to 5 to 9"))
    try cluster(sources, work("clusters"), into: &results)
    results.seconds = start.duration(to: .now) / .seconds(1)
    return results
  }

  func seed(_ index: Int) -> UInt64 { options.seed &+ UInt64(index) }

  private var described: [NamedText] {
    [
      NamedText("seeds", "\(options.seeds)"), NamedText("sizes", "\(options.sizes)"),
      NamedText(Self.changedEpochsOption, "\(options.changedEpochs)"),
      NamedText(Self.plainEpochsOption, "\(options.sourceEpochs)"),
      NamedText(
        "recipes",
        "rates \(options.rates), updates \(options.updates), of many images an epoch for each 75 where that is more, "
          + "chosen on \(heldOut.count) training digits held out"),
      NamedText("starts of k-means", "\(options.clusterStarts)"), NamedText("images of t-SNE", "\(options.embedded)"),
    ]
  }

  /// The recipes of the curve's networks, a line a method: by the images of a digit the rate and the updates made.
  private func describe(_ recipes: [Task: Recipe]) -> [NamedText] {
    [Self.scratch, Self.fineTuned].map { name in
      let parts = tasks.filter { $0.method.name == name }.compactMap { task in
        recipes[task].map { "\(task.perClass): \($0.rate), \($0.steps(of: 5 * task.perClass))" }
      }
      return NamedText("\(name), images: rate, updates", parts.joined(separator: "; "))
    }
  }
}
