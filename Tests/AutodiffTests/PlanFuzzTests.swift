import Autodiff
import BLAS
import Tensors
import Testing

/// Random graphs compiled into plans, against the same expressions computed one after the other.
@Suite("Plans of random graphs")
struct PlanFuzzTests {
  @Test("give the values of a naive evaluation", arguments: UInt64(0)..<120)
  func values(_ seed: UInt64) throws {
    let batch = [1, 2, 7][Int(seed % 3)]
    var program = RandomProgram(seed: seed, batch: batch, operations: 60)
    let outputs = (0..<6).map { _ in program.pick() }
    let updates = program.updateVariables()
    let state = State<Double>()
    let plan = try program.graph.compile(outputs.map(\.node), batch: batch, state: state)
    for input in program.inputs where plan.takes(input.node) { try plan.set(input.node, to: input.value) }
    plan.run()
    let variables = program.variables.map(\.node)
    for output in outputs where !variables.contains(output.node) {
      let found = try plan.value(of: output.node)
      try #require(found.shape == output.value.shape)
      #expect(
        furthest(found.elements, from: output.value.elements).error < 1e-12,
        "output \(output.node) is \(found.elements), not \(output.value.elements), in \(plan.schedule.map(\.label))")
    }
    for update in updates {
      let found = try #require(state[update.name])
      #expect(furthest(found.elements, from: update.value.elements).error < 1e-12, "variable \(update.name)")
    }
  }

  @Test("repeat themselves where nothing is updated", arguments: UInt64(200)..<210)
  func repetition(_ seed: UInt64) throws {
    var program = RandomProgram(seed: seed, batch: 2, operations: 60)
    let outputs = (0..<4).map { _ in program.pick().node }
    let plan = try program.graph.compile(outputs, batch: 2, state: State())
    for input in program.inputs where plan.takes(input.node) { try plan.set(input.node, to: input.value) }
    plan.run()
    let first = try outputs.map { try plan.value(of: $0) }
    plan.run()
    #expect(try outputs.map { try plan.value(of: $0) } == first)
  }

  @Test("have gradients that agree with differences", arguments: UInt64(300)..<320)
  func gradients(_ seed: UInt64) throws {
    var program = RandomProgram(seed: seed, batch: 2, operations: 25)
    let scalar = sum(tanh(program.pick().node)) + sum(tanh(program.pick().node))
    let check = try GradientCheck(
      of: scalar, withRespectTo: program.variables.map(\.node), inputs: program.inputs, state: State(), batch: 2,
      // A random graph may stop a gradient that it needs, or stand near a kink; those are other tests' matter.
      kinkTolerance: 1e-3)
    #expect(check.count > 0)
    if !program.stopsGradients { #expect(check.largestError < 1e-5, "\(check)") }
  }
}
