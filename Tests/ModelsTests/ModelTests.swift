import Autodiff
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
        let year = ["lenet5": "1998", "alexnet": "2012"][architecture] ?? "2014"
        #expect(!model.departures.isEmpty && model.citation.contains(year))
        let summary = try NetworkSummary(model.network, input: model.inputShape)
        #expect(summary.layers.last?.output == [model.classes])
      }
    }
    #expect(try Model(named: "lenet5").variant == "modern")
  }

  @Test(
    "a name may say its variant",
    arguments: [
      ("lenet5", "lenet5", "modern"), ("lenet5-original", "lenet5", "original"), ("alexnet", "alexnet", "original"),
      ("alexnet-caffe", "alexnet", "caffe"), ("alexnet-torchvision", "alexnet", "torchvision"),
      ("vgg11", "vgg11", "original"), ("vgg11-lrn", "vgg11", "lrn"), ("vgg13", "vgg13", "original"),
      ("vgg16c", "vgg16c", "original"), ("vgg16", "vgg16", "original"), ("vgg19", "vgg19", "original"),
      ("vgg11-bn", "vgg11", "bn"), ("vgg11-lrn-bn", "vgg11", "lrn-bn"), ("vgg13-bn", "vgg13", "bn"),
      ("vgg16c-bn", "vgg16c", "bn"), ("vgg16-bn", "vgg16", "bn"), ("vgg19-bn", "vgg19", "bn"),
    ])
  func names(name: String, architecture: String, variant: String) throws {
    let model = try Model(named: name)
    #expect(model.architecture == architecture && model.variant == variant)
    #expect(Model.catalogue.contains { $0.architecture == architecture && $0.variant == variant })
  }

  @Test("names are unique, and each architecture has one default")
  func catalogue() {
    #expect(Set(Model.catalogue.map(\.name)).count == Model.catalogue.count)
    for (architecture, _) in Model.known {
      #expect(Model.catalogue.count { $0.architecture == architecture && $0.isDefault } == 1)
    }
  }

  @Test("what a weight file says about a model makes the same model again")
  func metadata() throws {
    for model in [
      try Model(named: "vgg16-bn", input: 64, classes: 7), LeNet5.original, LeNet5.modern(input: 32, classes: 9),
    ] {
      let again = try Model(metadata: model.metadata)
      #expect(again.metadata == model.metadata && again.inputShape == model.inputShape)
    }
    // Files of before name neither size nor classes.
    #expect(try Model(metadata: ["architecture": "lenet5"]).inputShape == [28, 28, 1])
    let faults: [([String: String], ModelError)] = [
      ([:], .metadata(key: "architecture", found: nil)),
      (["architecture": "vgg16", "input": "64"], .metadata(key: "input", found: "64")),
      (["architecture": "vgg16", "input": "64x32x3"], .metadata(key: "input", found: "64x32x3")),
      (["architecture": "vgg16", "classes": "ten"], .metadata(key: "classes", found: "ten")),
      (["architecture": "vgg16", "classes": "-1"], .size(name: "vgg16", what: "classes", found: -1, limit: 1_000_000)),
    ]
    for (metadata, error) in faults { #expect(throws: error) { try Model(metadata: metadata) } }
  }

  @Test("sizes that no network has, or not this one, are refused")
  func sizes() {
    #expect(throws: ModelError.size(name: "vgg16", what: "input", found: 0, limit: 65_536)) {
      try Model(named: "vgg16", input: 0)
    }
    #expect(throws: ModelError.size(name: "alexnet-caffe", what: "classes", found: .max, limit: 1_000_000)) {
      try Model(named: "alexnet-caffe", classes: .max)
    }
    #expect(throws: ModelError.self) { try Model(named: "lenet5-original", classes: 9) }
    #expect(throws: ModelError.self) { try Model(named: "lenet5", variant: "original", input: 28) }
  }

  @Test("training memory counts parameters, velocities and a step, and draws nothing")
  func memory() throws {
    let model = try Model(named: "vgg16")
    let memory = try model.trainingMemory(batch: 8)
    #expect(memory.batch == 8 && memory.parameterBytes == 4 * 138_357_544)
    // A velocity for every parameter.
    #expect(memory.optimizerBytes == memory.parameterBytes)
    let one = try model.trainingMemory(batch: 1)
    #expect(one.parameterBytes == memory.parameterBytes && one.stepBytes < memory.stepBytes)
    // A step keeps at least the outputs of convolutions that the next convolution reads, for all examples; where a pooling reads
    // them, what it makes of them is enough.
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    let pairs = zip(summary.layers, summary.layers.dropFirst())
    let kept = pairs.reduce(0) { $0 + ($1.0.kind == "conv" && $1.1.kind == "conv" ? $1.0.activationBytes : 0) }
    #expect(kept > summary.activationBytes / 3)
    #expect(memory.stepBytes > 8 * kept && memory.stepBytes < 8 * 4 * summary.activationBytes + 4 * 138_357_544)
  }

  @Test("LeNet-5 learns the same bits within a memory budget", arguments: [LeNet5.original, LeNet5.modern])
  func memoryBudget(_ model: Model) throws {
    var generator = RandomGenerator(seed: 5, stream: "digits")
    let (count, batch) = (96, 48)
    let pixels = (0..<count * model.inputShape.count).map { _ in Float.random(in: 0...1, using: &generator) }
    let digits = try TensorDataset(
      inputs: Tensor(Shape([count] + model.inputShape.dimensions), pixels),
      targets: Tensor([count], (0..<count).map { Float($0 % 10) }), classNames: (0..<10).map { "\($0)" })
    func trainer(_ budget: Int?) throws -> Trainer { try model.makeTrainer(steps: 2, seed: 1, memoryBudget: budget) }
    let whole = try trainer(nil)
    let bytes = try whole.memoryEstimate(batch: batch).activations
    let error = #expect(throws: GraphError.self) { try trainer(1).memoryEstimate(batch: batch) }
    guard case .memoryBudget(1, let smallest, _, batch) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(smallest < bytes)
    let small = try trainer(smallest)
    #expect(try small.memoryEstimate(batch: batch).activations <= smallest)
    for trainer in [whole, small] { try trainer.fit(digits, epochs: 1, batch: batch) }
    let names = whole.state.names
    #expect(small.state.names == names && names.count > whole.variableNames.count)
    for name in names {
      let bits = [whole, small].map { $0.state[name]?.elements.map(\.bitPattern) }
      #expect(bits[0] == bits[1], "\(name)")
    }
  }

  @Test("an unknown name or variant is refused with what there is")
  func unknown() {
    let name = #expect(throws: ModelError.unknown("lenet6", variant: nil)) { try Model(named: "lenet6") }
    #expect(name?.description.hasPrefix("there is no model 'lenet6'; known are lenet5 (modern, original); ") == true)
    #expect(throws: ModelError.unknown("vgg16-lrn", variant: nil)) { try Model(named: "vgg16-lrn") }
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

  @Test("recipes prepare images as the papers do")
  func augmentations() throws {
    #expect(AlexNet().model.augmentation == .alexNet && VGG(.d).model.augmentation == .vgg)
    let caffe = AlexNet(.caffe).model.augmentation
    #expect(caffe.order == .bgr && caffe.principalColours == 0 && caffe.full == 255)
    #expect(!AlexNet(.torchvision).model.augmentation.needsStatistics)
    let original = try LeNet5.original.augmentation.pipelines(input: LeNet5.original.inputShape).evaluation
    let white = Image(height: 32, width: 32, channels: 1, bytes: [UInt8](repeating: 255, count: 1_024))
    let input = try original.input(white, using: RandomGenerator(seed: 0))
    #expect(input.shape == [32, 32, 1] && input.elements.allSatisfy { abs($0 - 1.175) < 1e-6 })
    #expect("\(AlexNet().model.recipe)".contains("principal colours N(0, 0.1²)"))
  }
}
