import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Determinism")
struct DeterminismTests {
  /// Convolutions, dropout, batch normalization and Adam: everything that could depend on threads.
  static let network = Sequential {
    Conv2D(5, kernel: 5, stride: 2, padding: .same, activation: .relu)
    BatchNormalization()
    MaxPooling2D(3, stride: 2)
    Dropout(0.3)
    Flatten()
    Dense(20, activation: .tanh, kernelPenalty: .l2(1e-4))
    Dense(9)
  }

  func train(threads: Int, seed: UInt64 = 11) throws -> [String: [UInt32]] {
    let trainer = try Trainer(
      Self.network, input: [32, 32, 1], optimizer: Adam(learningRate: 1e-3), clipping: .norm(1), seed: seed,
      pool: ThreadPool(threads: threads))
    try trainer.fit(Shapeset(seed: 1, count: 400).prefix(400), epochs: 4, batch: 8)
    #expect(trainer.stepCount == 200)
    return bits(trainer.state.tensors)
  }

  @Test("the same seed gives the same bits after 200 steps, for 1, 2 and 4 threads")
  func threads() throws {
    let reference = try train(threads: 1)
    #expect(reference.count > 8)
    #expect(try train(threads: 1) == reference, "run to run")
    #expect(try train(threads: 2) == reference, "2 threads")
    #expect(try train(threads: 4) == reference, "4 threads")
    #expect(try train(threads: 2, seed: 12) != reference, "another seed")
  }
}
