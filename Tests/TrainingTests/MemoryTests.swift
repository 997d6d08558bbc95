import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors
import Testing

@testable import Training

/// What training takes in memory, foretold.
@Suite("Memory")
struct MemoryTests {
  private static let network = Sequential {
    Conv2D(8, kernel: 3, activation: .relu)
    Flatten()
    Dense(64, activation: .relu)
    Dense(2)
  }

  private func trainer() throws -> Trainer {
    try Trainer(Self.network, input: [16, 16, 1], optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: 1)
  }

  /// 8 kernels of 9 and 14·14·8 inputs of 64 units, with biases.
  private let parameters = (72 + 8 + 1568 * 64 + 64 + 64 * 2 + 2) * 4

  @Test("counts velocities, the copy that is kept and activations that grow with the batch")
  func parts() throws {
    let trainer = try trainer()
    let small = try trainer.memoryEstimate(batch: 4)
    #expect(small.optimizer == parameters && small.kept == 2 * parameters && small.evaluation == 0)
    let large = try trainer.memoryEstimate(batch: 64)
    #expect(large.activations > small.activations)
    #expect(large.total == large.held + large.additional)
    // In parts the activations are those of a part, and the sums are variables too.
    let inParts = try trainer.memoryEstimate(batch: 64, accumulation: GradientAccumulation(microBatch: 4))
    #expect(inParts.optimizer == 2 * parameters && inParts.activations < large.activations)
    #expect(try trainer.memoryEstimate(batch: 4, validation: 9).evaluation > 0)
    // A last, smaller batch has a plan of its own.
    let remainder = try trainer.memoryEstimate(batch: 64, examples: 70)
    #expect(try remainder.activations == large.activations + trainer.memoryEstimate(batch: 6).activations)
    #expect(throws: TrainingError.batchSize(0)) { try trainer.memoryEstimate(batch: 0) }
  }

  @Test("refuses a batch that does not fit and says which would")
  func refusal() throws {
    let trainer = try trainer()
    let method = try trainer.stepMethod(nil)
    let wanted = try trainer.memoryEstimate(batch: 24).additional
    try trainer.checkMemory(method, batch: 24, examples: 24, validation: 0, available: wanted)
    func largest(_ method: StepMethod, batch: Int, available: Int) -> Int? {
      do {
        try trainer.checkMemory(method, batch: batch, examples: batch, validation: 0, available: available)
        Issue.record("a batch of \(batch) was accepted")
      } catch TrainingError.memory(let needed, let found, batch, let largest) {
        #expect(needed > available && found == available)
        return largest
      } catch {
        Issue.record("\(error)")
      }
      return nil
    }
    let fitting = try #require(largest(method, batch: 1000, available: wanted))
    #expect(try trainer.memoryEstimate(batch: fitting, examples: 1000).additional <= wanted)
    #expect(try trainer.memoryEstimate(batch: fitting + 1, examples: 1000).additional > wanted)
    #expect(largest(method, batch: 1000, available: parameters) == nil)
    let parts = try trainer.stepMethod(GradientAccumulation(microBatch: 500))
    func inParts(_ size: Int) throws -> Int {
      try trainer.memoryEstimate(batch: 500, accumulation: GradientAccumulation(microBatch: size)).additional
    }
    let room = try inParts(16)
    let part = try #require(largest(parts, batch: 500, available: room))
    #expect(try inParts(part) <= room && inParts(part + 1) > room)
    let message = "\(TrainingError.memory(needed: 5_000_000, available: 3_000_000, batch: 64, largest: 12))"
    #expect(message.contains("64") && message.contains("5 MB") && message.contains("3 MB") && message.contains("12"))
  }

  @Test("large outputs are evaluated in smaller batches")
  func inferenceBatch() throws {
    #expect(try trainer().inferenceBatch() == 256)
    let wide = try Trainer(
      Sequential {
        Conv2D(64, kernel: 3, padding: .same); GlobalPooling2D(.average)
      }, input: [128, 128, 4])
    let batch = try wide.inferenceBatch()
    #expect(batch < 256 && batch > 8)
  }
}
