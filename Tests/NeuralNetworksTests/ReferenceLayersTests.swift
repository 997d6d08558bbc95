import Testing

/// The fixtures themselves: a damaged or half-written file must not look like a passed comparison.
@Suite("Reference layers")
struct ReferenceLayersTests {
  @Test("are complete and consistent")
  func consistency() throws {
    let reference = try ReferenceLayers.load()
    #expect(reference.optimizers.count >= 20)
    #expect(Set(reference.optimizers.map(\.optimizer)) == ["sgd", "adaGrad", "rmsProp", "adam", "adamW"])
    for entry in reference.optimizers {
      #expect(entry.gradients.count == 5 && entry.after.count == 5, "\(entry.name)")
      for step in entry.after { #expect(step.map(\.shape) == entry.parameters.map(\.shape), "\(entry.name)") }
    }
    #expect(reference.clippings.map(\.kind) == ["norm", "norm", "value"])
    #expect(reference.batchNormalizations.allSatisfy { $0.steps.count == 3 })
    #expect(reference.networks.map(\.name) == ["lenet5_modern", "lenet5_original", "branches"])
    for network in reference.networks {
      #expect(network.gradients.map(\.shape) == network.parameters.map(\.shape), "\(network.name)")
      #expect(network.inputGradient.shape == network.input.shape, "\(network.name)")
      for tensor in network.parameters {
        #expect(tensor.shape.reduce(1, *) == tensor.values.count, "\(network.name): \(tensor.name)")
      }
      #expect(network.training.losses.count == 6 && network.training.losses[0] == network.loss, "\(network.name)")
    }
  }

  @Test("plain SGD is a gradient step")
  func gradientStep() throws {
    let entry = try #require(ReferenceLayers.load().optimizers.first { $0.name == "sgd" })
    let rate = try #require(entry.settings["learningRate"]).value
    for (index, after) in entry.after[0].enumerated() {
      let expected = zip(entry.parameters[index].values, entry.gradients[0][index].values).map { $0 - rate * $1 }
      for (a, b) in zip(after.values, expected) { #expect(abs(a - b) < 1e-11) }
    }
  }
}
