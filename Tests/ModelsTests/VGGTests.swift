import Autodiff
import Models
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("VGG")
struct VGGTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let configuration: VGG.Configuration
    let parameters: Int, convolutions: Int, multiplyAdds: Int, neurons: Int, layers: Int
    var testDescription: String { configuration.rawValue }
  }

  static let table = [
    Row(
      configuration: .a, parameters: 132_863_336, convolutions: 9_220_480, multiplyAdds: 7_609_090_048,
      neurons: 7_435_240, layers: 11),
    Row(
      configuration: .aLRN, parameters: 132_863_336, convolutions: 9_220_480, multiplyAdds: 7_609_090_048,
      neurons: 7_435_240, layers: 11),
    Row(
      configuration: .b, parameters: 133_047_848, convolutions: 9_404_992, multiplyAdds: 11_308_466_176,
      neurons: 12_252_136, layers: 13),
    Row(
      configuration: .c, parameters: 133_638_952, convolutions: 9_996_096, multiplyAdds: 11_770_888_192,
      neurons: 13_556_712, layers: 16),
    Row(
      configuration: .d, parameters: 138_357_544, convolutions: 14_714_688, multiplyAdds: 15_470_264_320,
      neurons: 13_556_712, layers: 16),
    Row(
      configuration: .e, parameters: 143_667_240, convolutions: 20_024_384, multiplyAdds: 19_632_062_464,
      neurons: 14_861_288, layers: 19),
  ]

  @Test("the figures of table 1's columns", arguments: table)
  func figures(_ row: Row) throws {
    let model = VGG(row.configuration).model
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    let convolutions = summary.layers.filter { $0.kind == "conv" }
    #expect(summary.parameters == row.parameters)
    #expect(convolutions.reduce(0) { $0 + $1.parameters } == row.convolutions)
    #expect(summary.multiplyAdds == row.multiplyAdds)
    #expect(summary.neurons == row.neurons)
    #expect(convolutions.count + 3 == row.layers)
    #expect(
      summary.layers.filter { $0.kind == "maxpool" }.map(\.output) == [
        [112, 112, 64], [56, 56, 128], [28, 28, 256], [14, 14, 512], [7, 7, 512],
      ])
    #expect(
      summary.layers.filter { $0.name.hasPrefix("fc") }.map(\.parameters) == [102_764_544, 16_781_312, 4_097_000])
    #expect(summary.layers.count { $0.kind == "lrn" } == (row.configuration == .aLRN ? 1 : 0))
    #expect(summary.layers[1].kind == (row.configuration == .aLRN ? "lrn" : row.layers == 11 ? "maxpool" : "conv"))
  }

  @Test("VGG-16, layer by layer")
  func sixteen() throws {
    let model = VGG(.d).model
    let layers = try NetworkSummary(model.network, input: model.inputShape).layers.filter { $0.kind == "conv" }
    #expect(
      layers.map(\.name) == [
        "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv4_1", "conv4_2", "conv4_3",
        "conv5_1", "conv5_2", "conv5_3",
      ])
    #expect(
      layers.map(\.parameters) == [
        1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 590_080, 1_180_160, 2_359_808, 2_359_808, 2_359_808,
        2_359_808, 2_359_808,
      ])
    #expect(layers.first?.multiplyAdds == 224 * 224 * 27 * 64 && layers.last?.multiplyAdds == 14 * 14 * 4_608 * 512)
  }

  @Test("C closes its last three blocks with 1x1 convolutions")
  func pointwise() {
    let kernels = VGG(.c).network.layers.compactMap { $0 as? Conv2D }
    let small = kernels.filter { $0.kernel == 1 }
    #expect(small.compactMap(\.identity.name) == ["conv3_3", "conv4_3", "conv5_3"])
    #expect(kernels.allSatisfy { $0.kernel == 3 ? $0.padding == .symmetric(1) : $0.padding == .symmetric(0) })
  }

  @Test("batch normalization stands between a convolution and its rectifier, and adds torchvision's parameters")
  func batchNormalization() throws {
    let model = VGG(.d, batchNormalization: true).model
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    #expect(summary.parameters == 138_365_992)
    #expect(summary.layers.prefix(4).map(\.kind) == ["conv", "batchnorm", "activation", "conv"])
    #expect(summary.layers.count { $0.kind == "batchnorm" } == 13)
    #expect(model.network.layers.compactMap { ($0 as? Conv2D)?.activation }.allSatisfy { $0 == .linear })
    #expect(model.variant == "bn" && VGG(.aLRN, batchNormalization: true).model.variant == "lrn-bn")
    #expect(model.departures.contains { $0.contains("Batch normalization") })
  }

  @Test("departures name the initialization, and the size")
  func departures() {
    let text = VGG(.d, input: 64, classes: 10).model.departures.joined(separator: "\n")
    #expect(text.contains("Glorot") && text.contains("not 224x224") && text.contains("10 outputs"))
    #expect(text.contains("a trained A"))
    #expect(!VGG(.a).model.departures.contains { $0.contains("a trained A are given") })
  }

  @Test("the recipe is the paper's")
  func recipe() throws {
    let recipe = VGG(.e).model.recipe
    let optimizer = try #require(recipe.optimizer as? SGD)
    #expect(recipe.batch == 256 && recipe.epochs == 74 && optimizer.learningRate == 0.01 && optimizer.momentum == 0.9)
    #expect(optimizer.weightDecay == .inLoss(5e-4) && optimizer.velocity == .ofSteps)
    #expect(recipe.start == .trained(architecture: "vgg11", layers: VGG.layersFromA))
    #expect(VGG(.a).model.recipe.start == .drawn)
  }

  @Test("an image too small is refused by the layer's name", arguments: [1, 31])
  func tooSmall(input: Int) throws {
    let model = VGG(.a, input: input).model
    let error = #expect(throws: GraphError.self) { try NetworkSummary(model.network, input: model.inputShape) }
    #expect(error?.description.contains(input == 1 ? "layer 'pool1'" : "layer 'pool5'") == true, "\(error as Any)")
  }

  @Test(
    "a deeper network takes A's first four convolutions and its dense layers, and nothing where A is another network")
  func startingFromA() throws {
    let a = try Trainer(Self.narrow(deep: false), input: [4, 4, 3], seed: 1)
    let b = try Trainer(Self.narrow(deep: true), input: [4, 4, 3], seed: 2)
    let before = b.weights
    let error = #expect(throws: VGGStartError.self) {
      try VGG.initialize(b, fromA: a.weights.filter { $0.key != "conv2_1.kernel" })
    }
    #expect(error?.variable == "conv2_1.kernel" && error?.found == nil && error?.expected == [3, 3, 2, 2])
    #expect(b.weights == before)
    let taken = try VGG.initialize(b, fromA: a.weights)
    #expect(
      taken == [
        "bn1_1.runningMean", "bn1_1.runningVariance", "bn1_1.scale", "bn1_1.shift", "conv1_1.bias", "conv1_1.kernel",
        "conv2_1.bias", "conv2_1.kernel", "conv3_1.bias", "conv3_1.kernel", "conv3_2.bias", "conv3_2.kernel",
        "fc6.bias", "fc6.kernel", "fc7.bias", "fc7.kernel",
      ])
    for (name, tensor) in b.weights {
      // fc8 has another number of classes; the layers that A lacks stay as they were drawn.
      #expect(tensor == (taken.contains(name) ? a.weights[name] : before[name]), "\(name)")
    }
  }

  /// VGGs' names on two maps a layer, so that the test is quick.
  static func narrow(deep: Bool) -> Sequential {
    func convolution(_ name: String) -> Conv2D {
      Conv2D(2, kernel: 3, padding: .symmetric(1), activation: .relu, name: "conv\(name)")
    }
    return Sequential {
      convolution("1_1")
      BatchNormalization(name: "bn1_1")
      if deep { convolution("1_2") }
      convolution("2_1")
      convolution("3_1")
      convolution("3_2")
      Flatten()
      Dense(4, activation: .relu, name: "fc6")
      Dense(4, activation: .relu, name: "fc7")
      Dense(deep ? 3 : 2, name: "fc8")
    }
  }
}
