import Autodiff
import BLAS
import Tensors
import Testing

/// Updates that a matrix product carries out itself.
@Suite("Updates by products")
struct ProductUpdateTests {
  /// One step of `rule` on w with x'y as its gradient, and what the plan ran.
  private func step(
    _ rule: (_ w: Node<Double>, _ gradient: Node<Double>, _ rate: Node<Double>) -> Node<Double>,
    asking: (_ w: Node<Double>, _ gradient: Node<Double>) -> [Node<Double>] = { _, _ in [] }
  ) throws -> (w: Tensor<Double>, labels: [String]) {
    let graph = Graph<Double>()
    let (x, y) = (graph.input([.batch, 40]), graph.input([.batch, 33]))
    let rate = graph.input([])
    let w = graph.variable("w", [40, 33], .tensor(values([40, 33], 3)), isTrainable: true)
    let gradient = matrixProduct(x, y, transposingFirst: true)
    graph.update(w, to: rule(w, gradient, rate))
    let plan = try graph.compile([w] + asking(w, gradient), batch: 7, state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: values([7, 40], 1))
    try plan.set(y, to: values([7, 33], 2))
    try plan.set(rate, to: 0.25)
    plan.run()
    return (try plan.value(of: w), plan.schedule.map(\.label))
  }

  private func expected(_ factor: Double) -> [Double] {
    let (x, y, w) = (values([7, 40], 1).elements, values([7, 33], 2).elements, values([40, 33], 3).elements)
    return (0..<40 * 33).map { index in
      let (i, j) = (index / 33, index % 33)
      return w[index] + factor * (0..<7).reduce(0) { $0 + x[$1 * 40 + i] * y[$1 * 33 + j] }
    }
  }

