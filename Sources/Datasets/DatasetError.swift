public import Tensors

/// What is wrong with a request to a dataset or a loader.
public enum DatasetError: Error, Sendable, CustomStringConvertible {
  /// There is no such example.
  case indexOutOfRange(index: Int, count: Int)
  /// The buffers for input and target have other sizes than the set's shapes.
  case bufferMismatch(expected: [Int], found: [Int])
  /// Inputs and targets do not pair up.
  case countMismatch(inputs: Int, targets: Int)
  /// A tensor of examples has no axis to number them by.
  case missingExampleAxis
  /// The target of an example is not the index of a class.
  case invalidClass(index: Int, value: Float, classCount: Int)
  /// An image without pixels, or with more than memory can number.
  case invalidImageSize([Int], padding: Int)
  /// The examples are not images, `[height, width, channels]`, or are to get a size without pixels.
  case notImages(Shape)
  /// The operation needs class indices as targets.
  case notClassification
  /// A class was asked for twice, not at all or does not exist.
  case invalidClassSelection([Int], classCount: Int)
  /// A fraction outside 0...1, or one that leaves a side of the split empty.
  case invalidFraction(Double, count: Int)
  /// A batch size below 1.
  case invalidBatchSize(Int)
  /// No batch can be formed: there are no examples, or fewer than a batch and the remainder is to be dropped.
  case noBatches(count: Int, batchSize: Int)
  /// The batches held at one time and the order of the examples pass the loader's memory limit.
  case batchTooLarge(bytes: Int, limit: Int)
  /// A number of batches to prepare ahead below 1.
  case invalidPrefetch(Int)
  /// A number of threads that prepare batches outside 1...64.
  case invalidWorkers(Int)
  /// The set failed to produce an example while a batch was being prepared.
  case exampleFailed(index: Int, epoch: Int, underlying: any Error)

  /// One sentence: what was expected and what was found.
  public var description: String {
    switch self {
    case .indexOutOfRange(let index, let count):
      "expected an example in 0..<\(count), found index \(index)"
    case .bufferMismatch(let expected, let found):
      "expected room for \(expected[0]) input and \(expected[1]) target numbers, found \(found[0]) and \(found[1])"
    case .countMismatch(let inputs, let targets):
      "expected as many targets as inputs, found \(inputs) inputs and \(targets) targets"
    case .missingExampleAxis:
      "expected tensors whose first axis numbers the examples, found one of rank 0"
    case .invalidClass(let index, let value, let classCount):
      "expected a class in 0..<\(classCount) as the target of example \(index), found \(value)"
    case .invalidImageSize(let dimensions, let padding):
      "expected positive height, width and channels and no negative padding, found \(dimensions) and \(padding)"
    case .notImages(let shape):
      "expected images [height, width, channels] and a size of at least 1x1 for them, found examples of \(shape)"
    case .notClassification:
      "expected targets that are class indices with named classes, found other targets"
    case .invalidClassSelection(let classes, let classCount):
      "expected one or more different classes in 0..<\(classCount), found \(classes)"
    case .invalidFraction(let fraction, let count):
      "expected a fraction that leaves examples on both sides of the split of \(count), found \(fraction)"
    case .invalidBatchSize(let size):
      "expected a batch of at least 1 example, found \(size)"
    case .noBatches(let count, let batchSize):
      "expected enough examples for a batch of \(batchSize), found \(count)"
    case .batchTooLarge(let bytes, let limit):
      "expected batches and an order that take at most \(limit) bytes together, found \(bytes)"
    case .invalidPrefetch(let count):
      "expected at least 1 batch to be prepared ahead, found \(count)"
    case .invalidWorkers(let count):
      "expected 1 to \(BatchLoader.maximumWorkers) threads to prepare batches, found \(count)"
    case .exampleFailed(let index, let epoch, let underlying):
      "example \(index) could not be produced in epoch \(epoch): \(underlying)"
    }
  }
}
