import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Optimizers and gradient clipping against PyTorch, step by step.
@Suite("Optimizers against PyTorch")
struct OptimizerParityTests {
  static let reference = try? ReferenceLayers.load()

  static func optimizer(
    _ entry: ReferenceLayers.Optimizer, velocity: SGD.Velocity = .ofGradients
  ) throws -> any Optimizer {
    func number(_ name: String) throws -> Double { try #require(entry.settings[name], "\(name)").value }
    let rate = try number("learningRate")
    let decay = entry.settings["weightDecay"]?.value ?? 0
    switch entry.optimizer {
    case "sgd":
      return SGD(
        learningRate: rate, momentum: try number("momentum"), nesterov: try number("nesterov") != 0,
        velocity: velocity, weightDecay: .inLoss(decay, includingBiases: true))
    case "adaGrad":
      return AdaGrad(
        learningRate: rate, epsilon: try number("epsilon"), initialAccumulator: try number("initialAccumulator"))
    case "rmsProp":
      return RMSprop(
        learningRate: rate, smoothing: try number("decay"), epsilon: try number("epsilon"),
        momentum: try number("momentum"), isCentered: try number("centered") != 0)
    case "adam":
      return Adam(
        learningRate: rate, beta1: try number("beta1"), beta2: try number("beta2"), epsilon: try number("epsilon"),
        weightDecay: .inLoss(decay, includingBiases: true))
    case "adamW":
      return Adam.adamW(
        learningRate: rate, beta1: try number("beta1"), beta2: try number("beta2"), epsilon: try number("epsilon"),
        weightDecay: decay, includingBiases: true)
    default:
      Issue.record("no optimizer '\(entry.optimizer)'")
      return SGD(learningRate: rate)
    }
  }

  func run<S: Scalar>(
    _ entry: ReferenceLayers.Optimizer, _ type: S.Type, velocity: SGD.Velocity = .ofGradients
  ) throws {
    let optimizer = try Self.optimizer(entry, velocity: velocity)
    let graph = Graph<S>()
    let rate = graph.input([], name: "rate")
    let gradients = entry.parameters.map { graph.input(SymbolicShape($0.dimensions)) }
    let parameters = entry.parameters.enumerated().map { index, start in
      OptimizedParameter(
        variable: graph.variable("p\(index)", start.dimensions, .tensor(start.tensor()), isTrainable: true),
        gradient: gradients[index], name: "p\(index)", isWeight: index == 0)
    }
    optimizer.record(OptimizerContext(graph: graph, parameters: parameters, learningRate: rate))
    let state = State<S>()
    let plan = try graph.compile([], state: state)
    try plan.set(rate, to: optimizer.learningRate)
    for (step, values) in entry.gradients.enumerated() {
      for (node, value) in zip(gradients, values) { try plan.set(node, to: value.tensor(S.self)) }
      plan.run()
      for (index, expected) in entry.after[step].enumerated() {
        expectEqual(state["p\(index)"], expected.values, within: tolerance(S.self), "step \(step + 1), p\(index)")
      }
    }
  }

  @Test("move parameters as PyTorch does", arguments: reference?.optimizers ?? [])
  func trajectory(_ entry: ReferenceLayers.Optimizer) throws {
    try run(entry, Float.self)
    try run(entry, Double.self)
  }

  @Test(
    "a velocity of steps moves as one of gradients does while the rate stays",
    arguments: (reference?.optimizers ?? []).filter { $0.optimizer == "sgd" })
  func velocityOfSteps(_ entry: ReferenceLayers.Optimizer) throws {
    try run(entry, Float.self, velocity: .ofSteps)
    try run(entry, Double.self, velocity: .ofSteps)
  }

  @Test("a velocity of steps keeps the rate of each step, one of gradients takes the present one for all")
  func changingRate() throws {
    func positions(_ velocity: SGD.Velocity) throws -> [Double] {
      let graph = Graph<Double>()
      let rate = graph.input([])
      let variable = graph.variable("w", [1], .tensor(Tensor([1], [0])), isTrainable: true)
      let parameter = OptimizedParameter(
        variable: variable, gradient: graph.constant(1, shape: [1]), name: "w", isWeight: true)
      SGD(learningRate: 1, momentum: 0.5, velocity: velocity)
        .record(OptimizerContext(graph: graph, parameters: [parameter], learningRate: rate))
      let state = State<Double>()
      let plan = try graph.compile([], state: state)
      return try [1.0, 0.125].map {
        try plan.set(rate, to: $0)
        plan.run()
        return try #require(state["w"]).elements[0]
      }
    }
    // The gradient is 1: steps of 1, then of 0.5·1 + 0.125, against 0.125·(0.5 + 1).
    #expect(try positions(.ofSteps) == [-1, -1.625])
    #expect(try positions(.ofGradients) == [-1, -1.1875])
  }

  func clip<S: Scalar>(_ entry: ReferenceLayers.Clipping, _ type: S.Type) throws {
    let graph = Graph<S>()
    let gradients = entry.gradients.map { graph.input(SymbolicShape($0.dimensions)) }
    let clipping: GradientClipping = entry.kind == "norm" ? .norm(entry.limit) : .value(entry.limit)
    let clipped = clipping(gradients)
    let plan = try graph.compile(clipped, state: State<S>())
    for (node, value) in zip(gradients, entry.gradients) { try plan.set(node, to: value.tensor(S.self)) }
    plan.run()
    for (node, expected) in zip(clipped, entry.clipped) {
      expectEqual(try plan.value(of: node), expected.values, within: tolerance(S.self), entry.name)
    }
  }

  @Test("limits that are not above 0 are refused, not trapped", arguments: [-1, 0, .nan] as [Double])
  func limits(_ limit: Double) throws {
    for clipping in [GradientClipping.value(limit), .norm(limit)] {
      let graph = Graph<Float>()
      _ = clipping([graph.input([2])])
      let error = #expect(throws: GraphError.self) { try graph.validate() }
      #expect(error?.description.contains("clipping expected a limit above 0, found \(limit)") == true)
    }
  }

  @Test("gradients are clipped as PyTorch does", arguments: reference?.clippings ?? [])
  func clipping(_ entry: ReferenceLayers.Clipping) throws {
    try clip(entry, Float.self)
    try clip(entry, Double.self)
  }
}
