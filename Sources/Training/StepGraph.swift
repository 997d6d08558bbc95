import Autodiff
import BLAS
import NeuralNetworks
import Tensors

/// A network recorded once for training or for inference, with one plan a batch size.
final class StepGraph {
  let graph = Graph<Float>()
  let input: Node<Float>
  let target: Node<Float>
  let step: Node<Float>
  let rate: Node<Float>
  let output: Node<Float>
  /// The mean loss of the batch; while training with the penalties.
  let loss: Node<Float>
  let context: NetworkContext<Float>
  private let state: State<Float>
  private let pool: ThreadPool
  /// The most bytes that a plan's arena may be.
  private let memoryBudget: Int?
  private let extraOutputs: [Node<Float>]
  /// Scalars for a part of a batch, where gradients are summed over parts.
  let part: Part?
  private var plans: [Int: Plan<Float>] = [:]

  /// Where a part stands in its batch, and its shares of the batch's loss and of the examples, which weights of classes make
  /// different; `loss` is its share of the whole loss.
  struct Part {
    let firstExample: Node<Float>
    let lossShare: Node<Float>
    let exampleShare: Node<Float>
    let loss: Node<Float>
  }

  /// What a graph is for.
  enum Purpose {
    case training(any Optimizer, GradientClipping, [Double]?, rateFactors: [String: Double])
    /// Adds the gradients of a part of a batch to what is summed so far.
    case accumulation([Double]?)
    case inference
    /// Adds one batch's share of the second derivatives to what the optimizer remembers.
    case curvature(DiagonalLevenbergMarquardt)
    /// Every layer's output besides, to find where numbers stop being finite.
    case diagnosis
  }

  init(
    _ network: Sequential, input shape: Shape, loss: Loss, purpose: Purpose, state: State<Float>, pool: ThreadPool,
    memoryBudget: Int? = nil
  ) throws(GraphError) {
    self.state = state
    self.pool = pool
    self.memoryBudget = memoryBudget
    input = graph.input(SymbolicShape([.batch] + shape.dimensions.map { Dimension($0) }), name: "input")
    step = graph.input([], name: "step")
    rate = graph.input([], name: "rate")
    let firstExample: Node<Float>?
    let mode: NetworkMode<Float>
    switch purpose {
    case .training: (firstExample, mode) = (nil, .training(step: step))
    case .accumulation:
      let first = graph.input([], name: "first example")
      (firstExample, mode) = (first, .training(step: step, firstExample: first))
    case .inference, .curvature, .diagnosis: (firstExample, mode) = (nil, .inference)
    }
    (output, context) = network(input, mode: mode, seed: state.seed)
    let outputs = output.shape.dimensions.dropFirst()
    target = graph.input(
      loss.target == .classIndex ? [.batch] : SymbolicShape([.batch] + outputs), name: "target")
    var total = loss(output, target)
    var extra: [Node<Float>] = []
    var part: Part?
    switch purpose {
    case .training(let optimizer, let clipping, let classWeights, let rateFactors):
      if let classWeights { total = loss(output, target, classWeights: classWeights) }
      total = context.penalties.reduce(total) { $0 + $1 }
      let variables = graph.trainableVariables
      let gradients = clipping(graph.gradients(of: total, withRespectTo: variables))
      optimizer.record(
        Self.optimizerContext(graph, context.unpenalizedNames, variables, gradients, rate, rateFactors))
    case .accumulation(let classWeights):
      if let classWeights { total = loss(output, target, classWeights: classWeights) }
      let (lossShare, exampleShare) = (graph.input([], name: "loss share"), graph.input([], name: "example share"))
      let ownShare = context.penalties.reduce(total * lossShare) { $0 + $1 * exampleShare }
      // Before the gradients: a plan may compute again what comes before its outputs.
      total = context.penalties.reduce(total) { $0 + $1 }
      let variables = graph.trainableVariables
      for (variable, gradient) in zip(variables, graph.gradients(of: ownShare, withRespectTo: variables)) {
        let sum = GradientSums.variable(of: variable, in: graph)
        graph.update(sum, to: sum + gradient)
      }
      part = firstExample.map {
        Part(firstExample: $0, lossShare: lossShare, exampleShare: exampleShare, loss: ownShare)
      }
      extra = [ownShare]
    case .curvature(let optimizer):
      let variables = graph.trainableVariables
      optimizer.recordEstimation(
        of: total, Self.optimizerContext(graph, context.unpenalizedNames, variables, variables, rate, [:]), share: rate)
    case .inference: break
    case .diagnosis: extra = context.entries.map(\.output)
    }
    self.loss = total
    extraOutputs = extra
    self.part = part
    try graph.validate()
  }

