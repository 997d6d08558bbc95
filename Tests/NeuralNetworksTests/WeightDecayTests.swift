import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Weight decay says where it enters and whether biases count, in every optimizer that has it.
@Suite("Weight decay")
struct WeightDecayTests {
  private static let decay = 0.3
  private static let rate = 0.05
  private static let start: Tensor<Double> = sample([6], "start")
  private static let slopes: [Tensor<Double>] = (0..<3).map { sample([6], "slope \($0)") }

  static let optimizers: [(name: String, make: @Sendable (WeightDecay) -> any Optimizer)] = [
    ("SGD", { SGD(learningRate: rate, momentum: 0.9, weightDecay: $0) }),
    ("Nesterov", { SGD(learningRate: rate, momentum: 0.9, nesterov: true, weightDecay: $0) }),
    ("AdaGrad", { AdaGrad(learningRate: rate, weightDecay: $0) }),
    ("RMSprop", { RMSprop(learningRate: rate, momentum: 0.5, isCentered: true, weightDecay: $0) }),
    ("Adam", { Adam(learningRate: rate, weightDecay: $0) }),
  ]

  /// A weight and a bias after each step, where `slope` gives a step's gradient of each.
  private func trajectory(
    _ optimizer: any Optimizer, _ slope: (Int, Tensor<Double>) -> Tensor<Double>
  ) throws -> [(weight: Tensor<Double>, bias: Tensor<Double>)] {
    let graph = Graph<Double>()
    let (rate, gradients) = (graph.input([]), [graph.input([6]), graph.input([6])])
    let parameters = ["weight", "bias"].enumerated().map { index, name in
      OptimizedParameter(
        variable: graph.variable(name, [6], .tensor(Self.start), isTrainable: true), gradient: gradients[index],
        name: name, isWeight: index == 0)
    }
    optimizer.record(OptimizerContext(graph: graph, parameters: parameters, learningRate: rate))
    let state = State<Double>()
    let plan = try graph.compile([], state: state)
    try plan.set(rate, to: optimizer.learningRate)
    return try Self.slopes.indices.map { step in
      for (node, name) in zip(gradients, ["weight", "bias"]) {
        try plan.set(node, to: slope(step, try #require(state[name])))
      }
      plan.run()
      return (try #require(state["weight"]), try #require(state["bias"]))
    }
  }

  private func added(_ a: Tensor<Double>, _ b: Tensor<Double>, times factor: Double) -> Tensor<Double> {
    Tensor(a.shape, zip(a.elements, b.elements).map { $0 + factor * $1 })
  }

  @Test("in the loss is λ·w in the gradient", arguments: optimizers.indices, [false, true])
  func inLoss(_ index: Int, _ includesBiases: Bool) throws {
    let make = Self.optimizers[index].make
    let found = try trajectory(make(.inLoss(Self.decay, includingBiases: includesBiases))) { step, _ in
      Self.slopes[step]
    }
    let (plain, by) = (
      try trajectory(make(.none)) { step, _ in Self.slopes[step] },
      try trajectory(make(.none)) { step, w in added(Self.slopes[step], w, times: Self.decay) }
    )
    for step in Self.slopes.indices {
      expectEqual(found[step].weight, by[step].weight.elements, within: 1e-13, "weights of step \(step)")
      let expected = includesBiases ? by[step].bias : plain[step].bias
      expectEqual(found[step].bias, expected.elements, within: 1e-13, "biases of step \(step)")
      #expect(plain[step].weight != by[step].weight)
    }
  }

  @Test("decoupled shrinks beside the step", arguments: optimizers.indices, [false, true])
  func decoupled(_ index: Int, _ includesBiases: Bool) throws {
    let make = Self.optimizers[index].make
    // The gradients do not depend on the weights, so neither do the rule's own steps.
    let plain = try trajectory(make(.none)) { step, _ in Self.slopes[step] }
    let found = try trajectory(make(.decoupled(Self.decay, includingBiases: includesBiases))) { step, _ in
      Self.slopes[step]
    }
    var (weight, bias) = (Self.start, Self.start)
    for step in Self.slopes.indices {
      let before = step == 0 ? Self.start : plain[step - 1].weight
      let own = added(plain[step].weight, before, times: -1)
      weight = added(own, weight, times: 1 - Self.rate * Self.decay)
      bias = added(own, bias, times: includesBiases ? 1 - Self.rate * Self.decay : 1)
      expectEqual(found[step].weight, weight.elements, within: 1e-13, "weights of step \(step)")
      expectEqual(found[step].bias, bias.elements, within: 1e-13, "biases of step \(step)")
    }
  }
}
