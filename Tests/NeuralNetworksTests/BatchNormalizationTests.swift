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

  @Test("gives PyTorch's results, averages and predictions", arguments: entries)
  func parity(_ entry: ReferenceLayers.BatchNormalization) throws {
    try run(entry, Float.self)
    try run(entry, Double.self)
  }
}
