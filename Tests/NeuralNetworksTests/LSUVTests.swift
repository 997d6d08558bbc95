import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

@Suite("LSUV")
struct LSUVTests {
  static let network = Sequential {
    Conv2D(6, kernel: 3, activation: .relu)
    Conv2D(4, kernel: 3, connections: [[0, 1], [1, 2, 3], [4, 5], [0, 5]], activation: .tanh)
    Flatten()
    Sequential(name: "block") { Dense(20, activation: .relu) }
    Dense(5)
  }

  /// The variance of every kernel layer's pre-activation, measured anew.
  func variances<S: Scalar>(_ batch: Tensor<S>, _ state: State<S>) throws -> [Double] {
    let graph = Graph<S>()
    let input = graph.input([.batch, 8, 8, 2])
    let (_, context) = Self.network(input)
    let nodes = context.entries.filter { !$0.variables.isEmpty }.map { $0.preActivation ?? $0.output }
    let plan = try graph.compile(nodes, batch: batch.shape[0], state: state)
    try plan.set(input, to: batch)
    plan.run()
    return try nodes.map { node in
      let values = try plan.value(of: node).elements.map { Double($0) }
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
  }

  @Test("every layer's output has variance 1 ± 0.02, also after all layers are done")
  func unitVariance() throws {
    let batch: Tensor<Float> = sample([16, 8, 8, 2], "batch", in: -3...5)
    let state = State<Float>(seed: 1)
    let results = try LSUV().apply(to: Self.network, batch: batch, state: state)
    #expect(results.map(\.layer) == ["conv1", "conv2", "block.dense1", "dense1"])
    for (result, measured) in zip(results, try variances(batch, state)) {
      #expect(abs(measured - 1) <= 0.0201, "\(result.layer): \(measured)")
      #expect(abs(measured - result.variance) < 1e-4)
      #expect(abs(result.initialVariance - 1) > 0.02 && result.iterations >= 1)
    }
  }

  @Test("kernels are orthogonal up to their scale, and unconnected elements stay 0")
  func orthogonality() throws {
    let state = State<Double>(seed: 1)
    try LSUV().apply(to: Self.network, batch: sample([16, 8, 8, 2], "batch"), state: state)
    let kernel = try #require(state["dense1.kernel"])
    #expect(kernel.shape == [20, 5])
    func product(_ a: Int, _ b: Int) -> Double { (0..<20).reduce(0) { $0 + kernel[$1, a] * kernel[$1, b] } }
    for a in 0..<5 {
      for b in 0..<5 {
        #expect(abs(product(a, b) / product(0, 0) - (a == b ? 1 : 0)) < 1e-10)
      }
    }
    let masked = try #require(state["conv2.kernel"])
    for row in 0..<3 {
      for column in 0..<3 { #expect(masked[row, column, 2, 0] == 0 && masked[row, column, 0, 0] != 0) }
    }
  }

  @Test("the same seed gives the same kernels, and others may be rescaled as they are")
  func reproducible() throws {
    let batch: Tensor<Double> = sample([4, 8, 8, 2], "batch")
    let (a, b, c) = (State<Double>(seed: 5), State<Double>(seed: 5), State<Double>(seed: 6))
    for state in [a, b, c] { try LSUV().apply(to: Self.network, batch: batch, state: state) }
    #expect(a.tensors == b.tensors)
    #expect(a["conv1.kernel"] != c["conv1.kernel"])

    let kept = State<Double>(seed: 5)
    _ = try variances(batch, kept)
    let before = try #require(kept["conv1.kernel"])
    try LSUV(startsOrthonormal: false).apply(to: Self.network, batch: batch, state: kept)
    let after = try #require(kept["conv1.kernel"])
    let ratio = after.elements[0] / before.elements[0]
    for (x, y) in zip(after.elements, before.elements) { #expect(abs(x - ratio * y) < 1e-12) }
  }

  @Test("an output that does not vary, or is not finite, names its layer")
  func degenerate() throws {
    let constant = Tensor<Float>([4, 8, 8, 2], repeating: 0)
    #expect(throws: LSUVError(layer: "conv1", variance: 0)) {
      try LSUV().apply(to: Self.network, batch: constant, state: State())
    }
    var infinite: Tensor<Float> = sample([4, 8, 8, 2], "batch")
    infinite.elements[3] = .infinity
    #expect(throws: LSUVError.self) { try LSUV().apply(to: Self.network, batch: infinite, state: State()) }
    #expect(throws: GraphError.self) {
      try LSUV().apply(to: Self.network, batch: Tensor<Float>([4, 8], repeating: 1), state: State())
    }
  }
}
