import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Bad input to training")
struct BadInputTests {
  let trainer: Trainer
  let data: TensorDataset

  init() throws {
    trainer = try Trainer(smallNetwork, input: [2])
    data = try exclusiveOr(count: 8)
  }

  @Test("batches and epochs that make no sense")
  func numbers() throws {
    #expect(throws: TrainingError.batchSize(0)) { try trainer.fit(data, epochs: 1, batch: 0) }
    #expect(throws: TrainingError.batchSize(-3)) { try trainer.evaluate(data, batch: -3) }
    #expect(throws: TrainingError.batchSize(0)) { try trainer.predict(data.inputs, batch: 0) }
    #expect(throws: TrainingError.epochCount(-1)) { try trainer.fit(data, epochs: -1) }
    for rate in [0, -1, Double.nan, .infinity] {
      #expect(throws: TrainingError.self, "\(rate)") {
        try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: rate))
      }
    }
  }

  @Test("data that are empty or of another shape")
  func shapes() throws {
    let empty = try TensorDataset(inputs: Tensor([0, 2], []), targets: Tensor([0], []))
    #expect(throws: TrainingError.noExamples) { try trainer.fit(empty, epochs: 1) }
    #expect(throws: TrainingError.noExamples) { try trainer.evaluate(empty) }
    let wide = try TensorDataset(inputs: Tensor([1, 3], [1, 2, 3]), targets: Tensor([1], [0]))
    #expect(throws: TrainingError.inputShape(expected: [2], found: [3])) { try trainer.fit(wide, epochs: 1) }
    #expect(throws: TrainingError.inputShape(expected: [2], found: [1, 3])) { try trainer.predict(wide.inputs) }
    #expect(throws: TrainingError.inputShape(expected: [2], found: [3])) {
      try trainer.fit(data, epochs: 1, validation: wide)
    }
  }

  @Test("targets that do not suit the loss")
  func targets() throws {
    let many = try TensorDataset(
      inputs: data.inputs, targets: data.targets, classNames: ["a", "b", "c"])
    #expect(throws: TrainingError.tooManyClasses(classes: 3, outputs: 2)) { try trainer.fit(many, epochs: 1) }
    let unnamed = try TensorDataset(inputs: Tensor([2, 2], [1, 2, 3, 4]), targets: Tensor([2], [0, 2]))
    #expect(throws: TrainingError.label(2, outputs: 2)) { try trainer.fit(unnamed, epochs: 1) }
    #expect(throws: TrainingError.label(2, outputs: 2)) { try trainer.evaluate(unnamed) }
    let fraction = try TensorDataset(inputs: Tensor([1, 2], [1, 2]), targets: Tensor([1], [0.5]))
    #expect(throws: TrainingError.label(0.5, outputs: 2)) { try trainer.fit(fraction, epochs: 1) }
    let regression = try Trainer(smallNetwork, input: [2], loss: .squaredError)
    #expect(throws: TrainingError.targetShape(expected: "2 numbers an example", found: [])) {
      try regression.fit(data, epochs: 1)
    }
  }

  @Test("a network that does not fit names the layer and the line")
  func network() throws {
    let line: UInt = #line + 3
    let network = Sequential {
      Conv2D(4, kernel: 3)
      Dense(10)
    }
    let error = #expect(throws: GraphError.self) { try Trainer(network, input: [8, 8, 1]) }
    let text = error?.description ?? ""
    #expect(text.contains("dense1") && text.contains("[batch, 6, 6, 4]"), "\(text)")
    #expect(text.contains("BadInputTests.swift:\(line)"), "\(text)")
    #expect(throws: GraphError.self) {
      try Trainer(smallNetwork, input: [2], classWeights: [1, 2, 3]).fit(data, epochs: 1)
    }
    #expect(throws: GraphError.self) {
      try Trainer(smallNetwork, input: [2], classWeights: [1, -1]).fit(data, epochs: 1)
    }
    #expect(throws: GraphError.self) {
      try Trainer(smallNetwork, input: [2], clipping: .value(-1)).fit(data, epochs: 1)
    }
    #expect(throws: TrainingError.self) { try Trainer(smallNetwork, input: [2], rateFactors: ["conv1": 2]) }
  }
}
