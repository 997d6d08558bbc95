import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing

@testable import Training

/// Training within a memory budget.
@Suite("A memory budget")
struct MemoryBudgetTests {
  /// A small VGG: blocks with batch normalization, then a dense layer with dropout.
  private static let network = Sequential {
    for block in 1...2 {
      for layer in 1...3 {
        Conv2D(8 * block, kernel: 3, padding: .same, name: "conv\(block)_\(layer)")
        BatchNormalization(name: "norm\(block)_\(layer)")
        Activation(.relu)
      }
      MaxPooling2D(2)
      Dropout(0.2)
    }
    Flatten()
    Dense(32, activation: .relu)
    Dropout(0.5)
    Dense(4)
  }

  private func trainer(budget: Int?) throws -> Trainer {
    try Trainer(
      Self.network, input: [16, 16, 3], optimizer: SGD(learningRate: 0.05, momentum: 0.9), seed: 7,
      memoryBudget: budget)
  }

  private func data() throws -> TensorDataset {
    var generator = RandomGenerator(seed: 3, stream: "images")
    let count = 48
    let inputs = (0..<count * 768).map { _ in Float.random(in: -1...1, using: &generator) }
    return try TensorDataset(
      inputs: Tensor([count, 16, 16, 3], inputs), targets: Tensor([count], (0..<count).map { Float($0 % 4) }),
      classNames: ["a", "b", "c", "d"])
  }

  /// The smallest activations that a step can do with.
  private func smallest(_ accumulation: GradientAccumulation?) throws -> Int {
    do {
      _ = try trainer(budget: 0).memoryEstimate(batch: 16, accumulation: accumulation)
    } catch GraphError.memoryBudget(0, let smallest, _, _) {
      return smallest
    }
    Issue.record("a budget of nothing was accepted")
    return 0
  }

  @Test("gives the same losses, weights, velocities and running averages", arguments: [nil, 8])
  func bits(_ microBatch: Int?) throws {
    let accumulation = microBatch.map { GradientAccumulation(microBatch: $0, normalization: .byMicroBatch) }
    func run(_ budget: Int?) throws -> (losses: [UInt64], variables: [String: [UInt32]], plan: Int) {
      let trainer = try trainer(budget: budget)
      let history = try trainer.fit(data(), epochs: 2, batch: 16, accumulation: accumulation)
      let plan = try trainer.memoryEstimate(batch: 16, accumulation: accumulation).largestPlan
      return (history.epochs.map(\.loss.bitPattern), TrainingTests.bits(trainer.state.tensors), plan)
    }
    let whole = try run(nil)
    let budget = try smallest(accumulation)
    #expect(budget < whole.plan * 9 / 10)
    for budget in [(whole.plan + budget) / 2, budget] {
      let other = try run(budget)
      #expect(other.plan <= budget)
      #expect(other.losses == whole.losses && other.variables == whole.variables)
    }
  }

  @Test("shows in the plan of a step and in the memory of a training")
  func plan() throws {
    func memory(_ budget: Int?) throws -> TrainingMemory {
      try TrainingMemory(
        Self.network, input: [16, 16, 3], loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1), batch: 16,
        memoryBudget: budget)
    }
    let budget = try smallest(nil)
    #expect(try memory(budget).stepBytes < memory(nil).stepBytes)
    let plan = try StepPlan(
      .training, of: Self.network, input: [16, 16, 3], loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1),
      batch: 16, memoryBudget: budget + budget / 16)
    #expect(plan.calls.contains { $0.isRecomputed })
    // Inference keeps nothing that could be computed again.
    let inference = try StepPlan(
      .inference, of: Self.network, input: [16, 16, 3], loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1),
      batch: 16, memoryBudget: 1)
    #expect(!inference.calls.contains { $0.isRecomputed })
  }
}
