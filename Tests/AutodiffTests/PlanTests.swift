import Autodiff
import BLAS
import Foundation
import Tensors
import Testing

/// Fusion, memory and updates of a compiled plan.
@Suite("Plans")
struct PlanTests {
  @Test("fuse a chain of elementwise operations into one pass")
  func fusion() throws {
    let graph = Graph<Double>()
    let (x, bias) = (graph.input([.batch, 4]), graph.input([4]))
    let y = 3 * square(tanh(2 * x + bias)) * x - 1
    let plan = try graph.compile([y], batch: 3, state: State())
    #expect(plan.schedule.count == 1)
  }

  /// Compares nodes of two inputs element by element with what they stand for.
  private func check(
    _ nodes: (_ x: Node<Double>, _ g: Node<Double>) -> [Node<Double>], _ values: (_ x: Double, _ g: Double) -> [Double]
  ) throws {
    let graph = Graph<Double>()
    let (x, g) = (graph.input([.batch, 5]), graph.input([.batch, 5]))
    let outputs = nodes(x, g)
    let plan = try graph.compile(outputs, batch: 4, state: State())
    let (a, b) = (distinct([4, 5], "x"), distinct([4, 5], "g"))
    try plan.set(x, to: a)
    try plan.set(g, to: b)
    plan.run()
    for (i, (x, g)) in zip(a.elements, b.elements).enumerated() {
      for (number, (output, value)) in zip(outputs, values(x, g)).enumerated() {
        #expect(abs(try plan.value(of: output).elements[i] - value) < 1e-14, "\(number)")
      }
    }
  }

  @Test("merge a tanh's gradient into one instruction, and leave what is read elsewhere as it is")
  func mergedSquares() throws {
    try check { x, g in
      let (squared, y) = (square(x), tanh(x))
      return [
        g * (1 - square(y)), (0.5 + 2 * square(x)) * g, (3 - squared) * g, squared, square(g) * (1 - square(g)),
        (1 - square(x)) * (1 - square(g)),
      ]
    } _: { x, g in
      let y = Foundation.tanh(x)
      return [
        g * (1 - y * y), (0.5 + 2 * x * x) * g, (3 - x * x) * g, x * x, g * g * (1 - g * g), (1 - x * x) * (1 - g * g),
      ]
    }
  }

  @Test("merge a sum's tanh, a + p b and a - b c into one instruction, and leave what is read elsewhere as it is")
  func mergedPairs() throws {
    try check { x, g in
      let (kept, scaled, product) = (x + g, 0.3 * g, x * g)
      return [
        tanh(x + 2 * g), tanh(kept), kept, x + 0.7 * g, 0.7 * g + x, scaled + x, scaled, x - g * x, x - product,
        product,
        g * x - x, 2 * x + 3 * g, tanh(x + x), (2 * x + 1) + g,
      ]
    } _: { x, g in
      [
        Foundation.tanh(x + 2 * g), Foundation.tanh(x + g), x + g, x + 0.7 * g, x + 0.7 * g, 0.3 * g + x, 0.3 * g,
        x - g * x, x - x * g, x * g, g * x - x, 2 * x + 3 * g, Foundation.tanh(2 * x), 2 * x + 1 + g,
      ]
    }
  }

  @Test("leave out what no output needs")
  func deadNodes() throws {
    let graph = Graph<Double>()
    let y = exp(graph.input([3]))
    let weights = graph.parameter("unused", [4, 4], .zeros)
    _ = matrixProduct(weights, weights)
    let state = State<Double>()
    let plan = try graph.compile([y], state: state)
    #expect(plan.schedule.count == 1)
    #expect(state.names.isEmpty)
  }

  @Test("ask for the memory that was foretold", arguments: [1, 7])
  func requirement(_ batch: Int) throws {
    let graph = Graph<Float>()
    let (x, state) = (graph.input([.batch, 6, 6, 2]), State<Float>())
    let kernel = graph.parameter("kernel", [3, 3, 2, 4], .glorotUniform)
    let y = tanh(convolution(x, kernel, padding: .same))
    let loss =
      mean(square(y)) + sum(matrixProduct(graph.constant(2, shape: [3, 3]), graph.constant(1, shape: [3, 3])))
    for (variable, gradient) in zip([kernel], graph.gradients(of: loss, withRespectTo: [kernel])) {
      graph.update(variable, to: variable - 0.1 * gradient)
    }
    let foretold = try graph.requirement([loss, y], batch: batch)
    #expect(foretold.variableBytes == 72 * 4 && foretold.inputBytes == (batch * 72 + 18) * 4)
    let plan = try graph.compile([loss, y], batch: batch, state: state)
    #expect(foretold.arenaBytes == plan.arenaBytes && foretold.batch == batch)
    #expect(foretold.totalBytes == foretold.arenaBytes + foretold.inputBytes + foretold.variableBytes)
    #expect(throws: GraphError.batchSize(0)) { try graph.requirement([loss], batch: 0) }
  }