  private func check(_ found: Tensor<Double>, _ factor: Double) {
    for (a, b) in zip(found.elements, expected(factor)) { #expect(abs(a - b) < 1e-14) }
  }

  @Test func gradientDescentIsOneProduct() throws {
    let forms: [(Double, (Node<Double>, Node<Double>, Node<Double>) -> Node<Double>)] = [
      (-0.25, { w, g, rate in w - rate * g }), (-0.5, { w, g, rate in w - 2 * rate * g }),
      (-0.5, { w, g, rate in w - rate * (2 * g) }), (0.25, { w, g, rate in w + rate * g }),
      (0.25, { w, g, rate in g * rate + w }), (-0.125, { w, g, _ in w - 0.125 * g }), (1, { w, g, _ in w + g }),
    ]
    for (index, (factor, rule)) in forms.enumerated() {
      let (w, labels) = try step(rule)
      check(w, factor)
      if index != 1 { #expect(labels.count == 1, "\(labels)") }
    }
  }

  @Test func aGradientThatIsReadElsewhereIsComputed() throws {
    let (w, labels) = try step({ w, g, rate in w - rate * g }, asking: { _, g in [g] })
    check(w, -0.25)
    #expect(labels.count > 1)
    let (clipped, _) = try step({ w, g, rate in w - rate * clamp(g, -100...100) })
    check(clipped, -0.25)
  }

  @Test func theOldValueIsReadBeforeItChanges() throws {
    let graph = Graph<Double>()
    let (x, rate) = (graph.input([.batch, 40]), graph.input([]))
    let w = graph.variable("w", [40, 40], .tensor(values([40, 40], 3)), isTrainable: true)
    let y = x • w
    let back = matrixProduct(y, w, transposingSecond: true)
    graph.update(w, to: w - rate * matrixProduct(x, y, transposingFirst: true))
    // A product of the variable itself cannot be added to it in place.
    let v = graph.variable("v", [40, 40], .tensor(values([40, 40], 4)), isTrainable: true)
    graph.update(v, to: v - rate * (w • v))
    let plan = try graph.compile([y, back, w, v], batch: 7, state: State(), pool: ThreadPool(threads: 2))
    let (inputs, start) = (values([7, 40], 1), values([40, 40], 3).elements)
    try plan.set(x, to: inputs)
    try plan.set(rate, to: 0.5)
    plan.run()
    func product(_ a: [Double], _ b: [Double], _ rows: Int, _ inner: Int) -> [Double] {
      (0..<rows * 40).map { index in
        (0..<inner).reduce(0) { $0 + a[index / 40 * inner + $1] * b[$1 * 40 + index % 40] }
      }
    }
    func turned(_ a: [Double], _ rows: Int) -> [Double] {
      (0..<a.count).map { a[$0 % rows * (a.count / rows) + $0 / rows] }
    }
    func close(_ node: Node<Double>, _ wanted: [Double]) throws {
      for (a, b) in zip(try plan.value(of: node).elements, wanted) { #expect(abs(a - b) < 1e-12) }
    }
    let outputs = product(inputs.elements, start, 7, 40)
    try close(y, outputs)
    try close(back, product(outputs, turned(start, 40), 7, 40))
    let gradient = product(turned(inputs.elements, 7), outputs, 40, 7)
    try close(w, zip(start, gradient).map { $0 - 0.5 * $1 })
    let other = values([40, 40], 4).elements
    try close(v, zip(other, product(start, other, 40, 40)).map { $0 - 0.5 * $1 })
  }

  @Test func aStepThatIsGivenUpChangesNothing() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 40])
    let w = graph.variable("w", [40, 33], .tensor(values([40, 33], 3)), isTrainable: true)
    let y = x • w
    let loss = square(mean(y))
    graph.update(w, to: w - 0.5 * matrixProduct(x, y, transposingFirst: true))
    // What counts the losses joins the loss's own unit, which therefore stands late in the schedule.
    let total = graph.variable("total", [], .tensor(Tensor([], [0])), isTrainable: false)
    graph.update(total, to: total + loss)
    let plan = try graph.compile([loss, w], batch: 7, state: State(), pool: ThreadPool(threads: 1))
    try plan.set(x, to: values([7, 40], 1))
    let finished = try plan.run(checking: loss) { _ in false }
    #expect(!finished)
    #expect(try plan.value(of: w) == values([40, 33], 3))
    plan.run()
    #expect(try plan.value(of: w) != values([40, 33], 3))
  }

