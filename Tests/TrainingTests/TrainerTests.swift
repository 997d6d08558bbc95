import Autodiff
import BLAS
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Trainer")
struct TrainerTests {
  @Test("learns exclusive or, and its history is complete")
  func learns() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: 1)
    let (train, test) = (try exclusiveOr(count: 203), try exclusiveOr(count: 64, seed: 4))
    let before = try trainer.evaluate(test)
    var steps = 0
    var finished: [Int] = []
    let count: (TrainingProgress) -> Void = { progress in
      if let epoch = progress.finished {
        finished.append(epoch.epoch)
      } else {
        steps += 1
        #expect(progress.step == (steps - 1) % 11 + 1)
        #expect(progress.stepsPerEpoch == 11)
      }
    }
    let history = try trainer.fit(train, epochs: 12, batch: 20, validation: test, progress: count)
    #expect(steps == 12 * 11 && trainer.stepCount == steps, "the last, smaller batch is a step")
    #expect(finished == Array(1...12) && history.epochs.map(\.epoch) == finished && trainer.epochCount == 12)
    #expect(history.stepLosses.count == steps && history.stepLosses.allSatisfy { $0.isFinite })
    let last = try #require(history.epochs.last)
    #expect(last.error == 0 && last.validationError == 0)
    #expect(last.loss < 0.05)
    let after = try trainer.evaluate(test)
    #expect(after.loss < 0.1 * before.loss && after.error == 0 && after.count == 64)
    #expect(last.validationLoss == after.loss)
  }

  @Test("an epoch's loss is the mean over examples, not over batches")
  func partialBatch() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 1e-30), seed: 1)
    let data = try exclusiveOr(count: 23)
    let history = try trainer.fit(data, epochs: 1, batch: 10)
    let expected = try trainer.evaluate(data, batch: 7).loss
    #expect(abs((history.epochs.first?.loss ?? 0) - expected) < 1e-6)
    #expect(history.stepLosses.count == 3)
  }

  @Test("learns shapes from images")
  func images() throws {
    let network = Sequential {
      Conv2D(6, kernel: 5, stride: 2, activation: .relu, kernelInitializer: .heUniform)
      MaxPooling2D(2)
      Flatten()
      Dense(9)
    }
    let trainer = try Trainer(network, input: [32, 32, 1], optimizer: Adam(learningRate: 2e-3), seed: 2)
    let data = Shapeset(seed: 5, count: 200, scaling: .shapeset()).prefix(200)
    let history = try trainer.fit(data, epochs: 25, batch: 20)
    let (first, last) = (try #require(history.epochs.first), try #require(history.epochs.last))
    #expect(last.loss < 0.6 * first.loss, "\(first.loss) to \(last.loss)")
    #expect(try #require(last.error) < 0.45)
  }

  @Test("predict, classes and evaluate agree", arguments: [1, 7, 64])
  func prediction(batch: Int) throws {
    let trainer = try Trainer(smallNetwork, input: [2], seed: 3)
    let data = try exclusiveOr(count: 30)
    try trainer.fit(data, epochs: 2, batch: 8)
    let outputs = try trainer.predict(data.inputs, batch: batch)
    #expect(outputs.shape == [30, 2])
    let wrong = zip(trainer.classes(of: outputs), data.targets.elements).filter { Float($0) != $1 }.count
    let evaluation = try trainer.evaluate(data, batch: batch)
    #expect(evaluation.error == Double(wrong) / 30)
    let losses = (0..<30).map { row -> Double in
      let logits = (0..<2).map { Double(outputs[row, $0]) }
      let logSum = log(exp(logits[0]) + exp(logits[1]))
      return logSum - logits[Int(data.targets.elements[row])]
    }
    #expect(abs(evaluation.loss - losses.reduce(0, +) / 30) < 1e-5)
  }

  @Test("outputs that are distances answer with the smallest")
  func distances() throws {
    let network = Sequential { RadialBasis(centres: Tensor([2, 2], [1, 1, -1, 1])) }
    let trainer = try Trainer(network, input: [2], loss: .distance)
    let outputs = try trainer.predict(Tensor([2, 2], [0.9, 1, -2, 0]))
    #expect(trainer.classes(of: outputs) == [0, 1])
  }

  @Test("stops when asked, with the weights as they are")
  func stopping() throws {
    let trainer = try Trainer(smallNetwork, input: [2], seed: 1)
    let history = try trainer.fit(
      exclusiveOr(count: 100), epochs: 5, batch: 10, shouldStop: { trainer.stepCount == 13 })
    #expect(history.wasStopped && trainer.stepCount == 13 && history.stepLosses.count == 13)
    #expect(history.epochs.count == 1)
    #expect(trainer.weights.values.allSatisfy { $0.isFinite })
  }

  @Test("goes on where it was: 2 + 3 epochs are 5")
  func resuming() throws {
    let data = try exclusiveOr(count: 50)
    let (whole, parts) = (
      try Trainer(smallNetwork, input: [2], seed: 9), try Trainer(smallNetwork, input: [2], seed: 9)
    )
    try whole.fit(data, epochs: 5, batch: 8)
    try parts.fit(data, epochs: 2, batch: 8)
    try parts.fit(data, epochs: 3, batch: 8)
    #expect(bits(whole.weights) == bits(parts.weights))
  }

  @Test("zero epochs change nothing")
  func noEpochs() throws {
    let trainer = try Trainer(smallNetwork, input: [2])
    let before = bits(trainer.weights)
    #expect(try trainer.fit(exclusiveOr(count: 4), epochs: 0).epochs.isEmpty)
    #expect(bits(trainer.weights) == before)
  }
}
