import Autodiff
import BLAS
import Tensors
import Testing

/// Kernel calls that share out their tasks together because none of them waits for another.
@Suite("Calls beside each other")
struct ConcurrentUnitTests {
  private func values(_ shape: Shape, _ seed: Int) -> Tensor<Double> {
    Tensor(shape, (0..<shape.count).map { Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4 })
  }

  @Test("products of one operand run together, what needs both of them after", arguments: [1, 2, 4])
  func independentProducts(_ threads: Int) throws {
    let graph = Graph<Double>()
    let (x, a) = (graph.input([40, 60]), graph.constant(values([60, 50], 1)))
    let b = graph.constant(values([60, 50], 2))
    let (left, right) = (matrixProduct(x, a), matrixProduct(x, b))
    let end = matrixProduct(left, right, transposingSecond: true)
    let plan = try graph.compile([end], state: State(), pool: ThreadPool(threads: threads))
    #expect(plan.schedule.count == 2 && plan.schedule[0].label.contains(" | "), "\(plan.schedule)")
    try plan.set(x, to: values([40, 60], 3))
    for _ in 0..<3 { plan.run() }
    let kept = try graph.compile([left, right, end], state: State(), pool: ThreadPool(threads: 1))
    try kept.set(x, to: values([40, 60], 3))
    kept.run()
    #expect(try plan.value(of: end) == kept.value(of: end))
    let (xs, bs) = (values([40, 60], 3).elements, values([60, 50], 2).elements)
    for (i, j) in [(0, 0), (7, 49), (39, 13)] {
      let wanted = (0..<60).reduce(0) { $0 + xs[i * 60 + $1] * bs[$1 * 50 + j] }
      #expect(abs(try kept.value(of: right).elements[i * 50 + j] - wanted) < 1e-12)
    }
  }

  @Test("a call that writes in place leaves alone what the call beside it still reads", arguments: [1, 4])
  func operandsThatAreStillRead(_ threads: Int) throws {
    // tanh(m) could take the place of m, which dies here, if the product beside it did not read m as well.
    let graph = Graph<Double>()
    let x = graph.input([100, 100])
    let m = matrixProduct(x, x)
    let (curved, product) = (tanh(m), matrixProduct(m, m, transposingFirst: true))
    let end = matrixProduct(curved, product)
    let plan = try graph.compile([end], state: State(), pool: ThreadPool(threads: threads))
    let reference = try graph.compile([m, curved, product, end], state: State(), pool: ThreadPool(threads: 1))
    for plan in [plan, reference] { try plan.set(x, to: values([100, 100], 5)) }
    for _ in 0..<20 {
      plan.run()
      reference.run()
      #expect(try plan.value(of: end) == reference.value(of: end))
    }
  }

  @Test("no variable changes beside the output for which a step may be given up")
  func updatesAfterOutputs() throws {
    let graph = Graph<Double>()
    let x = graph.input([3])
    let w = graph.variable("w", [3], .tensor(values([3], 1)), isTrainable: true)
    let loss = sum(x * x)
    graph.update(w, to: w + x)
    let state = State<Double>()
    let plan = try graph.compile([loss], state: state)
    try plan.set(x, to: values([3], 2))
    #expect(try plan.run(checking: loss) { _ in false } == false)
    #expect(state["w"] == values([3], 1))
    #expect(try plan.run(checking: loss) { _ in true })
    #expect(state["w"] != values([3], 1))
  }

  @Test("large calls stay alone, since what they need would be held longer")
  func largeCalls() throws {
    let graph = Graph<Float>()
    let x = graph.input([1024, 1024])
    let ends = [matrixProduct(x, x), matrixProduct(x, x, transposingFirst: true)]
    #expect(try graph.calls(ends).allSatisfy { !$0.isBesideCallBefore })
    let small = Graph<Float>()
    let y = small.input([64, 64])
    let calls = try small.calls([matrixProduct(y, y), matrixProduct(y, y, transposingFirst: true)])
    #expect(calls.map(\.isBesideCallBefore) == [false, true])
  }
}
