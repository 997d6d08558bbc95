import Autodiff
import BLAS
import NeuralNetworks
import Tensors

/// One update of stochastic gradient descent as a compiled plan.
final class TrainingGraph {
  private let input: Node<Float>
  private let target: Node<Float>
  private let loss: Node<Float>
  private let plan: Plan<Float>

  init(
    _ network: StudyNetwork, exampleShape: Shape, batch: Int, optimizer: any Optimizer, state: State<Float>,
    pool: ThreadPool
  ) throws {
    let graph = Graph<Float>()
    let step = graph.input([], name: "step")
    let recording = StudyRecording(network, graph, exampleShape, mode: .training(step: step))
    (input, target, loss) = (recording.input, recording.target, recording.loss)
    let rate = graph.input([], name: "rate")
    let variables = graph.trainableVariables
    let gradients = graph.gradients(of: loss, withRespectTo: variables)
    let parameters = zip(variables, gradients).map { variable, gradient in
      let name = graph.name(of: variable) ?? ""
      return OptimizedParameter(
        variable: variable, gradient: gradient, name: name,
        isWeight: !recording.context.unpenalizedNames.contains(name))
    }
    optimizer.record(OptimizerContext(graph: graph, parameters: parameters, learningRate: rate))
    plan = try graph.compile([loss], batch: batch, state: state, pool: pool)
    try plan.set(rate, to: optimizer.learningRate)
  }

  /// Makes one update on the stream's next batch and returns the mean loss before it.
  func step(_ stream: inout TrainingStream) throws -> Double {
    try plan.withInput(input) { inputs in
      try plan.withInput(target) { targets in try stream.next(inputs, targets) }
    }
    plan.run()
    return try plan.scalar(loss)
  }
}

/// A network recorded with its cost.
struct StudyRecording {
  let input: Node<Float>
  let target: Node<Float>
  let output: Node<Float>
  /// The mean over the batch.
  let loss: Node<Float>
  let context: NetworkContext<Float>

  init(
    _ network: StudyNetwork, _ graph: Graph<Float>, _ exampleShape: Shape, mode: NetworkMode<Float> = .inference
  ) {
    input = graph.input(SymbolicShape([.batch] + exampleShape.dimensions.map { Dimension($0) }), name: "input")
    (output, context) = network.network(input, mode: mode)
    target = graph.input(network.loss.target == .classIndex ? [.batch] : [.batch, 1], name: "target")
    loss = network.loss(output, target)
  }
}
