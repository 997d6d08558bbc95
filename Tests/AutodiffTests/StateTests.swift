import Autodiff
import Tensors
import Testing

@Suite("States")
struct StateTests {
  private static func graph() -> (Graph<Float>, x: Node<Float>, output: Node<Float>) {
    let graph = Graph<Float>()
    let x = graph.input([.batch, 2], name: "x")
    let product = matrixProduct(x, graph.parameter("kernel", [2, 3], .glorotUniform))
    return (graph, x, product + graph.parameter("bias", [3], .ones))
  }

  private static let kernel = Tensor<Float>([2, 3], [1, 2, 3, 4, 5, 6])
  private static let bias = Tensor<Float>([3], [7, 8, 9])

  @Test("variables that are given values are not drawn, and plans read what they were given")
  func withoutDrawing() throws {
    let (graph, x, output) = Self.graph()
    let state = State<Float>(seed: 1)
    let plan = try state.withoutDrawing {
      let plan = try graph.compile([output], state: state)
      #expect(state["kernel"]?.elements == [0, 0, 0, 0, 0, 0] && state["bias"]?.elements == [0, 0, 0])
      (state["kernel"], state["bias"]) = (Self.kernel, Self.bias)
      return plan
    }
    try plan.set(x, to: Tensor<Float>([1, 2], [1, 10]))
    plan.run()
    #expect(try plan.value(of: output).elements == [48, 60, 72])
  }

  @Test("a variable without a value is a typed error, and is drawn by the next plan")
  func withoutValue() throws {
    let (graph, _, output) = Self.graph()
    let state = State<Float>(seed: 1)
    #expect(throws: GraphError.withoutValue(variables: ["bias", "kernel"])) {
      try state.withoutDrawing { _ = try graph.compile([output], state: state) }
    }
    #expect(state.names.isEmpty)
    // A value of another shape does not reach the plan.
    #expect(throws: GraphError.withoutValue(variables: ["kernel"])) {
      try state.withoutDrawing {
        _ = try graph.compile([output], state: state)
        (state["kernel"], state["bias"]) = (Tensor<Float>([3, 2], repeating: 1), Self.bias)
      }
    }
    #expect(state.names == ["bias"])
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      try state.withoutDrawing {
        _ = try graph.compile([output], state: state)
        throw Refusal()
      }
    }
    #expect(state.names == ["bias"])
    // Values that were there before count, and outside everything is drawn as ever.
    _ = try graph.compile([output], state: state)
    let drawn = State<Float>(seed: 1)
    _ = try graph.compile([output], state: drawn)
    #expect(state["kernel"] == drawn["kernel"] && state["bias"] == Self.bias)
    try state.withoutDrawing { _ = try graph.compile([output], batch: 2, state: state) }
    #expect(state["kernel"] == drawn["kernel"])
  }
}
