import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors

/// A network whose activations, back-propagated gradients and weight gradients can be read while it trains.
final class ObservedNetwork {
  let graph = Graph<Float>()
  let state: State<Float>
  let batch: Int
  let hidden: [NetworkContext<Float>.Entry]
  let kernels: [Node<Float>]
  private let input: Node<Float>
  private let target: Node<Float>
  private let rate: Node<Float>
  private let output: Node<Float>
  private let loss: Node<Float>
  private let cost: Loss
  /// The mean cost's derivatives by the pre-activations of the hidden layers, then by their kernels.
  private let deltas: [Node<Float>]
  private let kernelGradients: [Node<Float>]
  private let training: Plan<Float>
  private let observation: Plan<Float>
  private var evaluation: Plan<Float>?

  init(
    _ network: Sequential, input shape: Shape, loss cost: Loss, batch: Int, seed: UInt64, pool: ThreadPool
  ) throws {
    state = State(seed: seed)
    self.batch = batch
    self.cost = cost
    input = graph.input(SymbolicShape([.batch] + shape.dimensions.map { Dimension($0) }), name: "input")
    rate = graph.input([], name: "rate")
    let step = graph.input([], name: "step")
    let (output, context) = network(input, mode: .training(step: step), seed: seed)
    self.output = output
    target = graph.input(cost.target == .classIndex ? [.batch] : output.shape, name: "target")
    loss = cost(output, target)
    hidden = context.entries.filter { $0.preActivation != nil }
    kernels = hidden.compactMap { $0.variables.first?.node }
    let variables = graph.trainableVariables
    let wanted = hidden.compactMap(\.preActivation) + variables
    let gradients = graph.gradients(of: loss, withRespectTo: wanted)
    deltas = Array(gradients[..<hidden.count])
    let variableGradients = Array(gradients[hidden.count...])
    kernelGradients = kernels.compactMap { kernel in
      variables.firstIndex(of: kernel).map { variableGradients[$0] }
    }
    for (variable, gradient) in zip(variables, variableGradients) {
      graph.update(variable, to: variable - rate * gradient)
    }
    training = try graph.compile([loss] + kernelGradients, batch: batch, state: state, pool: pool)
    observation = try graph.compile(
      [loss] + hidden.map(\.output) + deltas + kernelGradients, batch: batch, state: state, pool: pool,
      updating: false)
  }

  /// One update; the loss before it.
  func train(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, learningRate: Double
  ) throws -> Double {
    try fill(training, inputs, targets)
    try training.set(rate, to: learningRate)
    training.run()
    return try training.scalar(loss)
  }

  /// The standard deviation of each hidden kernel's gradient in the last update.
  func kernelGradientDeviations() throws -> [Double] {
    try kernelGradients.map { node in
      try training.withValue(of: node) { values in
        var moments = Moments()
        for value in values { moments.add(Double(value)) }
        return moments.standardDeviation
      }
    }
  }

  /// What one batch of examples shows, without changing anything.
  ///
  /// - Parameters:
  ///   - activations: called with each hidden layer's number and outputs.
  ///   - gradients: called with the derivatives of the mean cost of the batch by its pre-activations.
  ///   - kernels: called with the derivatives of the mean cost by its kernel.
  func observe(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>,
    activations: (Int, UnsafeBufferPointer<Float>) -> Void, gradients: (Int, UnsafeBufferPointer<Float>) -> Void,
    kernels: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws -> Double {
    try fill(observation, inputs, targets)
    observation.run()
    for layer in hidden.indices {
      try observation.withValue(of: hidden[layer].output) { activations(layer, $0) }
      try observation.withValue(of: deltas[layer]) { gradients(layer, $0) }
      try observation.withValue(of: kernelGradients[layer]) { kernels(layer, $0) }
    }
    return try observation.scalar(loss)
  }

  /// The fraction of examples that the network answers wrongly.
  func error(on data: any Dataset, pool: ThreadPool) throws -> Double {
    let size = min(250, data.count)
    let plan = try evaluation ?? graph.compile([output], batch: size, state: state, pool: pool, updating: false)
    evaluation = plan
    let batches = try BatchLoader(data, batch: size, dropsRemainder: true).batches()
    let outputs = output.shape.dimensions.last?.fixedSize ?? 1
    var (wrong, count) = (0, 0)
    while try batches.next({ inputs, targets, _ in
      try fill(plan, inputs, targets)
      plan.run()
      try plan.withValue(of: output) { values in
        for row in targets.indices {
          let scores = values[(row * outputs)..<((row + 1) * outputs)]
          let answer = outputs == 1 ? (scores[row] > 0 ? 1 : 0) : (scores.indices.max { scores[$0] < scores[$1] } ?? 0) - row * outputs
          if Float(answer) != targets[row] { wrong += 1 }
          count += 1
        }
      }
    }) {}
    return Double(wrong) / Double(max(count, 1))
  }

  private func fill(
    _ plan: Plan<Float>, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>
  ) throws {
    try plan.withInput(input) { _ = $0.update(from: inputs) }
    try plan.withInput(target) { _ = $0.update(from: targets) }
  }
}
