import Autodiff
import Models
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("AlexNet")
struct AlexNetTests {
  static let weighted = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]

  private func layers(_ summary: NetworkSummary) -> [NetworkSummary.Layer] {
    summary.layers.filter { Self.weighted.contains($0.name) }
  }

  @Test("the paper's table, layer by layer")
  func original() throws {
    let model = AlexNet().model
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    let layers = layers(summary)
    #expect(model.inputShape == [227, 227, 3])
    #expect(layers.map(\.name) == Self.weighted)
    #expect(
      layers.map(\.parameters) == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000])
    #expect(
      layers.map(\.multiplyAdds) == [
        105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192, 37_748_736, 16_777_216, 4_096_000,
      ])
    #expect(
      layers.map(\.output) == [
        [55, 55, 96], [27, 27, 256], [13, 13, 384], [13, 13, 384], [13, 13, 256], [4096], [4096], [1000],
      ])
    // Section 3 prints 253,440 for the first layer; 96 maps of 55x55 are 290,400. The others are as the paper lists them.
    #expect(layers.map(\.neurons) == [290_400, 186_624, 64_896, 64_896, 43_264, 4_096, 4_096, 1_000])
    #expect(summary.parameters == 60_965_224)
    #expect(summary.neurons == 659_272)
    #expect(summary.multiplyAdds == 724_406_816)
    #expect(
      summary.layers.map(\.name) == [
        "conv1", "norm1", "pool1", "conv2", "norm2", "pool2", "conv3", "conv4", "conv5", "pool5", "flatten1", "fc6",
        "drop6", "fc7", "drop7", "fc8",
      ])
    #expect(summary.layers.first { $0.name == "pool5" }?.output == [6, 6, 256])
  }

  @Test("the other variants' parameters")
  func variants() throws {
    func parameters(_ variant: AlexNet.Variant) throws -> [Int] {
      let model = AlexNet(variant).model
      let summary = try NetworkSummary(model.network, input: model.inputShape)
      return layers(summary).map(\.parameters) + [summary.parameters]
    }
    #expect(try parameters(.caffe) == (try parameters(.original)))
    #expect(try parameters(.ungrouped).last == 62_378_344)
    #expect(
      try parameters(.torchvision) == [
        23_296, 307_392, 663_936, 884_992, 590_080, 37_752_832, 16_781_312, 4_097_000, 61_100_840,
      ])
    let tower = AlexNet(.torchvision).model
    #expect(tower.inputShape == [224, 224, 3])
    #expect(!tower.network.layers.contains { $0 is LocalResponseNormalization })
  }

  @Test("the paper's biases, draws, normalization, pooling and dropout")
  func settings() throws {
    let layers = AlexNet().network.layers
    let biases = layers.compactMap { layer in
      (layer as? Conv2D).map { ($0.identity.name, $0.biasInitializer) }
        ?? (layer as? Dense).map { ($0.identity.name, $0.biasInitializer) }
    }
    for (name, bias) in biases {
      let isOne = ["conv2", "conv4", "conv5", "fc6", "fc7"].contains(name)
      #expect(bias == (isOne ? .constant(1) : .zeros), "\(name ?? "")")
    }
    #expect(biases.count == 8)
    let draws = layers.compactMap { ($0 as? Conv2D)?.kernelInitializer ?? ($0 as? Dense)?.kernelInitializer }
    #expect(draws == Array(repeating: .randomNormal(mean: 0, standardDeviation: 0.01), count: 8))
    #expect(layers.compactMap { ($0 as? Conv2D)?.groups } == [1, 2, 1, 2, 2])
    let normalizations = layers.compactMap { $0 as? LocalResponseNormalization }
    #expect(normalizations.map(\.convention) == [.paper, .paper])
    #expect(normalizations.allSatisfy { $0.k == 2 && $0.size == 5 && $0.alpha == 1e-4 && $0.beta == 0.75 })
    let poolings = layers.compactMap { $0 as? MaxPooling2D }
    #expect(poolings.map(\.size) == [3, 3, 3] && poolings.map(\.stride) == [2, 2, 2])
    #expect(layers.compactMap { ($0 as? Dropout)?.scaling } == [.atInference, .atInference])

    let caffe = AlexNet(.caffe).network.layers
    #expect(caffe.compactMap { ($0 as? LocalResponseNormalization)?.convention } == [.caffe, .caffe])
    #expect(caffe.compactMap { ($0 as? LocalResponseNormalization)?.k } == [1, 1])
    let caffeBiases = caffe.compactMap { ($0 as? Conv2D).map { $0.biasInitializer == .constant(0.1) } }
    #expect(caffeBiases == [false, true, false, true, true])
  }

  @Test("the recipe is the paper's")
  func recipe() throws {
    let recipe = AlexNet().model.recipe
    let optimizer = try #require(recipe.optimizer as? SGD)
    #expect(recipe.batch == 128 && recipe.epochs == 90)
    #expect(optimizer.learningRate == 0.01 && optimizer.momentum == 0.9 && optimizer.velocity == .ofSteps)
    #expect(optimizer.weightDecay == .inLoss(5e-4))
    let history = [3.0, 2, 2.5, 2.5, 2.5, 2.5, 2.5]
    let schedule = recipe.schedule(steps: 1)
    #expect(schedule.rate(base: 0.01, step: 9, epoch: 6, history: Array(history.dropLast())) == 0.01)
    #expect(abs(schedule.rate(base: 0.01, step: 9, epoch: 7, history: history) - 0.001) < 1e-15)
    #expect(AlexNet(.caffe).model.recipe.rateFactors["conv1.bias"] == 2)
    #expect("\(recipe)".contains("w ← w + v") && "\(recipe)".contains("weight decay 0.0005"))
  }

  @Test("departures name what differs, of the size too")
  func departures() {
    func text(_ network: AlexNet) -> String { network.model.departures.joined(separator: "\n") }
    #expect(text(AlexNet()).contains("227x227") && !text(AlexNet()).contains("outputs, not"))
    #expect(text(AlexNet(input: 96, classes: 10)).contains("Inputs are 96x96, not 227x227."))
    #expect(text(AlexNet(classes: 10)).contains("There are 10 outputs, not 1000."))
    #expect(text(AlexNet(.caffe)).contains("k = 1") && text(AlexNet(.caffe)).contains("0.1"))
    #expect(text(AlexNet(.torchvision)).contains("no local response normalization"))
    #expect(text(AlexNet(.ungrouped)).contains("every map sees all"))
  }

  @Test("an image too small for the layers is refused by the layer's name", arguments: [1, 10, 66])
  func tooSmall(input: Int) throws {
    let model = AlexNet(input: input).model
    let error = #expect(throws: GraphError.self) { try NetworkSummary(model.network, input: model.inputShape) }
    #expect(error?.description.contains(input < 11 ? "layer 'conv1'" : "layer 'pool5'") == true, "\(error as Any)")
    #expect(error?.description.contains("AlexNet.swift") == true)
  }

  @Test(
    "67 rows and columns are enough, and 63 for the single tower",
    arguments: [(AlexNet.Variant.original, 67), (.torchvision, 63)])
  func smallest(variant: AlexNet.Variant, input: Int) throws {
    let model = AlexNet(variant, input: input, classes: 3).model
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    #expect(summary.layers.first { $0.name == "pool5" }?.output == [1, 1, 256])
    #expect(summary.layers.last?.output == [3])
  }
}
