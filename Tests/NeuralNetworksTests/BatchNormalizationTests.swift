import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Batch normalization's results and running averages against PyTorch.
@Suite("Batch normalization")
struct BatchNormalizationTests {
  static let entries = (try? ReferenceLayers.load())?.batchNormalizations ?? []

  func run<S: Scalar>(_ entry: ReferenceLayers.BatchNormalization, _ type: S.Type) throws {
    let first = try #require(entry.steps.first).input
    let network = Sequential {
      BatchNormalization(
        momentum: entry.keep, epsilon: entry.epsilon, runningVariance: entry.unbiased ? .sample : .population, name: "n"
      )
    }
    let state = State<S>()
    let shape = SymbolicShape([.batch] + first.shape.dropFirst().map { Dimension($0) })

    let training = Graph<S>()
    let trainingInput = training.input(shape)
    let (output, _) = network(trainingInput, mode: .training(step: training.constant(0)))
    let step = try training.compile([output], batch: first.shape[0], state: state)

    let inference = Graph<S>()
    let inferenceInput = inference.input(shape)
    let (prediction, _) = network(inferenceInput)
    let predict = try inference.compile([prediction], batch: first.shape[0], state: state)

    let tolerance = tolerance(S.self)
    for (number, expected) in entry.steps.enumerated() {
      try step.set(trainingInput, to: expected.input.tensor(S.self))
      step.run()
      expectEqual(try step.value(of: output), expected.output.values, within: tolerance, "output \(number)")
      expectEqual(state["n.runningMean"], expected.runningMean.values, within: tolerance, "mean \(number)")
      expectEqual(state["n.runningVariance"], expected.runningVariance.values, within: tolerance, "variance \(number)")
      try predict.set(inferenceInput, to: expected.input.tensor(S.self))
      predict.run()
      expectEqual(
        try predict.value(of: prediction), expected.inference.values, within: tolerance, "inference \(number)")
    }
  }

  @Test("applied to two inputs of one graph takes in both, one after the other")
  func twoInputs() throws {
    let network = Sequential { BatchNormalization(momentum: 0.75, name: "n") }
    let values: [Tensor<Double>] = [sample([4, 3], "first"), sample([4, 3], "second", in: 2...5)]
    func averages(together: Bool) throws -> (mean: Tensor<Double>?, variance: Tensor<Double>?) {
      let (graph, state) = (Graph<Double>(), State<Double>())
      let inputs = (0..<2).map { graph.input([.batch, 3], name: "x\($0)") }
      let mode = NetworkMode.training(step: graph.constant(0))
      let outputs = (together ? inputs : [inputs[0]]).map { network($0, mode: mode).output }
      let plan = try graph.compile(outputs, batch: 4, state: state)
      for round in 0..<(together ? 1 : 2) {
        try plan.set(inputs[0], to: values[round])
        try plan.set(inputs[1], to: values[1])
        plan.run()
      }
      return (state["n.runningMean"], state["n.runningVariance"])
    }
    let (once, twice) = (try averages(together: true), try averages(together: false))
    expectEqual(once.mean, try #require(twice.mean).elements, within: 1e-14, "means")
    expectEqual(once.variance, try #require(twice.variance).elements, within: 1e-14, "variances")
  }

  @Test("that is frozen normalizes with its averages and leaves them alone")
  func frozen() throws {
    let network = try Sequential { BatchNormalization(name: "n") }.freezing(["n"])
    let (graph, state) = (Graph<Double>(), State<Double>())
    let input = graph.input([.batch, 2])
    let output = network(input, mode: .training(step: graph.constant(0))).output
    let plan = try graph.compile([output], batch: 2, state: state)
    state["n.runningMean"] = Tensor([2], [1, -1])
    state["n.runningVariance"] = Tensor([2], [4, 0.25])
    try plan.set(input, to: Tensor([2, 2], [3, 0, 1, 1]))
    plan.run()
    let (a, b) = ((4 + 1e-3).squareRoot(), (0.25 + 1e-3).squareRoot())
    expectEqual(try plan.value(of: output), [2 / a, 1 / b, 0, 2 / b], within: 1e-14, "outputs")
    #expect(state["n.runningMean"]?.elements == [1, -1] && state["n.runningVariance"]?.elements == [4, 0.25])
  }

  @Test("gives PyTorch's results, averages and predictions", arguments: entries)
  func parity(_ entry: ReferenceLayers.BatchNormalization) throws {
    try run(entry, Float.self)
    try run(entry, Double.self)
  }
}
