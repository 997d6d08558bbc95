import BLAS
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite struct ClassificationTests {
  /// A network of one dense layer from inputs [features] to classes.
  private func trainer(features: Int, classes: Int, loss: Loss = .softmaxCrossEntropy) throws -> Trainer {
    try Trainer(
      Sequential { Dense(classes, kernelInitializer: .randomNormal(standardDeviation: 1)) }, input: [features],
      loss: loss,
      seed: 3)
  }

  private func data(_ count: Int, shape: Shape, classes: Int) throws -> TensorDataset {
    var generator = RandomGenerator(seed: 5, stream: "data")
    let inputs = Tensor<Float>([count] + shape, (0..<(count * shape.count)).map { _ in Float(generator.normal()) })
    let targets = Tensor<Float>([count], (0..<count).map { _ in Float(generator.next(upperBound: classes)) })
    return try TensorDataset(inputs: inputs, targets: targets, classNames: (0..<classes).map { "class \($0)" })
  }

  @Test(arguments: [1, 7, 64])
  func agreesWithCountingByHand(_ batch: Int) throws {
    let trainer = try trainer(features: 6, classes: 8)
    let data = try data(50, shape: [6], classes: 7)
    let found = try trainer.classify(data, batch: batch)
    let outputs = try trainer.predict(data.inputs)
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: 8), count: 7)
    var (wrong, wrongOfFive) = (0, 0)
    for row in 0..<50 {
      let label = Int(data.targets.elements[row])
      let ranked = (0..<8).sorted { outputs[row, $0] > outputs[row, $1] }
      confusion[label][ranked[0]] += 1
      wrong += ranked[0] == label ? 0 : 1
      wrongOfFive += ranked.prefix(5).contains(label) ? 0 : 1
    }
    #expect(found.confusion == confusion && found.count == 50)
    #expect(found.top1Error == Double(wrong) / 50 && found.top5Error == Double(wrongOfFive) / 50)
    #expect(wrongOfFive > 0 && wrongOfFive < wrong && wrong < 50)
    let evaluation = try trainer.evaluate(data)
    #expect(abs(found.loss - evaluation.loss) < 1e-6 && found.top1Error == evaluation.error)
  }

  @Test(arguments: [Loss.softmaxCrossEntropy, .distance])
  func viewsAreAveragedAfterTheSoftmax(_ loss: Loss) throws {
    let trainer = try trainer(features: 4, classes: 6, loss: loss)
    let data = try data(30, shape: [10, 4], classes: 6)
    let found = try trainer.classify(data, batch: 35)
    let outputs = try trainer.predict(Tensor([300, 4], data.inputs.elements))
    var wrong = 0
    for example in 0..<30 {
      var mean = [Double](repeating: 0, count: 6)
      for view in 0..<10 {
        let row = (0..<6).map { Double(outputs[example * 10 + view, $0]) * (loss.answersWithSmallest ? -1 : 1) }
        let powers = row.map { exp($0) }
        for index in 0..<6 { mean[index] += powers[index] / powers.reduce(0, +) }
      }
      let best = mean.indices.max { mean[$0] < mean[$1] } ?? 0
      wrong += best == Int(data.targets.elements[example]) ? 0 : 1
    }
    #expect(found.top1Error == Double(wrong) / 30)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let trainer = try trainer(features: 4, classes: 3)
    #expect(throws: TrainingError.inputShape(expected: [4], found: [5])) {
      try trainer.classify(data(3, shape: [5], classes: 3))
    }
    #expect(throws: TrainingError.inputShape(expected: [4], found: [0, 4])) {
      try trainer.classify(data(3, shape: [0, 4], classes: 3))
    }
    #expect(throws: TrainingError.tooManyClasses(classes: 4, outputs: 3)) {
      try trainer.classify(data(3, shape: [4], classes: 4))
    }
    #expect(throws: TrainingError.batchSize(0)) { try trainer.classify(data(3, shape: [4], classes: 3), batch: 0) }
    #expect(throws: TrainingError.noExamples) { try trainer.classify(data(0, shape: [4], classes: 3)) }
  }

  @Test func outputsThatAreNoNumbersAreWrong() throws {
    let trainer = try trainer(features: 2, classes: 3)
    let inputs = Tensor<Float>([2, 2], [.nan, 0, 1, 1])
    let data = try TensorDataset(inputs: inputs, targets: Tensor([2], [2, 2]), classNames: ["a", "b", "c"])
    let found = try trainer.classify(data)
    #expect(found.confusion[2][0] >= 1, "of scores that are all the worst the first is the answer")
  }
}