  @Test("repeat operands with periods below and above a block, over several tasks", arguments: [5, 100, 5000, 20_000])
  func periods(_ columns: Int) throws {
    let graph = Graph<Double>()
    let rows = 200_000 / columns
    let x = graph.input([.batch, Dimension(columns)])
    let (row, column, scalar) = (graph.input([Dimension(columns)]), graph.input([.batch, 1]), graph.input([]))
    // A second, shorter repetition in the same group: neither may disturb the other.
    let cube = x.reshaped(to: [.batch, Dimension(columns / 5), 5])
    let (five, both) = (graph.input([5]), graph.input([1, Dimension(columns / 5), 5]))
    let y = tanh(x * row + column) * scalar
    let z = tanh(cube * five + both) - scalar
    let plan = try graph.compile([y, z], batch: rows, state: State())
    let values = (
      x: distinct([rows, columns], "x"), row: distinct([columns], "row"), column: distinct([rows, 1], "column"),
      five: distinct([5], "five"), both: distinct([1, columns / 5, 5], "both")
    )
    try plan.set(x, to: values.x)
    try plan.set(row, to: values.row)
    try plan.set(column, to: values.column)
    try plan.set(scalar, to: Tensor(scalar: 0.75))
    try plan.set(five, to: values.five)
    try plan.set(both, to: values.both)
    plan.run()
    #expect(plan.schedule.contains { $0.tasks > 1 })
    var (expectedY, expectedZ): ([Double], [Double]) = ([], [])
    for index in 0..<(rows * columns) {
      let (i, j) = (index / columns, index % columns)
      let element = values.x.elements[index]
      expectedY.append(Foundation.tanh(element * values.row.elements[j] + values.column.elements[i]) * 0.75)
      expectedZ.append(Foundation.tanh(element * values.five.elements[j % 5] + values.both.elements[j]) - 0.75)
    }
    #expect(furthest(try plan.value(of: y).elements, from: expectedY).error < 1e-12)
    #expect(furthest(try plan.value(of: z).elements, from: expectedZ).error < 1e-12)
  }

  @Test("cut large concatenations, paddings and log-sum-exps into tasks that follow each other's ranges")
  func tasks() throws {
    let graph = Graph<Double>()
    let (a, b) = (graph.input([.batch, 100]), graph.input([.batch, 57]))
    let joined = tanh(concatenate([a, b], axis: 1) + 1)
    let padded = 2 * a.padded(axis: 1, before: 3, after: 4)
    let sums = logSumExp(b) - 1
    let rows = 2_000
    for (node, steps) in [(joined, 1), (padded, 1), (sums, 1)] {
      let plan = try graph.compile([node], batch: rows, state: State())
      #expect(plan.schedule.count == steps && plan.schedule[0].tasks > 1, "\(plan.schedule)")
    }
    let plan = try graph.compile([joined, padded, sums], batch: rows, state: State(), pool: ThreadPool(threads: 4))
    let (x, y) = (distinct([rows, 100], "a"), distinct([rows, 57], "b"))
    try plan.set(a, to: x)
    try plan.set(b, to: y)
    plan.run()
    var (expectedJoined, expectedPadded, expectedSums): ([Double], [Double], [Double]) = ([], [], [])
    for row in 0..<rows {
      let (left, right) = (x.elements[(row * 100)..<(row * 100 + 100)], y.elements[(row * 57)..<(row * 57 + 57)])
      expectedJoined += (left + right).map { Foundation.tanh($0 + 1) }
      expectedPadded += [0, 0, 0] + left.map { 2 * $0 } + [0, 0, 0, 0]
      expectedSums.append(Foundation.log(right.reduce(0) { $0 + Foundation.exp($1) }) - 1)
    }
    #expect(furthest(try plan.value(of: joined).elements, from: expectedJoined).error < 1e-12)
    #expect(try plan.value(of: padded).elements == expectedPadded)
    #expect(furthest(try plan.value(of: sums).elements, from: expectedSums).error < 1e-12)
  }

