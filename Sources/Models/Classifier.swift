import Autodiff
public import BLAS
public import Datasets
public import Foundation
import NeuralNetworks
public import Tensors
import Training

/// A trained network that answers from any number of tasks at once and never changes: one file is a model.
///
/// ```swift
/// let classifier = try Classifier(contentsOf: url)      // what `ridgeline train --output` wrote
/// let answer = try classifier.classify(Image(contentsOf: photo))
/// answer.className                                      // "tabby"
/// ```
///
/// The file is safetensors, whose metadata say which network the weights are of (`architecture`, `variant`, `input`, `classes`),
/// how images are prepared (`preparation`), what the classes are called (`class_names`) and the weights' hash (`sha256`,
/// ``WeightsDigest``). The weights are held once; every call that runs beside others has the memory of its own activations,
/// which later calls use again as far as `activationMemory` allows.
public struct Classifier: Sendable {
  /// What the network says of an example.
  public struct Answer: Sendable, Hashable {
    /// The class of the largest probability, from 0.
    public let classIndex: Int
    /// What that class is called: its number where the file has no names.
    public let className: String
    /// The probability of every class.
    public let probabilities: [Double]

    /// The probability of the answer.
    public var probability: Double { probabilities[classIndex] }
  }

  /// The network.
  public let model: Model
  /// The names of the classes, at most as many as outputs; nil where the file has none.
  public let classNames: [String]?
  /// How images are prepared; nil where the file does not say so and the network's recipe needs statistics of training images.
  public let preparation: ImagePipeline?
  /// What the file says about itself.
  public let metadata: [String: String]
  /// The hash of the weights, ``WeightsDigest/sha256(of:)``.
  public let digest: String

  private let engine: InferenceEngine

  /// Reads a file of weights.
  ///
  /// - Parameters:
  ///   - pool: the threads that share the work of a call; calls beside another run on one thread each.
  ///   - activationMemory: the most bytes of activations that a call takes, and that are kept between calls for later ones; 256
  ///     MiB unless told. More examples than these hold take several turns; where not even one fits it is computed in what it
  ///     needs, which is given back when the call ends.
  /// - Throws: ``ClassifierError`` for metadata that do not fit and for weights that are not those of the hash; `ModelError`
  ///   for a network that is not known; `WeightsError` and `SafetensorsError` as `Weights.load`.
  public init(contentsOf url: URL, pool: ThreadPool = .shared, activationMemory: Int = 256 << 20) throws {
    let metadata = try Weights.metadata(of: url)
    let description = try WeightsDescription(metadata, file: url.path)
    let model = description.model
    let trainer = try model.makeTrainer(steps: 1, seed: 0, pool: pool) { try Weights.load(into: $0, from: url) }
    digest = WeightsDigest.sha256(of: trainer.weights)
    if let expected = metadata[WeightsDigest.key], expected != digest {
      throw ClassifierError.digest(file: url.path, expected: String(expected.prefix(80)), found: digest)
    }
    (self.model, classNames, preparation) = (model, description.classNames, try description.preparation())
    self.metadata = metadata
    // The trainer ends here; its variables are the engine's alone.
    engine = try InferenceEngine(model, state: trainer.state, activationMemory: activationMemory, pool: pool)
  }

  /// Prepares an image and says what is on it.
  ///
  /// - Throws: ``ClassifierError/noPreparation``, and `ImageTransformationError` for an image that cannot be prepared.
  public func classify(_ image: Image) throws -> Answer {
    guard let preparation else { throw ClassifierError.noPreparation }
    let input = try preparation.input(image, using: RandomGenerator(seed: 0))
    return try classify(Tensor(Shape([1] + input.shape.dimensions), input.elements))[0]
  }

  /// What the network says of inputs [n] + the model's input shape, as they come out of ``preparation``.
  ///
  /// - Throws: ``ClassifierError/inputShape(expected:found:)``; `GraphError` where a batch needs more memory than there is.
  public func classify(_ inputs: Tensor<Float>) throws -> [Answer] {
    let expected = model.inputShape
    guard inputs.rank == expected.rank + 1, Array(inputs.shape.dimensions.dropFirst()) == expected.dimensions else {
      throw ClassifierError.inputShape(expected: expected, found: inputs.shape)
    }
    let outputs = try engine.outputs(for: inputs)
    let (count, width) = (inputs.shape[0], model.classes)
    let isReversed = model.recipe.loss.answersWithSmallest
    return (0..<count).map { row in
      let scores = outputs[row * width..<(row + 1) * width].map { isReversed ? -Double($0) : Double($0) }
      let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      let powers = scores.map { exp($0 - scores[best]) }
      let total = powers.reduce(0, +)
      return Answer(
        classIndex: best, className: classNames.flatMap { best < $0.count ? $0[best] : nil } ?? "\(best)",
        probabilities: powers.map { $0 / total })
    }
  }
}

/// Why a file is no classifier, or why one cannot answer.
public enum ClassifierError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's metadata hold something else than they should under a key.
  case metadata(file: String, key: String, expected: String, found: String)
  /// The file prepares images to another size than its network takes.
  case preparation(file: String, expected: Shape, found: [Int])
  /// The weights have another hash than the file says: they were changed after they were written.
  case digest(file: String, expected: String, found: String)
  /// The file does not say how images are prepared.
  case noPreparation
  /// Inputs of another shape.
  case inputShape(expected: Shape, found: Shape)

  /// What was expected, what was found and where.
  public var description: String {
    switch self {
    case .metadata(let file, let key, let expected, let found):
      "\(file): metadata key '\(key)': expected \(expected), found \(found)"
    case .preparation(let file, let expected, let found):
      "\(file) prepares images to \(found), its network takes \(expected)"
    case .digest(let file, let expected, let found):
      "\(file): the weights were changed: expected the hash \(expected), found \(found)"
    case .noPreparation: "the file of weights does not say how images are prepared (metadata key 'preparation')"
    case .inputShape(let expected, let found): "expected inputs [n] + \(expected), found \(found)"
    }
  }
}
