import Datasets
import Models
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Models by name")
struct ModelTests {
  @Test("every known name makes the model it says")
  func known() throws {
    for (architecture, variants) in Model.known {
      for variant in variants {
        let model = try Model(named: architecture, variant: variant)
        #expect(model.architecture == architecture && model.variant == variant)
        #expect(!model.departures.isEmpty && model.citation.contains("1998"))
      }
    }
    #expect(try Model(named: "lenet5").variant == "modern")
  }

  @Test("an unknown name or variant is refused with what there is")
  func unknown() {
    let name = #expect(throws: ModelError.unknown("lenet6", variant: nil)) { try Model(named: "lenet6") }
    #expect(name?.description == "there is no model 'lenet6'; known are lenet5 (modern, original)")
    let variant = #expect(throws: ModelError.unknown("lenet5", variant: "newest")) {
      try Model(named: "lenet5", variant: "newest")
    }
    #expect(variant?.description.contains("in a variant 'newest'") == true)
    #expect(variant?.description.contains("original") == true)
  }

  @Test("the recipes are the paper's and today's")
  func recipes() {
    let original = LeNet5.original.recipe
    #expect(original.batch == 1 && original.epochs == 20)
    let schedule = original.schedule(steps: 1_000)
    let rates = (0..<20).map { schedule.rate(base: 5e-4, step: 0, epoch: $0) }
    let stages: [(Int, Double)] = [(2, 5e-4), (3, 2e-4), (3, 1e-4), (4, 5e-5), (8, 1e-5)]
    #expect(rates == stages.flatMap { Array(repeating: $0.1, count: $0.0) })
    let modern = LeNet5.modern.recipe.schedule(steps: 1_000)
    #expect(modern.rate(base: 0.1, step: 0, epoch: 0) == 0.1)
    #expect(modern.rate(base: 0.1, step: 1_000, epoch: 9) < 1e-12)
  }

  @Test("training on a little noise changes every weight and lowers the loss", arguments: ["modern", "original"])
  func training(variant: String) throws {
    let model = try Model(named: "lenet5", variant: variant)
    let count = 8
    var generator = RandomGenerator(seed: 5, stream: "noise")
    let pixels = (0..<count * model.inputShape.count).map { _ in Float.random(in: -1...1, using: &generator) }
    let data = try TensorDataset(
      inputs: Tensor(Shape([count] + model.inputShape.dimensions), pixels),
      targets: Tensor([count], (0..<count).map { Float($0) }))
    let batch = min(count, model.recipe.batch)
    let steps = 15 * count / batch
    let trainer = try model.makeTrainer(steps: steps, seed: 1)
    let (before, loss) = (trainer.weights, try trainer.evaluate(data).loss)
    try trainer.fit(data, epochs: 15, batch: batch)
    #expect(trainer.stepCount == steps)
    let after = try trainer.evaluate(data).loss
    #expect(after.isFinite && after < loss, "from \(loss) to \(after)")
    for (name, tensor) in trainer.weights {
      // The original's output centres are printed in the paper and stay.
      #expect((tensor != before[name]) == !name.hasSuffix("centres"), "\(name)")
    }
  }
}
