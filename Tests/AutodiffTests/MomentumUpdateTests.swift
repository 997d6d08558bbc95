import Autodiff
import BLAS
import Tensors
import Testing

/// Weights that follow a velocity, changed in the pass that makes the gradient of their layer's input.
@Suite("Updates with momentum by products")
struct MomentumUpdateTests {
  /// How a velocity takes a gradient, and how weights follow it.
  struct Rule: CustomTestStringConvertible {
    typealias Value = Node<Double>

    let testDescription: String
    let velocity: @Sendable (_ w: Value, _ v: Value, _ g: Value, _ rate: Value) -> Value
    let weights: @Sendable (_ w: Value, _ v: Value, _ g: Value, _ rate: Value, _ next: Value) -> Value
    /// Whether gradients have a scale of their own.
    var isDamped = false
  }

  /// What is an output besides the loss and the variables: the gradients of weights or that of the hidden values.
  private enum Asked { case nothing, weights, hidden }

  /// Steps of two dense layers with momentum: weights and velocities, and what the plan ran.
  private func trainWithMomentum(
    asking: Asked = .nothing, batch: Int = 7, steps: Int = 3, _ rule: Rule
  ) throws -> (variables: [Tensor<Double>], calls: [PlannedCall]) {
    let graph = Graph<Double>()
    let (x, rate, damping) = (graph.input([.batch, 80]), graph.input([]), graph.input([]))
    let weights = [Shape([80, 91]), [91, 70]].enumerated().map { number, shape in
      graph.variable("w\(number)", shape, .tensor(values(shape, 3 + number)), isTrainable: true)
    }
    let velocities = weights.enumerated().map { number, w in
      let shape = w.shape.resolved(batch: 1)
      return graph.variable("v\(number)", shape, .tensor(values(shape, 5 + number)), isTrainable: false)
    }
    let hidden = tanh(x • weights[0])
    let loss = mean(square(hidden • weights[1]))
    let gradients = graph.gradients(of: loss, withRespectTo: weights + [hidden])
    for ((w, v), gradient) in zip(zip(weights, velocities), gradients) {
      let gradient = rule.isDamped ? damping * gradient : gradient
      let next = rule.velocity(w, v, gradient, rate)
      graph.update(v, to: next)
      graph.update(w, to: rule.weights(w, v, gradient, rate, next))
    }
    let asked =
      switch asking {
      case .nothing: [Rule.Value]()
      case .weights: Array(gradients.prefix(2))
      case .hidden: [gradients[2]]
      }
    let outputs = [loss] + weights + velocities + asked
    let plan = try graph.compile(outputs, batch: batch, state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: values([batch, 80], 1))
    try plan.set(rate, to: 0.5)
    try plan.set(damping, to: 0.125)
    let finished = try plan.run(checking: loss) { _ in false }
    #expect(!finished)
    for (seed, variable) in zip(3..., weights + velocities) {
      let found = try plan.value(of: variable)
      #expect(found == values(variable.shape.resolved(batch: 1), seed))
    }
    for _ in 0..<steps { plan.run() }
    return (try (weights + velocities).map { try plan.value(of: $0) }, try graph.calls(outputs, batch: batch))
  }

  /// The rules of gradient descent with momentum, of gradients and of steps, with and without a decay.
  static let rules: [Rule] = [
    Rule(
      testDescription: "gradients", velocity: { w, v, g, rate in 0.9 * v + g },
      weights: { w, v, g, rate, next in w - rate * next }),
    Rule(
      testDescription: "steps", velocity: { w, v, g, rate in 0.9 * v - rate * g },
      weights: { w, v, g, rate, next in w + next }),
    Rule(
      testDescription: "decay", velocity: { w, v, g, rate in 0.9 * v + (g + 0.01 * w) },
      weights: { w, v, g, rate, next in w - rate * next }),
    Rule(
      testDescription: "steps with decay", velocity: { w, v, g, rate in 0.9 * v - rate * (g + 0.01 * w) },
      weights: { w, v, g, rate, next in w + next }),
    Rule(
      testDescription: "a rate for each", velocity: { w, v, g, rate in 0.9 * v + g },
      weights: { w, v, g, rate, next in w - rate * next }, isDamped: true),
    Rule(
      testDescription: "a sum the other way round", velocity: { w, v, g, rate in g * rate + 0.5 * v - 0.25 * w },
      weights: { w, v, g, rate, next in next + w }),
    Rule(
      testDescription: "a number for a rate", velocity: { w, v, g, rate in v - 0.5 * (0.25 * g) },
      weights: { w, v, g, rate, next in w + 0.125 * next }),
  ]

