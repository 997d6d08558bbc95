import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Divergence")
struct DivergenceTests {
  /// The error's parts, where it is `diverged`.
  func divergence(_ body: () throws -> Void) -> (step: Int, loss: Double, layer: String?, keptStep: Int)? {
    do {
      try body()
    } catch TrainingError.diverged(let step, let loss, _, let layer, let keptStep) {
      return (step, loss, layer, keptStep)
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test("a huge rate stops with the step and a layer, and the last good weights come back")
  func hugeRate() throws {
    let network = Sequential {
      Dense(8, activation: .relu)
      Dense(8, activation: .relu)
      Dense(2, name: "output")
    }
    let trainer = try Trainer(network, input: [2], loss: .hinge, optimizer: SGD(learningRate: 1e25, momentum: 0.9))
    let before = bits(trainer.state.tensors)
    let data = try exclusiveOr(count: 64)
    let found = divergence { try trainer.fit(data, epochs: 3, batch: 8) }
    let (step, _, layer, keptStep) = try #require(found)
    #expect(step > 1 && step <= 24 && keptStep == 0)
    #expect(layer.map { network.layerNames.contains($0) } == true, "\(layer ?? "none")")
    #expect(trainer.weights.values.allSatisfy { $0.isFinite })
    for (name, old) in before { #expect(bits(trainer.state.tensors)[name] == old, "\(name) as before the first step") }
    #expect(try trainer.evaluate(data).loss.isFinite)
  }

  @Test("the layer named is the first whose output is not finite, not the first of all")
  func layer() throws {
    let network = Sequential {
      Dense(4, activation: .tanh, name: "bounded")
      Dense(4, kernelInitializer: .constant(1e30), name: "large")
      Dense(4, kernelInitializer: .constant(1e30), name: "overflowing")
      Dense(2, name: "output")
    }
    let trainer = try Trainer(network, input: [2])
    let found = divergence { try trainer.fit(exclusiveOr(count: 8), epochs: 1, batch: 4) }
    #expect(found?.layer == "overflowing")
    #expect(found?.step == 1)
    let error = TrainingError.diverged(step: 7, loss: .nan, keptLoss: nil, layer: "conv2", keptStep: 5)
    #expect(error.description.contains("step 7") && error.description.contains("conv2"))
  }

  @Test("a loss that overflows although every output is finite names the layer that grew")
  func overflowingLoss() throws {
    let network = Sequential {
      Dense(4, activation: .tanh)
      Dense(1, name: "output")
    }
    let data = try TensorDataset(inputs: Tensor([4, 2], repeating: 1), targets: Tensor([4, 1], repeating: 1))
    let trainer = try Trainer(network, input: [2], loss: .squaredError, optimizer: SGD(learningRate: 1e25))
    let found = try #require(divergence { try trainer.fit(data, epochs: 4, batch: 4, lossGrowthLimit: .infinity) })
    #expect(found.loss == .infinity && found.layer == "output", "\(found)")
  }

  @Test("a number that is not finite is the data's fault, and named", arguments: [Float.nan, .infinity, -.infinity])
  func inputs(_ value: Float) throws {
    var inputs = Tensor<Float>([4, 2], repeating: 1)
    inputs.elements[5] = value
    let data = try TensorDataset(inputs: inputs, targets: Tensor([4], [0, 1, 0, 1]), classNames: ["a", "b"])
    let trainer = try Trainer(smallNetwork, input: [2])
    let before = bits(trainer.weights)
    let error = #expect(throws: TrainingError.self) { try trainer.fit(data, epochs: 1, batch: 2, shuffles: false) }
    #expect(
      error
        == .notFinite("inputs", example: 2, index: [1], value: "\(value)", step: 2, row: 0, keptStep: 0))
    for part in ["inputs", "\(value)", "[1]", "example 2", "step 2"] {
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
    #expect(bits(trainer.weights) == before)
  }

  @Test("rectifiers, shuffling and second derivatives do not hide it, nor do targets")
  func hidden() throws {
    var inputs = Tensor<Float>([40, 2], repeating: 1)
    inputs.elements[35] = .nan
    let data = try TensorDataset(inputs: inputs, targets: Tensor([40], repeating: 1), classNames: ["a", "b"])
    let network = Sequential {
      Dense(8, activation: .relu)
      Dense(2)
    }
    let optimizers: [any Optimizer] = [SGD(learningRate: 0.1), DiagonalLevenbergMarquardt(learningRate: 1e-3)]
    for optimizer in optimizers {
      let trainer = try Trainer(network, input: [2], optimizer: optimizer, seed: 4)
      let error = #expect(throws: TrainingError.self) { try trainer.fit(data, epochs: 1, batch: 4) }
      guard case .notFinite("inputs", 17, [1], "nan", _, _, 0) = error else {
        Issue.record("\(error.map { "\($0)" } ?? "none")")
        continue
      }
      #expect(trainer.weights.values.allSatisfy { $0.isFinite })
    }
    var targets = Tensor<Float>([4, 1], repeating: 0)
    targets.elements[3] = .infinity
    let values = try TensorDataset(inputs: Tensor([4, 2], repeating: 1), targets: targets)
    let trainer = try Trainer(Sequential { Dense(1) }, input: [2], loss: .squaredError)
    let error = #expect(throws: TrainingError.self) { try trainer.fit(values, epochs: 1, batch: 4, shuffles: false) }
    #expect(error == .notFinite("targets", example: 3, index: [0], value: "inf", step: 1, row: 3, keptStep: 0))
  }

  @Test("a loss that grows out of bounds is a divergence although it is finite")
  func growth() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 1e30))
    let before = bits(trainer.weights)
    let data = try exclusiveOr(count: 64)
    let found = try #require(divergence { try trainer.fit(data, epochs: 3, batch: 8) })
    #expect(found.loss.isFinite && found.loss > 1e20)
    #expect(found.step == 2 && found.keptStep == 0)
    // The tanh layers' outputs are bounded: only the last layer's can grow.
    #expect(found.layer == "output")
    #expect(bits(trainer.weights) == before)
    let error = TrainingError.diverged(step: 7, loss: 1.23456e29, keptLoss: 2.5, layer: "conv2", keptStep: 5)
    for part in ["1.235e+29", "step 7", "2.5", "conv2", "step 5"] { #expect(error.description.contains(part)) }
  }

  @Test("an infinite bound allows any finite loss")
  func noBound() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 1e30))
    let history = try trainer.fit(exclusiveOr(count: 16), epochs: 1, batch: 8, lossGrowthLimit: .infinity)
    #expect(history.stepLosses.count == 2 && history.stepLosses[1] > 1e20)
  }

  @Test("the step that ruins the weights may be the last: the validation loss shows it")
  func validation() throws {
    let trainer = try Trainer(smallNetwork, input: [2], optimizer: SGD(learningRate: 1e30))
    let before = bits(trainer.weights)
    let data = try exclusiveOr(count: 16)
    let found = divergence { try trainer.fit(data, epochs: 1, batch: 16, validation: data) }
    #expect(found?.step == 1 && found?.keptStep == 0 && found?.layer == "output")
    #expect(bits(trainer.weights) == before)
  }

  @Test("weights are kept only once a loss has shown that they are good")
  func keptWeights() throws {
    // The rate is 1e-3 at the third step and 3e9 at the fourth, the last of the first pass.
    let trainer = try Trainer(
      smallNetwork, input: [2], optimizer: SGD(learningRate: 1.94e-51), schedule: .inverse(gamma: 1, power: -100))
    let before = bits(trainer.weights)
    let found = divergence { try trainer.fit(exclusiveOr(count: 32), epochs: 2, batch: 8) }
    #expect(found?.step == 5 && found?.keptStep == 0, "\(found.map { "\($0)" } ?? "none")")
    #expect(bits(trainer.weights) == before)
  }

  @Test("examples with far larger losses than the first are no divergence")
  func outliers() throws {
    var targets = Tensor<Float>([6, 1], repeating: 0)
    targets.elements[3] = 1e4
    let data = try TensorDataset(inputs: Tensor([6, 2], repeating: 1), targets: targets)
    let network = Sequential { Dense(1) }
    let trainer = try Trainer(
      network, input: [2], loss: .squaredError, optimizer: SGD(learningRate: 1e-9, momentum: 0.9))
    let history = try trainer.fit(data, epochs: 1, batch: 1, validation: data, shuffles: false)
    #expect(history.stepLosses.count == 6 && history.stepLosses[3] > 0.9e8)
    #expect(trainer.stepCount == 6)
  }
}
