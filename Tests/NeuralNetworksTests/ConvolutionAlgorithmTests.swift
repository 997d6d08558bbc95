import Autodiff
import BLAS
import Kernels
import NeuralNetworks
import Tensors
import Testing

/// Convolutions whose algorithm somebody chose.
@Suite("Chosen algorithms")
struct ConvolutionAlgorithmTests {
  private static let network = Sequential {
    Conv2D(8, kernel: 5, padding: .same, activation: .relu)
    Sequential(name: "block") {
      Conv2D(6, kernel: 3, activation: .relu)
      Conv2D(4, kernel: 3, stride: 2)
    }
    Flatten()
    Dense(3)
  }

  private func calls(_ network: Sequential) throws -> [PlannedCall] {
    let graph = Graph<Float>()
    let (output, _) = network(graph.input([.batch, 12, 12, 2]))
    let loss = sum(square(output))
    let variables = graph.trainableVariables
    for (variable, gradient) in zip(variables, graph.gradients(of: loss, withRespectTo: variables)) {
      graph.update(variable, to: variable - 0.1 * gradient)
    }
    return try graph.calls([loss], batch: 4)
  }

  /// The methods of the calls of one layer that are convolutions.
  private func methods(_ calls: [PlannedCall], _ layer: String) -> [String] {
    calls.filter { $0.scope == layer && $0.operations.contains { $0.hasPrefix("convolution") } }
      .compactMap { $0.choice?.method }
  }

  @Test("hold for all three passes, a longer name before a shorter one")
  func names() throws {
    let network = try Self.network.computing(by: .lowered).computing("block", by: .direct)
      .computing("block.conv1", by: .winograd)
    let calls = try calls(network)
    let (first, second, third) = (
      methods(calls, "conv1"), methods(calls, "block.conv1"), methods(calls, "block.conv2")
    )
    // The first layer's images have no gradient.
    #expect(first == Array(repeating: "lowered (im2col and gemm)", count: 2))
    #expect(second == Array(repeating: "winograd F(4x4, 3x3)", count: 3))
    #expect(third == Array(repeating: "direct", count: 3))
    let reasons = Set(calls.filter { $0.scope == "conv1" }.compactMap(\.choice?.reason))
    #expect(reasons == ["it was asked for"])
  }

  @Test("give the same numbers but for rounding", arguments: [ConvolutionAlgorithm.lowered, .direct])
  func values(_ algorithm: ConvolutionAlgorithm) throws {
    func gradients(_ network: Sequential) throws -> [Double] {
      let graph = Graph<Double>()
      let x = graph.input([.batch, 12, 12, 2])
      let (output, _) = network(x)
      let variables = graph.trainableVariables
      let gradients = graph.gradients(of: sum(square(output)), withRespectTo: variables)
      let plan = try graph.compile(gradients, batch: 3, state: State(seed: 4))
      var generator = RandomGenerator(seed: 2, stream: "images")
      try plan.withInput(x) { for index in $0.indices { $0[index] = generator.normal() } }
      plan.run()
      return try gradients.flatMap { try plan.value(of: $0).elements }
    }
    let found = try gradients(Self.network.computing(by: algorithm))
    expectEqual(Tensor([found.count], found), try gradients(Self.network), within: 1e-11, "gradients")
  }

  @Test("that cannot compute a convolution are refused with the layer and what it would have to be like")
  func refusals() throws {
    let network = try Self.network.computing("block", by: .winograd)
    let error = #expect(throws: GraphError.self) { _ = try calls(network) }
    let text = error.map { "\($0)" } ?? ""
    for part in ["block.conv2", "winograd", "stride 1", "ConvolutionAlgorithmTests.swift"] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    #expect(throws: NetworkError.noConvolution("dense1", known: ["conv1", "block.conv1", "block.conv2"])) {
      try Self.network.computing("dense1", by: .direct)
    }
  }

  @Test("say how the others compute and why")
  func reasons() throws {
    let calls = try calls(Self.network)
    let choice = try #require(calls.first { $0.scope == "conv1" && $0.operations == ["convolution"] }?.choice)
    #expect(choice.method == "direct" && choice.reason.contains("registers"))
    #expect(calls.contains { $0.isInTasksBefore })
    #expect(calls.allSatisfy { $0.resultBytes >= 0 && $0.scratchBytes >= 0 })
    // 4 examples of 12·12 pixels and 8 channels of 4 bytes.
    #expect(calls.contains { $0.scope == "conv1" && $0.resultBytes == 4 * 144 * 8 * 4 })
  }
}
