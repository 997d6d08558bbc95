import Autodiff
import BLAS
import NeuralNetworks
import Tensors

/// A network of two hidden layers under a penalty or dropout, trained on all examples at once.
///
/// What is minimised is (RSS + λ Σw²) / n or (RSS + λ Σ|w|) / n over the kernels, biases being free.
struct PenalisedNetwork {
  static let hidden = [64, 64]
  static let learningRate = 0.003
  static let momentum = 0.9
  static var weightCount: Int {
    let sizes = [NetworkTask.inputs] + hidden + [1]
    return zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }

  let network: Sequential
  let task: NetworkTask

  init(_ method: NetworkMethod, strength: Double, _ task: NetworkTask) {
    self.task = task
    let weight = strength / Double(NetworkTask.trainCount)
    let penalty: Penalty =
      switch method {
      case .none, .dropout: .none
      case .l2: .l2(weight)
      case .l1: .l1(weight)
      }
    network = Sequential {
      for (index, units) in Self.hidden.enumerated() {
        Dense(
          units, activation: .relu, kernelInitializer: .heNormal, kernelPenalty: penalty, name: "hidden\(index + 1)")
        if method == .dropout { Dropout(strength, name: "dropout\(index + 1)") }
      }
      Dense(1, kernelInitializer: .lecunNormal, kernelPenalty: penalty, name: "output")
    }
  }

  /// Makes all updates and measures both errors after those in `recording`, 0 being before the first.
  func train(
    updates: Int, recording: Set<Int>, shouldStop: () -> Bool
  ) throws -> [NetworkRecord] {
    let state = State<Float>(seed: task.seed)
    let pool = ThreadPool(threads: 1)
    let graph = Graph<Float>()
    let step = graph.input([], name: "step")
    let recorded = Recording(network, graph, mode: .training(step: step), seed: task.seed)
    let loss = recorded.context.penalties.reduce(recorded.error) { $0 + $1 }
    let variables = graph.trainableVariables
    let parameters = zip(variables, graph.gradients(of: loss, withRespectTo: variables)).map { variable, gradient in
      let name = graph.name(of: variable) ?? ""
      return OptimizedParameter(
        variable: variable, gradient: gradient, name: name,
        isWeight: !recorded.context.unpenalizedNames.contains(name))
    }
    let optimizer = SGD(learningRate: Self.learningRate, momentum: Self.momentum)
    optimizer.record(
      OptimizerContext(graph: graph, parameters: parameters, learningRate: graph.constant(optimizer.learningRate)))
    let plan = try graph.compile([loss], batch: NetworkTask.trainCount, state: state, pool: pool)
    try plan.set(recorded.input, to: task.train.x)
    try plan.set(recorded.target, to: task.train.y)

    let train = try ErrorPlan(network, task.train, state, pool)
    let test = try ErrorPlan(network, task.test, state, pool)
    var records: [NetworkRecord] = []
    for update in 0...updates {
      if update > 0 {
        if plan.takes(step) { try plan.set(step, to: Double(update - 1)) }
        plan.run()
      }
      if update % 256 == 0, shouldStop() { throw StudyError.stopped }
      guard recording.contains(update) else { continue }
      records.append(NetworkRecord(step: update, train: try train.error(), test: try test.error()))
    }
    return records
  }

  /// The network with its mean squared error.
  private struct Recording {
    let input: Node<Float>
    let target: Node<Float>
    let error: Node<Float>
    let context: NetworkContext<Float>

    init(_ network: Sequential, _ graph: Graph<Float>, mode: NetworkMode<Float>, seed: UInt64) {
      input = graph.input([.batch, Dimension(NetworkTask.inputs)], name: "input")
      target = graph.input([.batch, 1], name: "target")
      let (output, context) = network(input, mode: mode, seed: seed)
      self.context = context
      error = Loss.squaredError(output, target)
    }
  }

  /// The mean squared error of the present weights, without dropout and penalties.
  private struct ErrorPlan {
    private let recording: Recording
    private let plan: Plan<Float>

    init(
      _ network: Sequential, _ examples: (x: Tensor<Float>, y: Tensor<Float>), _ state: State<Float>, _ pool: ThreadPool
    ) throws {
      let graph = Graph<Float>()
      recording = Recording(network, graph, mode: .inference, seed: 0)
      plan = try graph.compile([recording.error], batch: examples.x.shape[0], state: state, pool: pool)
      try plan.set(recording.input, to: examples.x)
      try plan.set(recording.target, to: examples.y)
    }

    func error() throws -> Double {
      plan.run()
      return try plan.scalar(recording.error)
    }
  }
}
