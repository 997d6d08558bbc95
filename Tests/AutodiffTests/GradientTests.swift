import Autodiff
import BLAS
import Tensors
import Testing

/// Every gradient rule, and the gradient of every gradient, against central differences.
@Suite("Gradients")
struct GradientTests {
  private struct Recorded {
    let inputs: [(node: Node<Double>, value: Tensor<Double>)]
    let result: Node<Double>
    var leaves: [Node<Double>]
  }

  private func record(_ operation: OperationCase) -> Recorded {
    let graph = Graph<Double>()
    let inputs = operation.operands.enumerated().map { index, value in
      (node: graph.input(SymbolicShape(value.shape), name: "x\(index)"), value: value)
    }
    let nodes = inputs.map(\.node)
    return Recorded(
      inputs: inputs, result: operation.build(nodes), leaves: Array(nodes.prefix(operation.differentiated)))
  }

  @Test("agree with differences", arguments: OperationCase.all)
  func first(_ operation: OperationCase) throws {
    let recorded = record(operation)
    let check = try GradientCheck(
      of: recorded.result.weighted, withRespectTo: recorded.leaves, inputs: recorded.inputs)
    #expect(check.largestError < 1e-6, "\(check)")
    #expect(check.count == recorded.leaves.map { $0.shape.resolved(batch: 1).count }.reduce(0, +))
    #expect(check.kinks.isEmpty, "\(check)")
  }

  @Test("of gradients agree with differences", arguments: OperationCase.all)
  func second(_ operation: OperationCase) throws {
    let recorded = record(operation)
    let graph = recorded.result.graph
    let gradients = graph.gradients(of: sum(square(recorded.result)), withRespectTo: recorded.leaves)
    let scalar = gradients.map { sum(square($0)) }.reduce(graph.constant(0), +)
    let check = try GradientCheck(of: scalar, withRespectTo: recorded.leaves, inputs: recorded.inputs)
    #expect(check.largestError < 1e-6, "\(check)")
    #expect(check.kinks.isEmpty, "\(check)")
  }

  @Test("of a function of variables are taken at the state's values, which are left as they were")
  func variables() throws {
    let graph = Graph<Double>()
    let w = graph.parameter("w", [3, 2], .glorotUniform)
    let state = State<Double>(seed: 3)
    let check = try GradientCheck(of: sum(tanh(w)), withRespectTo: [w], state: state)
    #expect(check.count == 6 && check.largestError < 1e-6, "\(check)")
    let fresh = State<Double>(seed: 3)
    _ = try graph.compile([w], state: fresh)
    #expect(state["w"] == fresh["w"])
  }

  @Test("kinks are reported apart from errors")
  func kinks() throws {
    let graph = Graph<Double>()
    let x = graph.input([4], name: "x")
    let check = try GradientCheck(
      of: sum(relu(x) + abs(x)), withRespectTo: [x], inputs: [(x, Tensor([4], [-1, 0, 2, 0]))])
    #expect(check.kinks.map(\.index) == [1, 3])
    #expect(check.kinks.allSatisfy { $0.name == "x" })
    #expect(check.count == 4 && check.largestError < 1e-6, "\(check)")
  }

  @Test("that are wrong are found")
  func wrong() throws {
    let graph = Graph<Double>()
    let x = graph.input([2], name: "x")
    // The stopped factor counts as a constant, so the gradient is half of what it should be.
    let check = try GradientCheck(
      of: sum(x * stopGradient(x)), withRespectTo: [x], inputs: [(x, Tensor([2], [1, 3]))])
    let worst = try #require(check.worst)
    #expect(check.largestError > 0.4 && worst.name == "x")
    #expect(check.description.contains("x[\(worst.index)]"))
  }

  @Test("with a seed are vector-Jacobian products")
  func seeded() throws {
    let graph = Graph<Double>()
    let (x, seed) = (graph.input([3], name: "x"), graph.input([3], name: "seed"))
    let product = graph.gradients(of: exp(x), seed: seed, withRespectTo: [x])[0]
    let plan = try graph.compile([product], state: State())
    try plan.set(x, to: Tensor([3], [0, 1, 2]))
    try plan.set(seed, to: Tensor([3], [1, 0, -2]))
    plan.run()
    let expected = [1, 0, -2 * 7.38905609893065]
    #expect(furthest(try plan.value(of: product).elements, from: expected).error < 1e-12)
  }

  @Test("of what a function does not depend on are zeros")
  func independent() throws {
    let graph = Graph<Double>()
    let (x, y) = (graph.input([2]), graph.input([.batch, 3]))
    let gradient = graph.gradients(of: sum(x), withRespectTo: [y])[0]
    let plan = try graph.compile([gradient], batch: 2, state: State())
    plan.run()
    #expect(try plan.value(of: gradient) == Tensor([2, 3], repeating: 0))
  }

  @Test("of a mean over the batch are divided by its size", arguments: [1, 2, 7])
  func batchMean(_ batch: Int) throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 3])
    let loss = mean(square(x))
    let gradient = graph.gradients(of: loss, withRespectTo: [x])[0]
    let plan = try graph.compile([loss, gradient], batch: batch, state: State())
    let value = distinct([batch, 3], "batch")
    try plan.set(x, to: value)
    plan.run()
    let count = Double(3 * batch)
    #expect(abs(try plan.scalar(loss) - value.elements.map { $0 * $0 }.reduce(0, +) / count) < 1e-14)
    #expect(furthest(try plan.value(of: gradient).elements, from: value.elements.map { 2 * $0 / count }).error < 1e-14)
  }
}
