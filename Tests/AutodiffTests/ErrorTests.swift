import Autodiff
import BLAS
import Tensors
import Testing

/// Mistakes are thrown when a graph is compiled, with what was expected, found and where.
@Suite("Errors")
struct ErrorTests {
  private func message(_ graph: Graph<Double>, batch: Int = 1, state: State<Double> = State()) -> String {
    do {
      _ = try graph.compile([], batch: batch, state: state)
      return ""
    } catch { return error.description }
  }

  @Test("name the layer, both shapes and the line")
  func place() {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 4])
    graph.scoped("dense1", at: SourceLocation(file: "App/main.swift", line: 12)) {
      _ = matrixProduct(x, graph.parameter("w", [5, 2], .zeros))
    }
    // A later mistake does not hide the first.
    _ = x + graph.input([3])
    let text = message(graph)
    for part in ["dense1", "App/main.swift:12", "[batch, 4]", "[5, 2]"] { #expect(text.contains(part), "\(text)") }
  }

  @Test("of compiling")
  func compiling() throws {
    let (graph, other) = (Graph<Double>(), Graph<Double>())
    let w = graph.parameter("w", [2], .zeros)
    #expect(throws: GraphError.batchSize(0)) { try graph.compile([w], batch: 0, state: State()) }
    #expect(throws: GraphError.foreignNode(operation: "compile")) {
      try graph.compile([other.constant(1, shape: [2])], state: State())
    }
    let state = State<Double>()
    state["w"] = Tensor([3], [1, 2, 3])
    #expect(throws: GraphError.variableShape(name: "w", expected: [2], found: [3])) {
      try graph.compile([w], state: state)
    }
  }

  @Test("of plans that are larger than the machine")
  func memory() throws {
    let graph = Graph<Double>()
    let (wide, x) = (graph.input([.batch, 262_144], name: "wide"), graph.input([.batch, 1]))
    let product = sum(tanh(x • graph.constant(1, shape: [1, 262_144])))
    for node in [wide, product] {
      let error = #expect(throws: GraphError.self) { try graph.compile([node], batch: 1 << 21, state: State()) }
      guard case .memory(let bytes, _, let batch)? = error else {
        Issue.record("\(error.map { "\($0)" } ?? "nothing was thrown")")
        continue
      }
      #expect(bytes >= 1 << 42 && batch == 1 << 21)
    }
    let narrow = Graph<Double>()
    let y = narrow.input([.batch, 1])
    let spread = sum(tanh(y • narrow.constant(1, shape: [1, 262_144])))
    let error = #expect(throws: GraphError.self) { try narrow.compile([spread], batch: 1 << 21, state: State()) }
    if case .memory? = error { return }
    Issue.record("\(error.map { "\($0)" } ?? "nothing was thrown")")
  }

  @Test("of inputs")
  func inputs() throws {
    let graph = Graph<Double>()
    let (x, unused) = (graph.input([.batch, 2], name: "x"), graph.input([1], name: "unused"))
    let plan = try graph.compile([2 * x], batch: 3, state: State())
    #expect(plan.missingInputs == ["x", "unused"])
    #expect(throws: GraphError.inputShape(name: "x", expected: [3, 2], found: [2, 3])) {
      try plan.set(x, to: Tensor([2, 3], repeating: 0))
    }
    #expect(throws: GraphError.notAnInput("\(2 * x)")) { try plan.set(2 * x, to: Tensor([3, 2], repeating: 0)) }
    // Setting what the outputs do not need is no mistake: the same program may serve several plans of a graph.
    try plan.set(unused, to: Tensor([1], [1]))
    #expect(throws: GraphError.self) { try plan.value(of: unused) }
    try plan.set(x, to: Tensor([3, 2], repeating: 0))
    #expect(plan.missingInputs.isEmpty)
  }

  @Test("of recording")
  func recording() {
    func refused(_ part: String, _ record: (Graph<Double>) -> Void) {
      let graph = Graph<Double>()
      record(graph)
      #expect(message(graph).contains(part), "\(message(graph))")
    }
    let foreign = Graph<Double>().input([2])
    refused("two graphs") { _ = $0.input([2]) + foreign }
    refused("two graphs") { _ = $0.gradients(of: $0.constant(1.0, shape: []), withRespectTo: [foreign]) }
    refused("two graphs") { $0.update($0.parameter("w", [2], .zeros), to: foreign) }
    refused("scalar") {
      let x = $0.input([2]); _ = $0.gradients(of: x, withRespectTo: [x])
    }
    refused("seed") {
      let x = $0.input([2]); _ = $0.gradients(of: x, seed: $0.input([3]), withRespectTo: [x])
    }
    refused("not a variable") {
      let x = $0.input([2]); $0.update(x, to: 2 * x)
    }
    refused("an update already") {
      let w = $0.parameter("w", [2], .zeros); $0.update(w, to: 2 * w); $0.update(w, to: w)
    }
    refused("exists already") { _ = ($0.parameter("w", [2], .zeros), $0.parameter("w", [3], .zeros)) }
    refused("positive axes") { _ = $0.input([0, 2]) }
    refused("16 positive axes") {
      _ = $0.input(SymbolicShape([Dimension](repeating: 2, count: 17))).transposed(Array((0..<17).reversed()))
    }
    refused("positive axes") { _ = $0.input([Dimension(1 << 40), Dimension(1 << 40)]) }
    refused("initial value") {
      $0.update($0.variable("w", [2], .tensor(Tensor([3], [1, 2, 3])), isTrainable: true), to: $0.input([2]))
    }
  }

  @Test("of random shapes are thrown, never trapped", arguments: UInt64(0)..<200)
  func fuzz(_ seed: UInt64) throws {
    var generator = RandomGenerator(seed: seed)
    let graph = Graph<Double>()
    let shapes: [SymbolicShape] = [
      [], [1], [3], [.batch], [2, 3], [.batch, 3], [3, 3], [2, 2, 3], [.batch, 4, 4, 2], [2, 2, 2, 3], [1, 5, 5, 3, 1],
    ]
    var nodes = shapes.map { graph.input($0) }
    let numbers = [-3, -1, 0, 1, 2, 3, 7, 1 << 41, .max, .min]
    func number() -> Int { numbers[generator.next(upperBound: numbers.count)] }
    func node() -> Node<Double> { nodes[generator.next(upperBound: nodes.count)] }
    func size() -> Size2D { Size2D(number(), number()) }
    func padding() -> Padding2D {
      let choices: [Padding2D] = [.valid, .same, .explicit(top: number(), bottom: number(), left: number(), right: 0)]
      return choices[generator.next(upperBound: choices.count)]
    }
    for _ in 0..<12 {
      let (a, b, c) = (node(), node(), node())
      let made: Node<Double>
      switch generator.next(upperBound: 27) {
      case 0: made = a + b * c
      case 1: made = matrixProduct(a, b)
      case 2: made = sum(a, axes: [number(), number()])
      case 3: made = mean(a, axes: [number()])
      case 4: made = max(a, axes: [number(), number()], keepingDimensions: true)
      case 5: made = a.transposed
      case 6: made = a.transposed([number(), number(), number()])
      case 7: made = a.reshaped(to: b.shape)
      case 8: made = a.sliced(axis: number(), from: number(), to: number())
      case 9: made = a.padded(axis: number(), before: number(), after: number())
      case 10: made = concatenate([a, b, c], axis: number())
      case 11: made = gather(a, b)
      case 12: made = oneHot(a, depth: number())
      case 13: made = convolution(a, b, stride: size(), padding: padding(), dilation: size(), groups: number())
      case 14: made = maxPooling(a, size: size(), stride: size(), padding: padding())
      case 15: made = averagePooling(a, size: size(), padding: padding())
      case 16: made = subsampling(a, coefficient: b, bias: c, size: size())
      case 17: made = softmaxCrossEntropy(a, labels: b)
      case 18: made = softmaxCrossEntropy(a, probabilities: b)
      case 19: made = logSumExp(softmax(a))
      case 20: made = batchNormalization(a, scale: b, shift: c).result
      case 21: made = dropout(a, rate: Double(number()), step: b, key: 1)
      case 22: made = squaredDistances(a, to: b)
      case 23: made = globalMaxPooling(a) + globalAveragePooling(b)
      case 24: made = a.broadcast(to: b.shape)
      case 25: made = pow(select(a, b, c), a)
      default: made = graph.gradients(of: sum(a), withRespectTo: [b, c])[0]
      }
      nodes.append(made)
    }
    let plan: Plan<Double>
    do { plan = try graph.compile([nodes[nodes.count - 1]], batch: 2, state: State()) } catch { return }
    plan.run()
  }
}
