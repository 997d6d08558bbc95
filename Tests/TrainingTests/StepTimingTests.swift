import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Timed steps")
struct StepTimingTests {
  @Test("training steps are counted and change the weights; inference changes nothing")
  func steps() throws {
    let trainer = try Trainer(smallNetwork, input: [2], seed: 3)
    let before = bits(trainer.weights)
    let inference = try trainer.time(.inference, count: 5, batch: 4, warmUp: 1)
    #expect(inference.seconds.count == 5 && inference.seconds.allSatisfy { $0 > 0 })
    #expect(bits(trainer.weights) == before && trainer.stepCount == 0)
    let training = try trainer.time(.training, count: 7, batch: 4, warmUp: 2)
    #expect(training.seconds.count == 7 && training.seconds.allSatisfy { $0 > 0 })
    #expect(bits(trainer.weights) != before && trainer.stepCount == 9)
    // Two layers of 8 and one of 2 numbers for each of 4 examples, at the least, and their gradients besides.
    #expect(inference.planBytes >= 4 * 4 * 8 && training.planBytes > inference.planBytes)
  }

  @Test("targets that are numbers, and a batch below 1")
  func targets() throws {
    let trainer = try Trainer(Sequential { Dense(3) }, input: [2], loss: .squaredError)
    #expect(try trainer.time(.training, count: 2, batch: 3, warmUp: 0).seconds.count == 2)
    #expect(throws: TrainingError.batchSize(0)) { try trainer.time(.training, count: 2, batch: 0) }
  }

  @Test("steps whose loss is not finite are an error")
  func divergence() throws {
    let trainer = try Trainer(
      Sequential { Dense(3, kernelInitializer: .constant(1e38)) }, input: [2], loss: .squaredError)
    #expect(throws: TrainingError.self) { try trainer.time(.training, count: 3, batch: 2) }
  }
}
