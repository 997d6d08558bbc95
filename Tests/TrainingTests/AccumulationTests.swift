import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

/// Steps made part by part against steps of the whole batch.
@Suite("Gradient accumulation")
struct AccumulationTests {
  /// Convolution, dropout and penalties of all kinds: whatever depends on the batch or on the place in it.
  private static let network = Sequential {
    Conv2D(4, kernel: 3, activation: .tanh, kernelPenalty: .l2(0.01), activityPenalty: .l1(0.02))
    MaxPooling2D(2)
    Flatten()
    Dropout(0.4)
    Dense(6, activation: .tanh, kernelPenalty: .elasticNet(l1: 0.01, l2: 0.02))
    Dropout(0.3, scaling: .atInference)
    Dense(3)
  }

  private static func data(_ count: Int) throws -> TensorDataset {
    var generator = RandomGenerator(seed: 4, stream: "accumulation")
    let inputs = (0..<count * 36).map { _ in Float.random(in: -1...1, using: &generator) }
    return try TensorDataset(
      inputs: Tensor([count, 6, 6, 1], inputs), targets: Tensor([count], (0..<count).map { Float($0 * $0 % 3) }),
      classNames: ["a", "b", "c"])
  }

  private static let optimizers: [any Optimizer] = [
    SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.9, weightDecay: .inLoss(0.01)), Adam(learningRate: 0.01),
  ]

  private func train(
    _ optimizer: any Optimizer, _ accumulation: GradientAccumulation?, clipping: GradientClipping = .none,
    classWeights: [Double]? = nil, threads: Int = 2
  ) throws -> (Trainer, History) {
    let trainer = try Trainer(
      Self.network, input: [6, 6, 1], optimizer: optimizer, clipping: clipping, classWeights: classWeights,
      rateFactors: ["dense1": 0.5], seed: 3, pool: ThreadPool(threads: threads))
    let history = try trainer.fit(try Self.data(26), epochs: 3, batch: 12, accumulation: accumulation)
    return (trainer, history)
  }

  private func expectSame(_ found: (Trainer, History), _ wanted: (Trainer, History), _ what: String) {
    for (a, b) in zip(found.1.stepLosses, wanted.1.stepLosses) {
      #expect(abs(a - b) <= 2e-5 * max(abs(b), 1), "\(what): loss \(a), whole \(b)")
    }
    for (name, wanted) in wanted.0.weights {
      let found = found.0.weights[name]?.elements ?? []
      #expect(found.count == wanted.elements.count)
      for (a, b) in zip(found, wanted.elements) where !(abs(a - b) <= 2e-5 * max(abs(b), 1)) {
        Issue.record("\(what), \(name): \(a), whole \(b)")
        break
      }
    }
  }

  @Test("makes the steps of the whole batch", arguments: optimizers.indices)
  func equalsWhole(_ index: Int) throws {
    let optimizer = Self.optimizers[index]
    let whole = try train(optimizer, nil)
    // Parts that divide the batch, parts that do not, single examples, and one part larger than the batch.
    for size in [6, 5, 1, 40] {
      expectSame(try train(optimizer, GradientAccumulation(microBatch: size)), whole, "parts of \(size)")
    }
  }

  @Test("sees weights of classes and clips the sum, as for the whole batch")
  func weightsAndClipping() throws {
    let optimizer = SGD(learningRate: 0.2, momentum: 0.5)
    for weights in [nil, [0.2, 3, 1], [0, 1, 0]] {
      let whole = try train(optimizer, nil, clipping: .norm(0.05), classWeights: weights)
      let parts = try train(
        optimizer, GradientAccumulation(microBatch: 5), clipping: .norm(0.05), classWeights: weights)
      expectSame(parts, whole, "weights \(weights ?? [])")
    }
  }

  @Test("has the same bits for any number of threads")
  func threads() throws {
    let accumulation = GradientAccumulation(microBatch: 5)
    let wanted = bits(try train(Self.optimizers[1], accumulation, threads: 1).0.weights)
    for threads in [2, 4] {
      #expect(bits(try train(Self.optimizers[1], accumulation, threads: threads).0.weights) == wanted)
    }
  }

  @Test("refuses batch normalization by name unless it is asked for")
  func normalization() throws {
    let network = Sequential {
      Dense(4)
      BatchNormalization(name: "norm")
      Dense(2)
    }
    let data = try exclusiveOr(count: 16)
    let trainer = try Trainer(network, input: [2], seed: 1)
    #expect(throws: TrainingError.normalizedParts(layers: ["norm"])) {
      try trainer.fit(data, epochs: 1, batch: 8, accumulation: GradientAccumulation(microBatch: 4))
    }
    #expect(trainer.stepCount == 0)
    let byPart = GradientAccumulation(microBatch: 4, normalization: .byMicroBatch)
    #expect(try trainer.fit(data, epochs: 1, batch: 8, accumulation: byPart).stepLosses.count == 2)
    #expect(throws: TrainingError.batchSize(0)) {
      try trainer.fit(data, epochs: 1, batch: 8, accumulation: GradientAccumulation(microBatch: 0))
    }
  }

  @Test("ends like any training where the loss is not finite, with the sums at zero")
  func divergence() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 1e30), seed: 1)
    let data = try exclusiveOr(count: 32)
    #expect(throws: TrainingError.self) {
      try trainer.fit(data, epochs: 4, batch: 16, accumulation: GradientAccumulation(microBatch: 4))
    }
    #expect(trainer.weights.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
    for name in trainer.state.names where name.hasSuffix("gradient sum") {
      #expect(trainer.state[name]?.elements.allSatisfy { $0 == 0 } == true, "\(name)")
    }
  }
}
