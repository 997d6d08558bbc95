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

  @Test("a small call runs beside the step of most tasks of a large one, whose weights are held anyway")
  func smallCallsBesideLargeUpdates() throws {
    let graph = Graph<Float>()
    let x = graph.input([10, 1100]),
      w = graph.variable("w", [1100, 1000], .tensor(values([1100, 1000], 1)), isTrainable: true)
    let shift = graph.variable("shift", [1000], .tensor(values([1000], 2)), isTrainable: true)
    let loss = mean(square(tanh(x • w + shift) - 1))
    let gradients = graph.gradients(of: loss, withRespectTo: [w, shift])
    graph.update(w, to: w - 0.1 * gradients[0])
    graph.update(shift, to: shift - 0.1 * gradients[1])
    let plan = try graph.compile([loss], state: State(), pool: ThreadPool(threads: 2))
    let pass = plan.schedule.filter { $0.label.contains("matrix product, affine, subtraction") }
    // The gradient is copied in two tasks, and the weights change in sixteen, beside the sum.
    #expect(pass.map(\.tasks) == [2, 17], "\(plan.schedule)")
    #expect(pass.last?.label.contains("sum over axes [0] | ") == true, "\(plan.schedule)")
  }

  @Test("an update waits for a gradient that is made in another update and reads its variable", arguments: [1, 4])
  func productsThatReadUpdatedVariables(_ threads: Int) throws {
    // The gradients of u v by u and by v read the other factor, and are made where the updates need them.
    let graph = Graph<Double>()
    let (u, v) = (
      graph.variable("u", [96, 4], .tensor(values([96, 4], 1)), isTrainable: true),
      graph.variable("v", [4, 120], .tensor(values([4, 120], 2)), isTrainable: true)
    )
    let w = graph.variable("w", [120, 90], .tensor(values([120, 90], 3)), isTrainable: true)
    let loss = sum(square(matrixProduct(matrixProduct(u, v), w)))
    let variables = [u, v, w]
    let gradients = graph.gradients(of: loss, withRespectTo: variables)
    let state = State<Double>()
    let before = try graph.compile(gradients + [loss], state: state, updating: false)
    for (variable, gradient) in zip(variables, gradients) { graph.update(variable, to: variable - 0.125 * gradient) }
    let plan = try graph.compile([loss], state: state, pool: ThreadPool(threads: threads))
    for _ in 0..<5 {
      before.run()
      let old = try ["u", "v", "w"].map { try #require(state[$0]) }
      let steps = try gradients.map { try before.value(of: $0) }
      plan.run()
      for (name, (old, step)) in zip(["u", "v", "w"], zip(old, steps)) {
        let new = try #require(state[name]).elements
        #expect(
          zip(new, zip(old.elements, step.elements)).allSatisfy {
            abs($0 - ($1.0 - 0.125 * $1.1)) <= 1e-9 * Swift.max(1, abs($0))
          }, "\(name)")
        state[name] = values(old.shape, name.hashValue & 7)
      }
    }
  }

  @Test("two large factors whose gradients both read the other")
  func crossedFactors() throws {
    let graph = Graph<Double>()
    let u = graph.variable("u", [4, 2100], .tensor(values([4, 2100], 1)), isTrainable: true)
    let v = graph.variable("v", [2100, 4], .tensor(values([2100, 4], 2)), isTrainable: true)
    let loss = sum(square(matrixProduct(u, v)))
    let gradients = graph.gradients(of: loss, withRespectTo: [u, v])
    let state = State<Double>()
    let before = try graph.compile(gradients, state: state, updating: false)
    graph.update(u, to: u - 0.001 * gradients[0])
    graph.update(v, to: v - 0.001 * gradients[1])
    let plan = try graph.compile([loss], state: state, pool: ThreadPool(threads: 4))
    before.run()
    plan.run()
    for (name, gradient, start) in [
      ("u", gradients[0], values([4, 2100], 1)), ("v", gradients[1], values([2100, 4], 2)),
    ] {
      let (new, step) = (try #require(state[name]).elements, try before.value(of: gradient).elements)
      #expect(zip(new, zip(start.elements, step)).allSatisfy { abs($0 - ($1.0 - 0.001 * $1.1)) < 1e-9 }, "\(name)")
    }
  }

  @Test("what is only copied to a variable is not overwritten beside the copy")
  func copiesToVariables() throws {
    let graph = Graph<Double>()
    let x = graph.input([8, 5])
    let output = sum(x)
    let sums = sum(x, axes: [0])
    let statistics = graph.variable("statistics", [5], .tensor(.zeros([5])), isTrainable: false)
    let w = graph.variable("w", [8, 5], .tensor(.zeros([8, 5])), isTrainable: true)
    graph.update(statistics, to: sums)
    graph.update(w, to: w - 0.1 * sums)
    let state = State<Double>()
    let plan = try graph.compile([output], state: state)
    try plan.set(x, to: values([8, 5], 1))
    plan.run()
    let found = try #require(state["statistics"]).elements
    let elements = values([8, 5], 1).elements
    for column in 0..<5 {
      let wanted = (0..<8).reduce(0) { $0 + elements[$1 * 5 + column] }
      #expect(abs(found[column] - wanted) < 1e-14)
      #expect(abs(try #require(state["w"]).elements[column] + 0.1 * wanted) < 1e-14)
    }
  }

  @Test("a product made block by block does not write where it still reads")
  func blocksBesideTheirOperands() throws {
    let graph = Graph<Double>()
    let (a, x) = (graph.constant(values([256, 256], 1)), graph.input([256, 4096]))
    let b = matrixProduct(a, x)
    let v = graph.variable("v", [256, 4096], .tensor(.zeros([256, 4096])), isTrainable: false)
    let q = matrixProduct(a, b) + b
    graph.update(v, to: v + q)
    let state = State<Double>()
    let plan = try graph.compile([q], state: state, pool: ThreadPool(threads: 2))
    let apart = try graph.compile([b, q], state: State(), updating: false)
    for plan in [plan, apart] { try plan.set(x, to: values([256, 4096], 2)) }
    plan.run()
    apart.run()
    let (found, wanted) = (try plan.value(of: q).elements, try apart.value(of: q).elements)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-10 * Swift.max(1, abs($1)) })
    #expect(zip(try #require(state["v"]).elements, wanted).allSatisfy { abs($0 - $1) < 1e-10 * Swift.max(1, abs($1)) })
  }

  @Test("a variable that is asked for with its gradient does not change beside the loss that is checked")
  func updatesWaitForTheLoss() throws {
    let graph = Graph<Double>()
    let w = graph.variable("w", [3], .tensor(Tensor([3], [1, 2, 3])), isTrainable: true)
    let loss = sum(square(w))
    let gradient = graph.gradients(of: loss, withRespectTo: [w])[0]
    let next = w - 0.1 * gradient
    graph.update(w, to: next)
    for wanted in [[loss, gradient], [loss, next], [loss, gradient, w]] {
      let state = State<Double>()
      let plan = try graph.compile(wanted, state: state, pool: ThreadPool(threads: 2))
      let isDone = try plan.run(checking: loss) { $0 < 0 }
      #expect(!isDone && state["w"]?.elements == [1, 2, 3])
      let isDoneNow = try plan.run(checking: loss) { $0 == 14 }
      let moved = state["w"]?.elements ?? []
      #expect(isDoneNow && zip(moved, [0.8, 1.6, 2.4]).allSatisfy { abs($0 - $1) < 1e-15 }, "\(moved)")
    }
  }
}