  /// What an optimizer is told: `unpenalizedNames` are biases, scales and shifts.
  static func optimizerContext(
    _ graph: Graph<Float>, _ unpenalizedNames: Set<String>, _ variables: [Node<Float>], _ gradients: [Node<Float>],
    _ rate: Node<Float>, _ rateFactors: [String: Double]
  ) -> OptimizerContext<Float> {
    let parameters = zip(variables, gradients).map { variable, gradient in
      let name = graph.name(of: variable) ?? ""
      // The longest name is the most particular one: a variable's goes before its layer's.
      let matching = rateFactors.filter { name == $0.key || name.hasPrefix($0.key + ".") }
      let factor = matching.max { $0.key.count < $1.key.count }?.value ?? 1
      return OptimizedParameter(
        variable: variable, gradient: gradient, name: name, isWeight: !unpenalizedNames.contains(name),
        rateFactor: factor)
    }
    return OptimizerContext(graph: graph, parameters: parameters, learningRate: rate)
  }

  /// The plan for batches of `batch` examples, compiled on first use.
  func plan(batch: Int) throws(GraphError) -> Plan<Float> {
    if let plan = plans[batch] { return plan }
    let plan = try graph.compile(
      [loss, output] + extraOutputs, batch: batch, state: state, pool: pool, memoryBudget: memoryBudget)
    plans[batch] = plan
    return plan
  }

  /// A plan for some nodes alone, which changes nothing.
  func plan(of nodes: [Node<Float>], batch: Int) throws(GraphError) -> Plan<Float> {
    try graph.compile(nodes, batch: batch, state: state, pool: pool, updating: false)
  }

  /// The memory of a plan for batches of `batch` examples.
  func requirement(batch: Int) throws(GraphError) -> PlanRequirement {
    try graph.requirement([loss, output] + extraOutputs, batch: batch, state: state, memoryBudget: memoryBudget)
  }

  /// The calls of a plan for batches of `batch` examples.
  func calls(batch: Int) throws(GraphError) -> [PlannedCall] {
    try graph.calls([loss, output] + extraOutputs, batch: batch, memoryBudget: memoryBudget)
  }

  /// Gives a plan a batch, which must stay where it is until the plan was run.
  func fill(
    _ plan: Plan<Float>, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>
  ) throws {
    if try !plan.lend(inputs, to: input) { try plan.withInput(input) { copy(inputs, to: $0) } }
    try plan.withInput(target) { copy(targets, to: $0) }
  }

  /// Copies on all threads, cut like the work that reads it: each brings its part into its own cache.
  private func copy(_ source: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(source.count == target.count, "a batch has the input's size")
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    // A few tens of kilobytes pass from one cache to another while the others would still be on their way here.
    let tasks = source.count < 16_384 ? 1 : min(16, source.count / 4096)
    pool.run(tasks, with: (from: from, to: to, count: source.count, tasks: tasks)) { copy, task in
      let (first, end) = (task * copy.count / copy.tasks, (task + 1) * copy.count / copy.tasks)
      (copy.to + first).update(from: copy.from + first, count: end - first)
    }
  }
}
