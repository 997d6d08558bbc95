import Autodiff
import BLAS
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// y = x·σ(gate), one gate a channel.
struct ChannelGate: Layer {
  let kind = "gate"
  var identity: LayerIdentity

  init(name: String? = nil, file: StaticString = #fileID, line: UInt = #line) {
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank >= 2, let channels = input.shape[input.rank - 1].fixedSize else {
      return context.refuse(input, self, expected: "a batch axis and a fixed last axis")
    }
    let gate = context.parameter("gate", [channels], .initializer(.zeros, fans: nil), isWeight: false)
    return input * sigmoid(gate)
  }

  func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(multiplyAdds: output.count, connections: output.count, neurons: output.count)
  }
}

/// The example of docs/adding-a-layer.md, from outside the module.
@Suite("A layer of one's own")
struct AddedLayerTests {
  let network = Sequential {
    Dense(3, activation: .tanh)
    ChannelGate()
  }

  @Test("has a name, parameters, values and gradients like any other")
  func behaviour() throws {
    let graph = Graph<Double>()
    let input = graph.input([.batch, 3])
    let (output, context) = Sequential { ChannelGate() }(input)
    #expect(context.entries.map(\.name) == ["gate1"])
    let state = State<Double>()
    let plan = try graph.compile([output], batch: 2, state: state)
    state["gate1.gate"] = Tensor([3], [0, 1, -2])
    let values: Tensor<Double> = sample([2, 3], "input")
    try plan.set(input, to: values)
    plan.run()
    let expected = values.elements.enumerated().map { index, x in x / (1 + exp(-[0.0, 1, -2][index % 3])) }
    expectEqual(try plan.value(of: output), expected, within: 1e-14, "values")
    let check = try GradientCheck(
      of: sum(square(output)), withRespectTo: [input] + graph.trainableVariables, inputs: [(input, values)],
      state: state, batch: 2)
    #expect(check.count == 9 && check.largestError < 1e-8, "\(check)")
  }

  @Test("says whether it has parameters, as every layer of the house does")
  func parameters() {
    let image: SymbolicShape = [.batch, 8, 8, 4]
    let layers: [any Layer] = [
      Activation(.tanh), AveragePooling2D(2), BatchNormalization(), Branches(merging: .sum) { Activation(.tanh) },
      ChannelGate(), Conv2D(3, kernel: 3), Dense(2), Dropout(0.5), Flatten(), GlobalPooling2D(),
      LocalResponseNormalization(.paper), MaxPooling2D(2), RadialBasis(centres: Tensor([2, 4], repeating: 1)),
      Sequential { Sequential { Flatten() } },
      Sequential {
        Dropout(0.5); Sequential { ChannelGate() }
      },
      Subsampling2D(2),
    ]
    for layer in layers {
      let isOfRows = layer is Dense || layer is RadialBasis
      let (_, context) = Sequential([layer])(Graph<Float>().input(isOfRows ? [.batch, 4] : image))
      #expect(layer.hasParameters == context.entries.contains { !$0.variables.isEmpty }, "\(layer.kind)")
    }
  }

  @Test("is counted in summaries and refuses shapes with its name")
  func surroundings() throws {
    #expect(try NetworkSummary(network, input: [4]).parameters == 15 + 3)
    let graph = Graph<Float>()
    _ = Sequential { ChannelGate() }(graph.input([.batch]))
    let error = #expect(throws: GraphError.self) { try graph.validate() }
    #expect(error?.description.contains("gate1") == true)
  }

  @Test("the page shows the code that is compiled here")
  func page() throws {
    let tests = URL(fileURLWithPath: #filePath)
    let page = tests.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/adding-a-layer.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let example = try #require(text.components(separatedBy: "```swift\n").last?.components(separatedBy: "```").first)
    let code = try String(contentsOf: tests, encoding: .utf8)
    #expect(example.count > 500 && code.contains(example))
  }
}
