import Autodiff
import Foundation
import NeuralNetworks
import Tensors
import Testing

@Suite("Network summary")
struct NetworkSummaryTests {
  static let connections = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5],
    [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5],
  ]

  static let lenet5 = Sequential {
    Conv2D(6, kernel: 5, name: "c1")
    Subsampling2D(2, name: "s2")
    Conv2D(16, kernel: 5, connections: connections, name: "c3")
    Subsampling2D(2, name: "s4")
    Conv2D(120, kernel: 5, name: "c5")
    Flatten()
    Dense(84, name: "f6")
    RadialBasis(centres: .zeros([10, 84]), name: "output")
  }

  @Test("LeNet-5: the paper's table, layer by layer")
  func paper() throws {
    let summary = try NetworkSummary(Self.lenet5, input: [32, 32, 1])
    #expect(summary.layers.map(\.name) == ["c1", "s2", "c3", "s4", "c5", "flatten1", "f6", "output"])
    #expect(summary.layers.map(\.parameters) == [156, 12, 1_516, 32, 48_120, 0, 10_164, 0])
    #expect(summary.layers.map(\.connections) == [122_304, 5_880, 151_600, 2_000, 48_120, 0, 10_164, 840])
    #expect(summary.layers.map(\.neurons) == [4_704, 1_176, 1_600, 400, 120, 0, 84, 10])
    #expect(summary.layers[2].output == [10, 10, 16])
    #expect(summary.parameters == 60_000)
    #expect(summary.connections == 340_908)
    #expect(summary.neurons == 8_094)
    // 117,600 + 1,176 + 150,000 + 400 + 48,000 + 10,080 + 840.
    #expect(summary.multiplyAdds == 328_096)
    #expect(summary.activationBytes == 4 * (4_704 + 1_176 + 1_600 + 400 + 120 + 120 + 84 + 10))
  }

  @Test("groups divide the work, and frozen layers and running averages are no parameters")
  func counting() throws {
    // AlexNet's second convolution: 307,456 parameters, 223,948,800 multiply-adds.
    let network = Sequential {
      Conv2D(256, kernel: 5, padding: .symmetric(2), groups: 2)
      BatchNormalization()
      GlobalPooling2D()
      Dense(10, biasInitializer: nil, name: "frozen")
    }
    let summary = try NetworkSummary(try network.freezing(["frozen"]), input: [27, 27, 96])
    #expect(summary.layers.map(\.parameters) == [307_456, 512, 0, 0])
    #expect(summary.layers[0].multiplyAdds == 223_948_800)
    #expect(summary.neurons == 256 * 27 * 27 + 10)
  }

  @Test("encodes under the documented keys and prints a line a layer")
  func presentation() throws {
    let summary = try NetworkSummary(Self.lenet5, input: [32, 32, 1])
    let json = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(summary)) as? [String: Any])
    #expect(
      Set(json.keys) == ["layers", "parameters", "neurons", "connections", "multiply_adds", "activation_bytes"])
    #expect(json["parameters"] as? Int == 60_000 && json["connections"] as? Int == 340_908)
    let first = try #require((json["layers"] as? [[String: Any]])?.first)
    #expect(first["multiply_adds"] as? Int == 117_600 && first["kind"] as? String == "conv")
    let lines = summary.description.split(separator: "\n")
    #expect(lines.count == 10 && lines[3].hasPrefix("c3") && lines[3].contains("10x10x16"))
    #expect(Set(lines.map(\.count)).count == 1, "columns are aligned")
  }

  @Test("a network that does not fit throws with the layer and the line")
  func mismatch() {
    let error = #expect(throws: GraphError.self) { try NetworkSummary(Self.lenet5, input: [16, 16, 1]) }
    #expect(error?.description.contains("c5") == true)
    #expect(error?.description.contains("NetworkSummaryTests.swift") == true)
  }
}