  @Test("take numbers, literals and tensors as the values of scalar inputs")
  func scalars() throws {
    let graph = Graph<Float>()
    let (x, row) = (graph.input([], name: "x"), graph.input([2], name: "row"))
    let plan = try graph.compile([2 * x, row], state: State())
    func doubled() throws -> Double {
      plan.run()
      return try plan.scalar(2 * x)
    }
    try plan.set(x, to: 0.5)
    #expect(try doubled() == 1)
    try plan.set(x, to: -3)
    #expect(try doubled() == -6)
    let (double, float) = (1.25, Float(4))
    try plan.set(x, to: double)
    #expect(try doubled() == 2.5)
    try plan.set(x, to: float)
    #expect(try doubled() == 8)
    try plan.set(x, to: Tensor(scalar: 7))
    #expect(try doubled() == 14)
    #expect(plan.missingInputs == ["row"])
    #expect(throws: GraphError.inputShape(name: "row", expected: [2], found: [])) { try plan.set(row, to: double) }
  }

  @Test("give constants, scalars and inputs as outputs")
  func leaves() throws {
    let graph = Graph<Float>()
    let (number, tensor) = (graph.constant(2.5, shape: [2]), graph.constant(Tensor<Float>([2], [1, 2])))
    let (x, sum) = (graph.input([]), graph.constant(1) + graph.constant(2))
    let plan = try graph.compile([number, tensor, x, sum], state: State())
    try plan.set(x, to: Tensor(scalar: 4))
    plan.run()
    #expect(try plan.value(of: number).elements == [2.5, 2.5])
    #expect(try plan.value(of: tensor).elements == [1, 2])
    #expect(try plan.scalar(x) == 4)
    #expect(try plan.scalar(sum) == 3)
  }

  @Test("record an expression once")
  func sharing() throws {
    let graph = Graph<Double>()
    let (a, b) = (graph.input([2, 2]), graph.input([2, 2]))
    let (first, again, other) = (a • b, a • b, b • a)
    #expect(first == again)
    #expect(first != other)
    #expect(tanh(a) == tanh(a))
    #expect(maximum(a, graph.constant(0)) == maximum(a, graph.constant(0)))
  }

  @Test("reuse memory of values that are no longer needed")
  func memory() throws {
    func bytes(_ layers: Int) throws -> Int {
      let graph = Graph<Float>()
      var x = graph.input([64, 64])
      let weights = graph.input([64, 64])
      for _ in 0..<layers { x = tanh(x • weights) }
      return try graph.compile([x], state: State()).arenaBytes
    }
    #expect(try bytes(20) == bytes(4))
  }
}

/// Variables that change at the end of a step.
@Suite("Updates")
struct UpdateTests {
  private func run(
    _ values: [String: [Double]], steps: Int = 1, outputs: (Graph<Double>, [String: Node<Double>]) -> [Node<Double>]
  ) throws -> (state: State<Double>, outputs: [[Double]]) {
    let graph = Graph<Double>()
    let nodes = Dictionary(
      uniqueKeysWithValues: values.sorted { $0.key < $1.key }.map { name, value in
        let initial = Tensor([value.count], value)
        return (name, graph.variable(name, [value.count], .tensor(initial), isTrainable: false))
      })
    let wanted = outputs(graph, nodes)
    let state = State<Double>()
    let plan = try graph.compile(wanted, state: state)
    for _ in 0..<steps { plan.run() }
    return (state, try wanted.map { try plan.value(of: $0).elements })
  }

  @Test("exchange two variables")
  func swap() throws {
    let (state, _) = try run(["a": [1, 2], "b": [3, 4]], steps: 3) { graph, v in
      graph.update(v["a"]!, to: v["b"]!)
      graph.update(v["b"]!, to: v["a"]!)
      return []
    }
    #expect(state["a"]?.elements == [3, 4])
    #expect(state["b"]?.elements == [1, 2])
  }

  @Test("are seen by no node of the same step")
  func oldValues() throws {
    let (state, outputs) = try run(["a": [1, 2], "b": [10, 20]]) { graph, v in
      let (a, b) = (v["a"]!, v["b"]!)
      graph.update(a, to: a + 1)
      graph.update(b, to: b + a)
      return [2 * a, sum(a), a * b, tanh(a + 1) * 0 + (a + 1)]
    }
    #expect(state["a"]?.elements == [2, 3])
    #expect(state["b"]?.elements == [11, 22])
    #expect(outputs == [[2, 4], [3], [10, 40], [2, 3]])
  }

