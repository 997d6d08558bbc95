import Datasets
import Foundation
import Models
import Tensors
import Testing

@testable import Interchange

@Suite struct CaffeTests {
  @Test(arguments: ["present", "v1"])
  func layersOfBothKinds(_ name: String) throws {
    let file = try CaffeFile(Fixtures.url("\(name).caffemodel"))
    #expect(file.entries.map(\.name) == ["conv1/0", "conv1/1", "fc2/0", "fc2/1"])
    #expect(file.metadata == ["name": "small"])
    #expect(try file.tensor("conv1/0") == Fixtures.counted([4, 3, 2, 2]) as Tensor<Float>)
    #expect(try file.tensor("conv1/1") == Fixtures.counted([4], plus: 1) as Tensor<Float>)
    #expect(try file.entry(named: "fc2/0").elementType == (name == "v1" ? .float32 : .float64))
    #expect(try file.tensor("fc2/0") == Fixtures.counted([5, 16], plus: 2) as Tensor<Double>)
    #expect(try file.tensor("fc2/1") == Fixtures.counted([5], plus: 3) as Tensor<Float>)
    let opened = try TensorFiles.open(Fixtures.url("\(name).caffemodel"))
    #expect(opened.entries == file.entries)
  }

  @Test func layersWithoutNamesAreRefused() {
    let error = #expect(throws: InterchangeError.self) { try CaffeFile(Fixtures.url("v0.caffemodel")) }
    #expect(error?.description.contains("V0LayerParameter") == true, "\(String(describing: error))")
  }

  @Test(arguments: ["present.caffemodel", "v1.caffemodel"])
  func everyTruncationIsAnError(_ name: String) throws {
    let whole = try CaffeFile(Fixtures.url(name)).entries
    try Fixtures.truncations(name, step: 1) { url, count in
      // A file may be cut between two layers: then it has fewer, and those are whole.
      do {
        let file = try CaffeFile(url)
        #expect(file.entries.count < whole.count && whole.starts(with: file.entries), "\(count) bytes")
        #expect(try file.readAll().count == file.entries.count)
      } catch is InterchangeError {
        // What is wrong was said.
      }
    }
  }

  @Test func messagesThatAreNoneAreErrors() throws {
    let bytes: [[UInt8]] = [
      [], [0], [0x07], [0x0B], [0x0A], [0x0A, 5, 65],
      [0xA2, 0x06, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
      [UInt8](repeating: 0xFF, count: 20), [0x0A, 1, 0xFF],
      // A layer whose blob has neither shape nor elements.
      [0xA2, 0x06, 2, 0x3A, 0],
      // A layer whose blob has extents without elements, and one with an extent below 0.
      [0xA2, 0x06, 6, 0x3A, 4, 0x3A, 2, 0x08, 3],
      [0xA2, 0x06, 15, 0x3A, 13, 0x3A, 11, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ]
    for bytes in bytes {
      try Fixtures.withFile(bytes) { url in
        #expect(throws: InterchangeError.self, "\(bytes)") { try CaffeFile(url) }
      }
    }
  }

  /// What a prototxt says of a layer: filters or units, inputs of one, the window's side, 0 for a dense layer.
  private typealias Layer = (name: String, units: Int, inputs: Int, window: Int)

  /// The blobs of a network of Caffe's.
  private static func source(
    _ layers: [Layer], name: String
  ) -> WeightNamesTests.Numbered {
    var source = WeightNamesTests.Numbered(
      entries: layers.flatMap { layer in
        [
          TensorEntry(
            name: "\(layer.name)/0", elementType: .float32,
            shape: Shape(
              layer.window == 0
                ? [layer.units, layer.inputs] : [layer.units, layer.inputs, layer.window, layer.window])),
          TensorEntry(name: "\(layer.name)/1", elementType: .float32, shape: [layer.units]),
        ]
      })
    source.metadata = ["name": name]
    return source
  }

  private static let alexNet: [Layer] = [
    ("conv1", 96, 3, 11), ("conv2", 256, 48, 5), ("conv3", 384, 256, 3), ("conv4", 384, 192, 3), ("conv5", 256, 192, 3),
    ("fc6", 4096, 9216, 0), ("fc7", 4096, 4096, 0), ("fc8", 1000, 4096, 0),
  ]

  private static func vgg(_ windows: [Int]) -> [Layer] {
    var (layers, inputs): ([Layer], Int) = ([], 3)
    for (block, count) in windows.enumerated() {
      for place in 1...count {
        let maps = [64, 128, 256, 512, 512][block]
        layers.append(("conv\(block + 1)_\(place)", maps, inputs, 3))
        inputs = maps
      }
    }
    return layers + [("fc6", 4096, 25088, 0), ("fc7", 4096, 4096, 0), ("fc8", 1000, 4096, 0)]
  }

  @Test(arguments: ["alexnet-caffe", "vgg16", "vgg19"])
  func networksOfCaffeFit(_ name: String) throws {
    let layers =
      name == "alexnet-caffe" ? Self.alexNet : Self.vgg(name == "vgg16" ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4])
    let weights = try MappedTensors(Self.source(layers, name: "a"), as: name)
    #expect(weights.names.convention == .caffe && weights.entries.count == 2 * layers.count)
    let preparation = weights.names.preparation
    #expect(preparation.encoding.order == .bgr)
    #expect(preparation.outputSize()?.height == (name == "alexnet-caffe" ? 227 : 224))
    let bias: Tensor<Float> = try weights.tensor("fc8.bias")
    #expect(bias.elements[999] == 999)
  }

  @Test func whatIsLeftOverIsNamedAndAnotherNetworkOfTheSameShapesRefused() throws {
    var source = Self.source(Self.vgg([2, 2, 3, 3, 3]), name: "a")
    source.entries.append(TensorEntry(name: "scale9/0", elementType: .float32, shape: [7]))
    let error = #expect(throws: WeightNamesError.self) { try MappedTensors(source, as: "vgg16", convention: .caffe) }
    #expect(error?.extra == ["scale9/0"])
    let other = #expect(throws: InterchangeError.self) {
      try MappedTensors(Self.source(Self.alexNet, name: "CaffeNet"), as: "alexnet-caffe")
    }
    #expect(other?.description.contains("CaffeNet") == true)
  }

  @Test func denseLayersBehindAnImageAreReordered() throws {
    let model = try Model(named: "alexnet-caffe", input: 99, classes: 3)
    let names = try #require(WeightNames(.caffe, for: model))
    let source = WeightNamesTests.Numbered(
      entries: names.placements.map { TensorEntry(name: $0.foreign, elementType: .float32, shape: $0.foreignShape) })
    let weights = try MappedTensors(source, names)
    let dense: Tensor<Float> = try weights.tensor("fc6.kernel")
    let rows: Tensor<Float> = try source.tensor("fc6/0")
    let side = Int(Double(dense.shape[0] / 256).squareRoot())
    #expect(side > 1 && side * side * 256 == dense.shape[0])
    for (row, column, channel, unit) in [(0, 0, 0, 0), (0, 1, 17, 5), (1, 0, 255, 4095), (1, 1, 100, 2000)] {
      #expect(dense[(row * side + column) * 256 + channel, unit] == rows[unit, (channel * side + row) * side + column])
    }
    let kernel: Tensor<Float> = try weights.tensor("conv2.kernel")
    let foreign: Tensor<Float> = try source.tensor("conv2/0")
    #expect(kernel[1, 4, 30, 200] == foreign[200, 30, 1, 4])
  }
}