  /// Steps of two dense layers, and what the plan ran.
  private func train(asking: Bool = false, _ rule: (Node<Double>, Node<Double>) -> Node<Double>) throws -> (
    weights: [Tensor<Double>], calls: [PlannedCall]
  ) {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 80])
    let first = graph.variable("first", [80, 90], .tensor(values([80, 90], 3)), isTrainable: true)
    let second = graph.variable("second", [90, 70], .tensor(values([90, 70], 4)), isTrainable: true)
    let hidden = tanh(x • first)
    let loss = mean(square(hidden • second))
    let gradients = graph.gradients(of: loss, withRespectTo: [first, second, hidden])
    graph.update(first, to: rule(first, gradients[0]))
    graph.update(second, to: rule(second, gradients[1]))
    let outputs = [loss, first, second] + (asking ? [gradients[2]] : [])
    let plan = try graph.compile(outputs, batch: 7, state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: values([7, 80], 1))
    for _ in 0..<3 { plan.run() }
    return (try [first, second].map { try plan.value(of: $0) }, try graph.calls(outputs, batch: 7))
  }

  /// With weights stored as outputs x inputs the output is the product that elsewhere is an input's gradient.
  @Test func whatIsAddedMayBeMadeOfThatVeryProduct() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 90])
    let w = graph.variable("w", [80, 90], .tensor(values([80, 90], 3)), isTrainable: true)
    let y = matrixProduct(x, w, transposingSecond: true)
    graph.update(w, to: w - 0.25 * matrixProduct(y, x, transposingFirst: true))
    let plan = try graph.compile([w], batch: 7, state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: values([7, 90], 1))
    plan.run()
    let (inputs, start) = (values([7, 90], 1).elements, values([80, 90], 3).elements)
    var wanted = start
    for row in 0..<7 {
      for unit in 0..<80 {
        var output = 0.0
        for k in 0..<90 { output += inputs[row * 90 + k] * start[unit * 90 + k] }
        for k in 0..<90 { wanted[unit * 90 + k] -= 0.25 * output * inputs[row * 90 + k] }
      }
    }
    for (a, b) in zip(try plan.value(of: w).elements, wanted) { #expect(abs(a - b) < 1e-12) }
  }

  /// Three layers whose rate is an input, in a step that is given up and then made: weights change together or not at all.
  @Test func aStepWithInputGradientsMayBeGivenUp() throws {
    let graph = Graph<Double>()
    let (x, rate) = (graph.input([.batch, 80]), graph.input([]))
    let weights = (0..<3).map { number in
      graph.variable("w\(number)", [80, 80], .tensor(values([80, 80], number)), isTrainable: true)
    }
    let loss = mean(square(weights.reduce(x) { tanh($0 • $1) }))
    let gradients = graph.gradients(of: loss, withRespectTo: weights)
    for (w, g) in zip(weights, gradients) { graph.update(w, to: w - rate * g) }
    func run(_ outputs: [Node<Double>]) throws -> [Tensor<Double>] {
      let plan = try graph.compile(outputs + weights, batch: 5, state: State(), pool: ThreadPool(threads: 2))
      try plan.set(x, to: values([5, 80], 1))
      try plan.set(rate, to: 0.5)
      let finished = try plan.run(checking: loss) { _ in false }
      #expect(!finished)
      for (number, w) in weights.enumerated() {
        let found = try plan.value(of: w)
        #expect(found == values([80, 80], number))
      }
      for _ in 0..<2 { plan.run() }
      return try weights.map { try plan.value(of: $0) }
    }
    // Gradients that are outputs are no part of an update.
    let (together, apart) = (try run([loss]), try run([loss] + gradients))
    let calls = try graph.calls([loss] + weights, batch: 5)
    #expect(calls.count(where: isOnePass) == 2 && calls.count(where: isUpdateAlone) == 1)
    for (a, b) in zip(together.flatMap(\.elements), apart.flatMap(\.elements)) { #expect(abs(a - b) < 1e-13) }
  }

  @Test func theInputGradientIsMadeOnTheWay() throws {
    let (together, calls) = try train { w, g in w - 0.1 * g }
    #expect(calls.count(where: isOnePass) == 1 && calls.count(where: isUpdateAlone) == 1)
    // The gradient of the hidden values is an output, so the step may still be given up when it is made.
    let (apart, others) = try train(asking: true) { w, g in w - 0.1 * g }
    #expect(!others.contains(where: isOnePass) && others.count(where: isUpdateAlone) == 2)
    #expect(together == apart)
    // A clipped gradient is no product.
    let (clipped, more) = try train { w, g in w - 0.1 * clamp(g, -100...100) }
    #expect(!more.contains { isOnePass($0) || isUpdateAlone($0) })
    for (a, b) in zip(clipped.flatMap(\.elements), together.flatMap(\.elements)) { #expect(abs(a - b) < 1e-12) }
  }
}

/// Numbers around 0, others for each seed.
func values(_ shape: Shape, _ seed: Int) -> Tensor<Double> {
  Tensor(shape, (0..<shape.count).map { Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4 })
}

/// Whether a product makes the gradient of a layer's input and updates its weights.
func isOnePass(_ call: PlannedCall) -> Bool { call.choice?.method == "streamed, input gradient and update in one pass" }

/// Whether a product updates a layer's weights, and is nothing else.
func isUpdateAlone(_ call: PlannedCall) -> Bool {
  call.choice?.method == "streamed, update in one pass"
}