  @Test("depend on each other's old values in a ring")
  func ring() throws {
    let (state, _) = try run(["a": [1], "b": [2], "c": [3]], steps: 2) { graph, v in
      graph.update(v["a"]!, to: v["b"]! + v["c"]!)
      graph.update(v["b"]!, to: v["c"]! + v["a"]!)
      graph.update(v["c"]!, to: v["a"]! + v["b"]!)
      return []
    }
    // (1, 2, 3), then (5, 4, 3), then (7, 8, 9).
    #expect([state["a"], state["b"], state["c"]].map { $0?.elements ?? [] } == [[7], [8], [9]])
  }

  @Test("follow momentum by hand")
  func momentum() throws {
    let (state, outputs) = try run(["w": [1], "v": [0]], steps: 2) { graph, v in
      let (w, velocity) = (v["w"]!, v["v"]!)
      let next = 0.5 * velocity - 0.1 * graph.gradients(of: sum(square(w)), withRespectTo: [w])[0]
      graph.update(velocity, to: next)
      graph.update(w, to: w + next)
      return [next]
    }
    // v1 = -0.2, w1 = 0.8; v2 = -0.1 - 0.16 = -0.26, w2 = 0.54.
    #expect(abs((state["w"]?.elements[0] ?? 0) - 0.54) < 1e-15)
    #expect(abs((state["v"]?.elements[0] ?? 0) + 0.26) < 1e-15)
    #expect(abs(outputs[0][0] + 0.26) < 1e-15)
  }

  @Test("made of an earlier update change a variable twice")
  func chained() throws {
    let (state, outputs) = try run(["a": [1, 2], "b": [5, 5]], steps: 2) { graph, v in
      let a = v["a"]!
      graph.update(a) { 10 * $0 }
      graph.update(v["b"]!, to: a)
      graph.update(a) { $0 + 1 }
      return [2 * a]
    }
    // 10·1 + 1 = 11, then 111; b and the output see what the second step started from.
    #expect(state["a"]?.elements == [111, 211])
    #expect(state["b"]?.elements == [11, 21])
    #expect(outputs == [[22, 42]])
  }

  @Test("from constants, inputs and reshaped variables")
  func leaves() throws {
    let graph = Graph<Double>()
    let a = graph.variable("a", [2], .tensor(Tensor([2], [1, 1])), isTrainable: false)
    let b = graph.variable("b", [2, 1], .tensor(Tensor([2, 1], [5, 6])), isTrainable: false)
    let c = graph.variable("c", [2], .tensor(Tensor([2], [0, 0])), isTrainable: false)
    let x = graph.input([2])
    graph.update(a, to: b.reshaped(to: [2]))
    graph.update(b, to: graph.constant(9, shape: [2, 1]))
    graph.update(c, to: x)
    let state = State<Double>()
    let plan = try graph.compile([], state: state)
    try plan.set(x, to: Tensor([2], [3, 4]))
    plan.run()
    #expect(state["a"]?.elements == [5, 6])
    #expect(state["b"]?.elements == [9, 9])
    #expect(state["c"]?.elements == [3, 4])
  }

  @Test("are left out of a plan that only evaluates")
  func evaluation() throws {
    let graph = Graph<Double>()
    let a = graph.variable("a", [1], .tensor(Tensor([1], [1])), isTrainable: false)
    graph.update(a, to: a + 1)
    let state = State<Double>()
    let plan = try graph.compile([2 * a], state: state, updating: false)
    plan.run()
    #expect(state["a"]?.elements == [1])
  }

  #if arch(x86_64) || arch(arm64)
    @Test("take subnormal numbers for zeros while stepping, on all threads, and leave the caller's mode as it was")
    func subnormals() throws {
      let graph = Graph<Float>()
      let x = graph.input([.batch, 64])
      let halves = x * 0.5
      let total = sum(halves)
      let plan = try graph.compile([halves, total], batch: 1024, state: State(), pool: ThreadPool(threads: 2))
      let smallest = [Float](repeating: .leastNormalMagnitude, count: 1024 * 64)
      try plan.set(x, to: Tensor([1024, 64], smallest))
      let mode = FloatingPointMode.current
      plan.run()
      #expect(FloatingPointMode.current == mode)
      #expect(try plan.value(of: halves).elements.allSatisfy { $0.bitPattern == 0 })
      #expect(try plan.run(checking: total) { $0 == 0 })
      #expect(FloatingPointMode.current == mode)
      #expect(try plan.value(of: halves).elements.allSatisfy { $0.bitPattern == 0 })
      struct GivenUp: Error {}
      #expect(throws: GivenUp.self) { try plan.run(checking: total) { _ in throw GivenUp() } }
      #expect(FloatingPointMode.current == mode)
    }
  #endif
}
