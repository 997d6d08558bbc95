import BLAS
import Datasets
import Foundation
import Tensors

/// The data of a study: training examples for each seed, and test examples that are the same for all of them.
struct StudyData: Sendable {
  let name: String
  let exampleShape: Shape
  let classCount: Int
  /// Classes from this one on count as 1 where the question is yes or no.
  let firstPositiveClass: Int
  let test: Batch
  /// One sentence each, for the report.
  let description: String
  let normalisation: String
  private let source: Source

  private enum Source: Sendable {
    case shapeset(PixelScaling)
    case fixed(any Dataset)
  }

  /// - Parameter deviation: the standard deviation that the inputs are brought to.
  init(_ options: InitializerStudyOptions, deviation: Double) throws {
    name = options.datasetName
    switch options.dataset {
    case .shapeset:
      let scaling = PixelScaling.shapeset(deviation: deviation)
      let set = Shapeset(seed: options.seed, count: options.testCount, stream: .test, scaling: scaling)
      test = try set.batch()
      (exampleShape, classCount, source) = (set.exampleShape, set.classNames.count, .shapeset(scaling))
      // The first three classes show one figure, the others two.
      firstPositiveClass = 3
      description =
        "Shapeset-3x2, generated without end: 32x32 grey levels, 9 classes; \(options.testCount) test examples"
    case .mnist(let directory):
      let scaling = PixelScaling.standardised(MNIST.trainingStatistics, to: deviation)
      let mnist = try MNIST(directory: directory, scaling: scaling)
      let set = mnist.test.prefix(options.testCount)
      test = try set.batch()
      (exampleShape, classCount, source) = (mnist.train.exampleShape, mnist.train.classNames.count, .fixed(mnist.train))
      firstPositiveClass = classCount / 2
      description =
        "MNIST: 28x28 grey levels, \(classCount) classes, \(mnist.train.count) training and \(set.count) test examples"
    }
    let pixels = test.inputs.elements
    let moments = SampleMoments(pixels)
    normalisation =
      "pixels shifted to mean 0 and scaled to the standard deviation \(deviation) over all images; the test "
      + String(format: "examples have mean %.3f and deviation %.3f", moments.mean, moments.standardDeviation)
  }

  /// The question that training examples answer.
  enum Question: Sendable, Hashable {
    /// Which class: the index.
    case classIndex
    /// 0 or 1, as many of either in every batch.
    case balancedBinary
  }

  /// The training examples of a seed in their order.
  func stream(seed: UInt64, question: Question) -> TrainingStream {
    switch source {
    case .shapeset(let scaling):
      TrainingStream(
        dataset: Shapeset(seed: seed, count: 1 << 40, stream: .training, scaling: scaling), shuffleSeed: nil,
        question: question, firstPositiveClass: firstPositiveClass)
    case .fixed(let dataset):
      TrainingStream(
        dataset: dataset, shuffleSeed: seed, question: question, firstPositiveClass: firstPositiveClass)
    }
  }

  /// The target of a class under a question.
  func target(_ classIndex: Float, _ question: Question) -> Float {
    question == .classIndex ? classIndex : Int(classIndex) >= firstPositiveClass ? 1 : 0
  }
}

/// The data of a study at every scale of the inputs that its networks take.
struct StudyDataSets: Sendable {
  let all: [(deviation: Double, data: StudyData)]

  /// The data, not yet scaled for every network: names, shapes and counts are those of all.
  var first: StudyData { all[0].data }

  init(_ options: InitializerStudyOptions) throws {
    var deviations = [options.inputDeviation]
    if options.parts == [.leNet5] { deviations = [] }
    if options.parts.contains(.leNet5), !deviations.contains(options.leNetInputDeviation) {
      deviations.append(options.leNetInputDeviation)
    }
    all = try deviations.map { ($0, try StudyData(options, deviation: $0)) }
  }

  /// The data whose inputs have this standard deviation.
  subscript(deviation: Double) -> StudyData { all.first { $0.deviation == deviation }?.data ?? first }
}

/// Training examples one batch after the other: a generated set in its own order, a fixed one in an order drawn anew for
/// each pass.
struct TrainingStream {
  private let dataset: any Dataset
  private let shuffleSeed: UInt64?
  private let question: StudyData.Question
  private let firstPositiveClass: Int
  private var position = 0
  private var order: [Int] = []

  init(dataset: any Dataset, shuffleSeed: UInt64?, question: StudyData.Question, firstPositiveClass: Int) {
    self.dataset = dataset
    self.shuffleSeed = shuffleSeed
    self.question = question
    self.firstPositiveClass = firstPositiveClass
  }

  /// Writes the next batch: as many examples as there is room for targets.
  mutating func next(
    _ inputs: UnsafeMutableBufferPointer<Float>, _ targets: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = dataset.exampleShape.count
    let half = (targets.count + 1) / 2
    var counts = [0, 0]
    for row in targets.indices {
      var index = nextIndex()
      var answer = 0
      if question == .balancedBinary {
        answer = try dataset.classIndex(of: index) >= firstPositiveClass ? 1 : 0
        while counts[answer] == half {
          index = nextIndex()
          answer = try dataset.classIndex(of: index) >= firstPositiveClass ? 1 : 0
        }
        counts[answer] += 1
      }
      try dataset.copyExample(
        index, into: UnsafeMutableBufferPointer(rebasing: inputs[row * size..<(row + 1) * size]),
        target: UnsafeMutableBufferPointer(rebasing: targets[row..<row + 1]))
      if question == .balancedBinary { targets[row] = Float(answer) }
    }
  }

  private mutating func nextIndex() -> Int {
    defer { position += 1 }
    guard let shuffleSeed else { return position }
    let place = position % dataset.count
    if place == 0 {
      var generator = RandomGenerator(seed: shuffleSeed, stream: "order of pass \(position / dataset.count)")
      order = generator.permutation(dataset.count)
    }
    return order[place]
  }
}
