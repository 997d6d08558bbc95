import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Early stopping and schedules in training")
struct EarlyStoppingTests {
  @Test("keeps the weights of the best epoch")
  func best() throws {
    // The validation labels are the training labels turned round: learning makes them worse from the first step.
    let train = try exclusiveOr(count: 64)
    let turned = try TensorDataset(
      inputs: train.inputs, targets: Tensor([64], train.targets.elements.map { 1 - $0 }),
      classNames: train.classNames)
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 0.2, momentum: 0.9), seed: 1)
    var snapshots: [[String: [UInt32]]] = []
    let history = try trainer.fit(
      train, epochs: 50, batch: 8, validation: turned, earlyStopping: EarlyStopping(patience: 3),
      progress: { if $0.finished != nil { snapshots.append(bits(trainer.weights)) } })
    let losses = history.epochs.map { $0.validationLoss ?? .nan }
    let best = try #require(history.bestEpoch)
    #expect(losses.firstIndex(of: losses.min() ?? 0) == best - 1)
    #expect(history.epochs.count == best + 3)
    #expect(bits(trainer.weights) == snapshots[best - 1])
    #expect(snapshots[best - 1] != snapshots.last)
    #expect(try trainer.evaluate(turned).loss == losses[best - 1])
  }

  @Test("the plateau schedule watches the validation loss")
  func plateau() throws {
    let train = try exclusiveOr(count: 32)
    let turned = try TensorDataset(
      inputs: train.inputs, targets: Tensor([32], train.targets.elements.map { 1 - $0 }),
      classNames: train.classNames)
    let trainer = try Trainer(
      smallNetwork, input: [2], optimizer: SGD(learningRate: 0.2, momentum: 0.9),
      schedule: .plateau(factor: 0.5, patience: 2), seed: 1)
    let history = try trainer.fit(train, epochs: 9, batch: 8, validation: turned)
    let losses = history.epochs.map { $0.validationLoss ?? .nan }
    for (epoch, record) in history.epochs.enumerated() {
      let expected = Schedule.plateau(factor: 0.5, patience: 2)
        .rate(base: 0.2, step: 0, epoch: epoch, history: Array(losses.prefix(epoch)))
      #expect(record.learningRate == expected)
    }
    #expect(try #require(history.epochs.last).learningRate < 0.2)
  }

  @Test("frozen layers keep their bits while others learn")
  func freezing() throws {
    let frozen = try smallNetwork.freezing(["dense1"])
    let trainer = try Trainer(frozen, input: [2], optimizer: Adam.adamW(learningRate: 0.01, includingBiases: true))
    let before = bits(trainer.weights)
    try trainer.fit(exclusiveOr(count: 32), epochs: 3, batch: 8)
    let after = bits(trainer.weights)
    for name in ["dense1.kernel", "dense1.bias"] { #expect(after[name] == before[name], "\(name)") }
    for name in ["dense2.kernel", "dense2.bias", "output.kernel"] { #expect(after[name] != before[name], "\(name)") }
  }

  @Test("a frozen batch normalization keeps its running averages, another one does not")
  func freezingAverages() throws {
    let network = Sequential {
      Dense(4, activation: .tanh)
      BatchNormalization()
      BatchNormalization(name: "moving")
      Dense(2)
    }
    let trainer = try Trainer(try network.freezing(["batchnorm1"]), input: [2])
    let before = bits(trainer.weights)
    try trainer.fit(exclusiveOr(count: 32), epochs: 2, batch: 8)
    let after = bits(trainer.weights)
    for name in ["scale", "shift", "runningMean", "runningVariance"] {
      #expect(after["batchnorm1.\(name)"] == before["batchnorm1.\(name)"], "\(name)")
      #expect(after["moving.\(name)"] != before["moving.\(name)"], "\(name)")
    }
  }

  @Test("rate factors: 0 holds a layer, a variable's goes before its layer's")
  func rateFactors() throws {
    let trainer = try Trainer(
      smallNetwork, input: [2], optimizer: SGD(learningRate: 0.1),
      rateFactors: ["dense1": 0, "dense1.bias": 2, "output": 0])
    let before = trainer.weights
    try trainer.fit(exclusiveOr(count: 8), epochs: 1, batch: 8)
    let after = trainer.weights
    #expect(after["dense1.kernel"] == before["dense1.kernel"])
    #expect(after["output.kernel"] == before["output.kernel"])
    #expect(after["dense1.bias"] != before["dense1.bias"])
    let plain = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 0.1))
    try plain.fit(exclusiveOr(count: 8), epochs: 1, batch: 8)
    let (doubled, single) = (try #require(after["dense1.bias"]), try #require(plain.weights["dense1.bias"]))
    for (a, b) in zip(doubled.elements, single.elements) { #expect(abs(a - 2 * b) <= 1e-6) }
  }
}
