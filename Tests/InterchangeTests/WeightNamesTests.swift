import Datasets
import Foundation
import Models
import Tensors
import Testing

@testable import Interchange

@Suite struct WeightNamesTests {
  /// Tensors that are there by name and shape alone, each filled with its elements' numbers when it is read.
  struct Numbered: TensorSource {
    let path = "numbered"
    var entries: [TensorEntry]
    var metadata: [String: String] = [:]

    func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
      let elements = target.bindMemory(to: Float.self)
      for index in elements.indices { elements[index] = Float(index) }
    }
  }

  /// What the libraries themselves say: network, then name, then shape.
  static let listed: [String: [String: [Int]]] = {
    let data = try! Data(contentsOf: Fixtures.url("names.json"))
    return try! JSONDecoder().decode([String: [String: [Int]]].self, from: data)
  }()

  static func source(_ network: String, changing change: (inout [String: [Int]]) -> Void = { _ in }) -> Numbered {
    var shapes = listed[network]!
    change(&shapes)
    return Numbered(
      entries: shapes.sorted { $0.key < $1.key }.map {
        TensorEntry(
          name: $0.key, elementType: $0.key.hasSuffix("num_batches_tracked") ? .int64 : .float32, shape: Shape($0.value)
        )
      })
  }

  /// The name that the command line takes for a library's.
  static func own(_ network: String) -> String {
    let name = network.split(separator: " ")[1].replacingOccurrences(of: "_", with: "-")
    return name == "alexnet" ? "alexnet-torchvision" : name
  }

  @Test(arguments: listed.keys.sorted())
  func everyNetworkOfEveryLibraryFits(_ network: String) throws {
    let weights = try MappedTensors(Self.source(network), as: Self.own(network))
    #expect(weights.names.convention.rawValue == network.split(separator: " ")[0])
    let model = try Model(metadata: weights.metadata)
    #expect(model.inputShape == [224, 224, 3] && model.classes == 1000)
    // The way back gives the library's own names and shapes.
    let back = try ForeignTensors(weights, of: model, convention: weights.names.convention)
    #expect(
      Dictionary(uniqueKeysWithValues: back.entries.map { ($0.name, $0.shape.dimensions) }) == Self.listed[network])
  }

  @Test func everythingThatDoesNotFitIsListed() throws {
    let source = Self.source("torchvision vgg16") { shapes in
      shapes["features.0.weight"] = nil
      shapes["features.2.bias"] = nil
      shapes["features.5.weight"] = [128, 64, 1, 1]
      shapes["extra"] = [1]
    }
    let error = #expect(throws: WeightNamesError.self) { try MappedTensors(source, as: "vgg16") }
    #expect(error?.missing == ["features.0.weight", "features.2.bias"])
    #expect(error?.extra == ["extra"])
    #expect(error?.misshapen == [.init(name: "features.5.weight", expected: [128, 64, 3, 3], found: [128, 64, 1, 1])])
    let unknown = #expect(throws: WeightNamesError.self) { try MappedTensors(source, as: "lenet5") }
    #expect(
      unknown?.description.contains("known for lenet5; they are for alexnet") == true, "\(String(describing: unknown))")
    let without = #expect(throws: WeightNamesError.self) { try MappedTensors(source, as: "vgg11", convention: .keras) }
    #expect(without?.description == "keras has no vgg11 whose names are known; known are torchvision, timm")
    #expect(throws: ModelError.self) { try MappedTensors(source, as: "vgg17") }
    // Another depth's file is no other depth's.
    #expect(throws: WeightNamesError.self) { try MappedTensors(Self.source("torchvision vgg19"), as: "vgg16") }
    #expect(throws: WeightNamesError.self) { try MappedTensors(Self.source("torchvision vgg16_bn"), as: "vgg16") }
  }

  @Test func wrappersAndClassesAreTakenFromTheFile() throws {
    var source = Self.source("torchvision vgg11") { shapes in
      shapes["classifier.6.weight"] = [7, 4096]
      shapes["classifier.6.bias"] = [7]
    }
    source.entries = source.entries.map {
      TensorEntry(name: "state_dict.module." + $0.name, elementType: $0.elementType, shape: $0.shape)
    }
    let weights = try MappedTensors(source, as: "vgg11")
    #expect(weights.names.model.classes == 7)
    #expect(weights.metadata["classes"] == "7")
  }

  @Test func kernelsAndTheLayerBehindTheImageArePermuted() throws {
    let model = try Model(named: "alexnet-torchvision", input: 95, classes: 3)
    let names = try #require(WeightNames(.torchvision, for: model))
    let source = Numbered(
      entries: names.placements.map { TensorEntry(name: $0.foreign, elementType: .float32, shape: $0.foreignShape) })
    let weights = try MappedTensors(source, names)
    let kernel: Tensor<Float> = try weights.tensor("conv1.kernel")
    let foreign: Tensor<Float> = try source.tensor("features.0.weight")
    #expect(kernel.shape == [11, 11, 3, 64])
    for (row, column, channel, filter) in [(0, 0, 0, 0), (3, 7, 2, 5), (10, 10, 2, 63)] {
      #expect(kernel[row, column, channel, filter] == foreign[filter, channel, row, column])
    }
    let dense: Tensor<Float> = try weights.tensor("fc6.kernel")
    let columns: Tensor<Float> = try source.tensor("classifier.1.weight")
    #expect(dense.shape == [2 * 2 * 256, 4096])
    for (row, column, channel, unit) in [(0, 0, 0, 0), (0, 1, 17, 5), (1, 0, 255, 4095), (1, 1, 100, 2000)] {
      #expect(dense[(row * 2 + column) * 256 + channel, unit] == columns[unit, (channel * 2 + row) * 2 + column])
    }
    let back = try ForeignTensors(weights, of: model, convention: .torchvision)
    for name in ["features.0.weight", "classifier.1.weight", "classifier.4.weight", "classifier.6.bias"] {
      #expect(try back.tensor(name) == source.tensor(name, of: Float.self), "\(name)")
    }
  }

  @Test func kerasNamesOfEveryVersion() {
    for name in [
      "block1_conv1/block1_conv1_W_1:0", "block1_conv1/block1_conv1/kernel:0",
      "model_weights/block1_conv1/block1_conv1/kernel", "block1_conv1/0", "block1_conv1/kernel",
    ] {
      #expect(ForeignNames.keras(name) == "block1_conv1/kernel", "\(name)")
    }
    #expect(ForeignNames.keras("fc1/fc1_b_1:0") == "fc1/bias")
    #expect(ForeignNames.keras("optimizer_weights/iteration") == nil)
  }

  @Test func preparationIsAttached() throws {
    let weights = try MappedTensors(Self.source("keras vgg16"), as: "vgg16")
    let text = try #require(weights.metadata["preparation"])
    let preparation = try JSONDecoder().decode(ImagePipeline.self, from: Data(text.utf8))
    #expect(preparation == weights.names.preparation)
    #expect(preparation.encoding.order == .bgr && preparation.encoding.mean == [123.68, 116.779, 103.939])
    #expect(weights.metadata["source"] == "keras")
  }
}