  @Test(arguments: rules)
  func weightsAndVelocitiesChangeInOnePass(rule: Rule) throws {
    for batch in [1, 7, 13] {
      let (together, calls) = try trainWithMomentum(batch: batch, rule)
      let passes = calls.filter(isOnePass)
      #expect(passes.count == 1 && passes.first?.scope == "w1", "batch \(batch)")
      // The first layer's input has no gradient.
      let alone = calls.filter(isUpdateAlone)
      #expect(alone.count == 1 && alone.first?.scope == "w0", "batch \(batch)")
      // A gradient that is an output is no part of an update.
      let (apart, others) = try trainWithMomentum(asking: .weights, batch: batch, rule)
      #expect(!others.contains { isOnePass($0) || isUpdateAlone($0) })
      for (a, b) in zip(together.flatMap(\.elements), apart.flatMap(\.elements)) {
        #expect(abs(a - b) < 1e-12, "batch \(batch)")
      }
    }
    let (_, large) = try trainWithMomentum(batch: 17, rule)
    #expect(!large.contains { isOnePass($0) || isUpdateAlone($0) })
  }

  /// Then the loss may be given up when it has been made, and weights change later.
  @Test(arguments: rules)
  func anInputGradientThatIsAskedForIsMadeApart(rule: Rule) throws {
    let (found, calls) = try trainWithMomentum(asking: .hidden, rule)
    #expect(!calls.contains(where: isOnePass) && calls.count(where: isUpdateAlone) == 2)
    let (apart, _) = try trainWithMomentum(asking: .weights, rule)
    for (a, b) in zip(found.flatMap(\.elements), apart.flatMap(\.elements)) { #expect(abs(a - b) < 1e-12) }
  }

  /// A layer's update that must wait for an output made of its input gradient takes the gradient of the weights alone.
  @Test func anUpdateThatWaitsForItsInputGradientIsMadeAlone() throws {
    func train(asking asksForGradients: Bool) throws -> (values: [Tensor<Double>], calls: [PlannedCall]) {
      let graph = Graph<Double>()
      let x = graph.input([.batch, 80])
      let shapes: [Shape] = [[80, 75], [75, 91], [91, 70]]
      let weights = shapes.enumerated().map { number, shape in
        graph.variable("w\(number)", shape, .tensor(values(shape, 3 + number)), isTrainable: true)
      }
      let velocities = shapes.enumerated().map { number, shape in
        graph.variable("v\(number)", shape, .tensor(values(shape, 6 + number)), isTrainable: false)
      }
      let first = tanh(x • weights[0])
      let loss = mean(square(tanh(first • weights[1]) • weights[2]))
      let gradients = graph.gradients(of: loss, withRespectTo: weights + [first])
      for ((w, v), gradient) in zip(zip(weights, velocities), gradients) {
        let next = 0.9 * v + gradient
        graph.update(v, to: next)
        graph.update(w, to: w - 0.5 * next)
      }
      let outputs = [loss, gradients[3]] + weights + velocities + (asksForGradients ? Array(gradients.prefix(3)) : [])
      let plan = try graph.compile(outputs, batch: 6, state: State(), pool: ThreadPool(threads: 2))
      try plan.set(x, to: values([6, 80], 1))
      for _ in 0..<3 { plan.run() }
      return (
        try ([gradients[3]] + weights + velocities).map { try plan.value(of: $0) }, try graph.calls(outputs, batch: 6)
      )
    }
    let (together, calls) = try train(asking: false)
    #expect(
      !calls.contains(where: isOnePass) && calls.filter(isUpdateAlone).map(\.scope).sorted() == ["w0", "w1", "w2"])
    let (apart, others) = try train(asking: true)
    #expect(!others.contains(where: isUpdateAlone))
    for (a, b) in zip(together.flatMap(\.elements), apart.flatMap(\.elements)) { #expect(abs(a - b) < 1e-12) }
  }

  /// What looks like momentum and is not.
  @Test func otherRulesAreComputedAsTheyAre() throws {
    let rules: [Rule] = [
      Rule(
        testDescription: "Nesterov", velocity: { w, v, g, rate in 0.9 * v + g },
        weights: { w, v, g, rate, next in w - rate * (g + 0.9 * next) }),
      Rule(
        testDescription: "clipped", velocity: { w, v, g, rate in 0.9 * v + clamp(g, -100...100) },
        weights: { w, v, g, rate, next in w - rate * next }),
      Rule(
        testDescription: "a velocity with a rate", velocity: { w, v, g, rate in rate * v + g },
        weights: { w, v, g, rate, next in w - rate * next }),
      Rule(
        testDescription: "half of the weights", velocity: { w, v, g, rate in 0.9 * v + g },
        weights: { w, v, g, rate, next in 0.5 * w - rate * next }),
      Rule(
        testDescription: "decoupled", velocity: { w, v, g, rate in 0.9 * v + g },
        weights: { w, v, g, rate, next in w - rate * 0.01 * w - rate * next }),
      Rule(
        testDescription: "a decay with a rate of its own", velocity: { w, v, g, rate in 0.9 * v + g - rate * w },
        weights: { w, v, g, rate, next in w - rate * next }),
      Rule(
        testDescription: "the old velocity", velocity: { w, v, g, rate in 0.9 * v + g },
        weights: { w, v, g, rate, next in w - rate * v }),
      Rule(
        testDescription: "twice", velocity: { w, v, g, rate in 0.9 * v + g },
        weights: { w, v, g, rate, next in w - rate * next - 0.5 * next }),
      Rule(
        testDescription: "an offset", velocity: { w, v, g, rate in 0.9 * v + g + 0.125 },
        weights: { w, v, g, rate, next in w - rate * next }),
    ]
    for rule in rules {
      let (found, calls) = try trainWithMomentum(rule)
      #expect(!calls.contains { isOnePass($0) || isUpdateAlone($0) }, "\(rule.testDescription)")
      let (apart, _) = try trainWithMomentum(asking: .weights, rule)
      for (a, b) in zip(found.flatMap(\.elements), apart.flatMap(\.elements)) {
        #expect(abs(a - b) < 1e-12, "\(rule.testDescription)")
      }
    }
  }

  /// The numbers themselves, by a plain loop over one layer whose input is a tanh of another input.
  @Test func momentumHasTheNumbersOfItsDefinition() throws {
    let graph = Graph<Double>()
    let (x, rate) = (graph.input([.batch, 64]), graph.input([]))
    let shift = graph.variable("shift", [64], .tensor(values([64], 1)), isTrainable: true)
    let w = graph.variable("w", [64, 66], .tensor(values([64, 66], 2)), isTrainable: true)
    let v = graph.variable("v", [64, 66], .tensor(values([64, 66], 3)), isTrainable: false)
    let loss = sum(square((x + shift) • w)) * 0.5
    let gradients = graph.gradients(of: loss, withRespectTo: [shift, w])
    let next = 0.75 * v + (gradients[1] + 0.125 * w)
    graph.update(v, to: next)
    graph.update(w, to: w - rate * next)
    graph.update(shift, to: shift - rate * gradients[0])
    let plan = try graph.compile([loss, w, v, shift], batch: 2, state: State(), pool: ThreadPool(threads: 2))
    let calls = try graph.calls([loss, w, v, shift], batch: 2)
    #expect(calls.contains(where: isOnePass))
    try plan.set(x, to: values([2, 64], 4))
    try plan.set(rate, to: 0.03125)
    plan.run()
    let (start, speed, offset) = (
      values([64, 66], 2).elements, values([64, 66], 3).elements, values([64], 1).elements
    )
    let inputs = zip(values([2, 64], 4).elements, offset + offset).map { $0 + $1 }
    let outputs = (0..<2 * 66).map { index -> Double in
      let (row, column) = (index / 66, index % 66)
      return (0..<64).reduce(0) { $0 + inputs[row * 64 + $1] * start[$1 * 66 + column] }
    }
    let (weights, velocities, shifts) = (try plan.value(of: w), try plan.value(of: v), try plan.value(of: shift))
    for i in 0..<64 {
      var back = 0.0
      for j in 0..<66 {
        let gradient = inputs[i] * outputs[j] + inputs[64 + i] * outputs[66 + j]
        let velocity = 0.75 * speed[i * 66 + j] + gradient + 0.125 * start[i * 66 + j]
        #expect(abs(velocities[i, j] - velocity) < 1e-10)
        #expect(abs(weights[i, j] - (start[i * 66 + j] - 0.03125 * velocity)) < 1e-10)
        back += (outputs[j] + outputs[66 + j]) * start[i * 66 + j]
      }
      #expect(abs(shifts[i] - (offset[i] - 0.03125 * back)) < 1e-10)
    }
  }

  /// Averages read the old weights or there are none, the loss is counted late, and an output reads the new velocity or does not.
  @Test(arguments: [(false, false), (false, true), (true, true)])
  func othersReadWhatTheyShould(asksForVelocity: Bool, averages: Bool) throws {
    func train(asking: Bool) throws -> (values: [Tensor<Double>], calls: [PlannedCall]) {
      let graph = Graph<Double>()
      let x = graph.input([.batch, 80])
      let w = graph.variable("w", [80, 70], .tensor(values([80, 70], 3)), isTrainable: true)
      let v = graph.variable("v", [80, 70], .tensor(values([80, 70], 4)), isTrainable: false)
      let average = graph.variable("average", [80, 70], .tensor(values([80, 70], 5)), isTrainable: false)
      let shift = graph.variable("shift", [80], .tensor(values([80], 6)), isTrainable: true)
      let total = graph.variable("total", [], .tensor(Tensor([], [0])), isTrainable: false)
      // What counts the losses joins the unit of the loss, which then stands late; no gradient needs it.
      let hidden = tanh(x + shift)
      let y = hidden • w
      let loss = square(mean(y))
      let gradients = [
        sum(matrixProduct(y, w, transposingSecond: true), axes: [0]),
        matrixProduct(hidden, y, transposingFirst: true) * 0.001,
      ]
      let next = 0.9 * v + gradients[1]
      graph.update(total, to: total + loss)
      // An average of the old weights stands late as well, and whatever changes these waits for it.
      if averages { graph.update(average, to: 0.75 * average + 0.25 * w) }
      graph.update(v, to: next)
      graph.update(w, to: w - 0.5 * next)
      graph.update(shift, to: shift - 0.001 * gradients[0])
      let size = sum(square(asksForVelocity ? next : v))
      let kept = [loss, w, v, average, shift, size]
      let outputs = kept + (asking ? [gradients[1]] : [])
      let plan = try graph.compile(outputs, batch: 5, state: State(), pool: ThreadPool(threads: 2))
      try plan.set(x, to: values([5, 80], 1))
      let finished = try plan.run(checking: loss) { _ in false }
      #expect(!finished)
      for (seed, variable) in zip(3..., [w, v, average, shift]) {
        let found = try plan.value(of: variable)
        #expect(found == values(variable.shape.resolved(batch: 1), seed))
      }
      for _ in 0..<3 { plan.run() }
      return (try kept.map { try plan.value(of: $0) }, try graph.calls(outputs, batch: 5))
    }
    let (together, calls) = try train(asking: false)
    let (apart, others) = try train(asking: true)
    #expect(calls.contains(where: isOnePass) == !asksForVelocity && !others.contains(where: isOnePass))
    for (a, b) in zip(together.flatMap(\.elements), apart.flatMap(\.elements)) { #expect(abs(a - b) < 1e-12) }
  }
}
