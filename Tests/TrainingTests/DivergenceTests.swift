import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Divergence")
struct DivergenceTests {
  /// The error's parts, where it is `diverged`.
  func divergence(_ body: () throws -> Void) -> (step: Int, layer: String?, keptStep: Int)? {
    do {
      try body()
    } catch TrainingError.diverged(let step, _, let layer, let keptStep) {
      return (step, layer, keptStep)
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
    let (step, layer, keptStep) = try #require(found)
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
    let error = TrainingError.diverged(step: 7, loss: .nan, layer: "conv2", keptStep: 5)
    #expect(error.description.contains("step 7") && error.description.contains("conv2"))
  }

  @Test("inputs that are not finite are a divergence too")
  func inputs() throws {
    var inputs = Tensor<Float>([4, 2], repeating: 1)
    inputs.elements[5] = .nan
    let data = try TensorDataset(inputs: inputs, targets: Tensor([4], [0, 1, 0, 1]), classNames: ["a", "b"])
    let trainer = try Trainer(smallNetwork, input: [2])
    let before = bits(trainer.weights)
    let found = divergence { try trainer.fit(data, epochs: 1, batch: 2, shuffles: false) }
    #expect(found?.step == 2)
    #expect(bits(trainer.weights) == before)
  }
}
