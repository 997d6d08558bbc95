import BLAS
import Tensors
import Testing

@testable import Autodiff

/// Plans within a memory budget, which compute values again instead of keeping them.
@Suite("Recomputation")
struct RecomputationTests {
  /// A chain of layers of one size, whose activations are most of what a step holds.
  private struct Chain {
    let graph = Graph<Float>()
    let x: Node<Float>
    let loss: Node<Float>

    init(layers: Int = 24, width: Int = 16) {
      x = graph.input([.batch, Dimension(width)], name: "x")
      var node = x
      for number in 1...layers {
        let weight = graph.parameter("w\(number)", [width, width], .glorotUniform)
        node = graph.scoped("layer\(number)", at: nil) { tanh(node • weight) }
      }
      loss = mean(square(node))
      let variables = graph.trainableVariables
      for (variable, gradient) in zip(variables, graph.gradients(of: loss, withRespectTo: variables)) {
        graph.update(variable, to: variable - 0.5 * gradient)
      }
    }

    /// The bits of the losses and the weights of three steps.
    func run(budget: Int?, batch: Int = 64) throws -> (bits: [[UInt32]], arenaBytes: Int) {
      let state = State<Float>(seed: 2)
      let plan = try graph.compile([loss], batch: batch, state: state, memoryBudget: budget)
      let values = distinct(x.shape.resolved(batch: batch), "chain")
      try plan.set(x, to: Tensor(values.shape, values.elements.map { Float($0) }))
      var bits: [[UInt32]] = []
      for _ in 0..<3 {
        plan.run()
        bits.append([Float(try plan.scalar(loss)).bitPattern])
      }
      bits += state.names.map { name in state[name]?.elements.map(\.bitPattern) ?? [] }
      return (bits, plan.arenaBytes)
    }
  }

  @Test("keeps within a budget, to the same bits", arguments: [0.95, 0.75, 0.5])
  func budget(_ share: Double) throws {
    let chain = Chain()
    let whole = try chain.run(budget: nil)
    let budget = Int(share * Double(whole.arenaBytes))
    let (bits, arenaBytes) = try chain.run(budget: budget)
    #expect(arenaBytes <= budget)
    #expect(bits == whole.bits)
    #expect(try chain.graph.requirement([chain.loss], batch: 64, memoryBudget: budget).arenaBytes == arenaBytes)
    let calls = try chain.graph.calls([chain.loss], batch: 64, memoryBudget: budget)
    #expect(calls.contains { $0.isRecomputed && $0.scope.hasPrefix("layer") })
  }

  @Test("changes nothing where the plan fits anyway")
  func ample() throws {
    let chain = Chain()
    let calls = try chain.graph.calls([chain.loss], batch: 64)
    let bytes = try chain.graph.requirement([chain.loss], batch: 64).arenaBytes
    #expect(try chain.graph.calls([chain.loss], batch: 64, memoryBudget: bytes) == calls)
    #expect(!calls.contains { $0.isRecomputed })
  }

  @Test("refuses a budget that cannot be met, with the smallest that can")
  func refusal() throws {
    let chain = Chain()
    let whole = try chain.graph.requirement([chain.loss], batch: 64).arenaBytes
    let error = #expect(throws: GraphError.self) { try chain.run(budget: 1) }
    guard case .memoryBudget(1, let smallest, let heldBy, 64) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // Chen et al. (2016): the square root of the layers, kept once and computed again once, with room for gradients.
    #expect(smallest < whole / 2)
    #expect(heldBy.count == 3 && heldBy[0].contains("bytes"))
    #expect(error?.description.contains("the smallest takes \(smallest), at most held by \(heldBy[0])") == true)
    #expect(try chain.run(budget: smallest).arenaBytes == smallest)
    #expect(throws: GraphError.memoryBudget(bytes: -5, smallest: smallest, heldBy: heldBy, batch: 64)) {
      try chain.run(budget: -5)
    }
    // Where nothing comes after the outputs, nothing can be computed again for it.
    let inference = Graph<Float>()
    let y = tanh(inference.input([.batch, 40]) • inference.parameter("w", [40, 40], .glorotUniform))
    let needed = try inference.requirement([y], batch: 8).arenaBytes
    let other = #expect(throws: GraphError.self) {
      try inference.compile([y], batch: 8, state: State(), memoryBudget: 9)
    }
    if case .memoryBudget(9, needed, _, 8) = other {} else { Issue.record("\(String(describing: other))") }
  }

  @Test("of any values of a random graph gives the same bits", arguments: UInt64(400)..<480)
  func randomGraphs(_ seed: UInt64) throws {
    var program = RandomProgram(seed: seed, batch: 3, operations: 40)
    let graph = program.graph
    let loss = sum(tanh(program.pick().node)) + sum(square(program.pick().node))
    let variables = program.variables.map(\.node)
    for (variable, gradient) in zip(variables, graph.gradients(of: loss, withRespectTo: variables)) {
      graph.update(variable, to: variable - 0.1 * gradient)
    }
    func bits(_ compiler: Compiler<Double>) throws -> [[UInt64]] {
      var compiler = compiler
      let plan = try compiler.compile(pool: .shared)
      for input in program.inputs where plan.takes(input.node) { try plan.set(input.node, to: input.value) }
      var bits: [[UInt64]] = []
      for _ in 0..<2 {
        plan.run()
        bits.append([try plan.scalar(loss).bitPattern])
      }
      return bits + compiler.state.names.map { compiler.state[$0]?.elements.map(\.bitPattern) ?? [] }
    }
    func whole() throws -> Compiler<Double> {
      try graph.compiler([loss], batch: 3, state: State(), updating: true, memoryBudget: nil)
    }
    var planned = try whole()
    let schedule = try planned.schedule().0
    _ = planned.layOut(schedule)
    let recomputation = try #require(Recomputation(try whole(), planned: planned, schedule))
    // Every candidate is read after the outputs, so giving all of them up computes something again.
    if !recomputation.candidates.isEmpty {
      let all = recomputation.compiler(dropping: Set(recomputation.candidates)).compiler
      #expect(all.graph.records.contains { $0.stage == .again })
    }
    let kept = try bits(whole())
    for round in 0..<4 {
      let dropped = recomputation.candidates.filter { _ in round == 0 || program.generator.next(upperBound: 2) == 0 }
      let other = try #require(Recomputation(try whole(), planned: planned, schedule))
      #expect(try bits(other.compiler(dropping: Set(dropped)).compiler) == kept, "without \(dropped)")
    }
  }
}
