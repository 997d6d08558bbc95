import Datasets
import FeatureLearning
import Models
import NeuralNetworks
import Tensors
import Training

extension TransferStudy {
  /// A trained network of the digits 0 to 4.
  struct Source: Sendable {
    let weights: [String: Tensor<Float>]
    let outputs: Int
    /// The fraction of wrong answers on the digits of the test set as they are.
    let error: Double
  }

  /// The networks of one seed.
  struct Sources: Sendable {
    /// Of the images as they are.
    let plain: Source
    /// Of images moved, turned and mirrored.
    let changed: Source
  }

  func trainSources(_ work: StudyWork) throws -> [Sources] {
    // The long ones first, so that no thread ends with one alone.
    let count = options.seeds
    let networks = try work.map(2 * count) { number in
      number < count
        ? try trainSource(
          ChangedImages(sourceTrain, turns: true, seed: seed(number)), epochs: options.changedEpochs, seed: seed(number)
        )
        : try trainSource(sourceTrain, epochs: options.sourceEpochs, seed: seed(number - count))
    }
    return (0..<count).map { Sources(plain: networks[count + $0], changed: networks[$0]) }
  }

  private func trainSource(_ data: some Dataset, epochs: Int, seed: UInt64) throws -> Source {
    let outputs = data.classNames.count
    let steps = (data.count + 63) / 64
    let trainer = try Trainer(
      LeNet5.modernNetwork(classes: outputs), input: [28, 28, 1], optimizer: SGD(learningRate: 0.04, momentum: 0.9),
      schedule: .cosine(steps: epochs * steps, minimum: 0), seed: seed, pool: pool)
    try trainer.fit(data, epochs: epochs, batch: 64)
    // Of the images as they are only the classes of the first position are answers.
    let (images, digits) = try tensor(of: sourceTest)
    let answers = try trainer.predict(images)
    let wrong = digits.indices.reduce(0) { sum, row in
      let own = answers.elements[row * outputs..<row * outputs + 5]
      let best = own.indices.reduce(own.startIndex) { own[$1] > own[$0] ? $1 : $0 } - own.startIndex
      return sum + (best == digits[row] ? 0 : 1)
    }
    return Source(weights: trainer.weights, outputs: outputs, error: Double(wrong) / Double(max(digits.count, 1)))
  }

  /// What a layer of a source gives for images.
  func features(_ layer: String, _ source: Source, _ images: Tensor<Float>) throws -> Tensor<Float> {
    let trainer = try Trainer(
      LeNet5.modernNetwork(classes: source.outputs), input: [28, 28, 1], seed: 0, pool: pool
    ) { $0.restore(source.weights) }
    return try trainer.features(at: layer, of: images)
  }
}
