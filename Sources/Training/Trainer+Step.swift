import Autodiff
import NeuralNetworks
import Tensors

/// How a step is made: at once, or part by part.
enum StepMethod {
  case whole(StepGraph)
  case parts(StepGraph, GradientSums, GradientAccumulation)

  /// Makes the variables of the optimizer and the first plans.
  func prepare(batch: Int) throws(GraphError) {
    switch self {
    case .whole(let graph): _ = try graph.plan(batch: batch)
    case .parts(let graph, let sums, let accumulation):
      _ = try graph.plan(batch: min(batch, accumulation.microBatch))
      _ = try sums.plan()
    }
  }
}

extension Trainer {
  /// One step of training on one batch, by the method.
  func makeStep(
    _ method: StepMethod, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int,
    divergence: inout DivergenceGuard?
  ) throws -> (loss: Double, wrong: Int?, rate: Double) {
    switch method {
    case .whole(let graph): try makeStep(graph, inputs, targets, count, divergence: &divergence)
    case .parts(let graph, let sums, let accumulation):
      try makeStep(graph, sums, accumulation, inputs, targets, count, divergence: &divergence)
    }
  }

  /// One step of training on one batch.
  ///
  /// - Parameter divergence: judges the loss before the parameters change; where it is nil any loss is accepted.
  /// - Returns: the loss, the number of wrong answers where targets are classes, and the learning rate.
  func makeStep(
    _ graph: StepGraph, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int,
    divergence: inout DivergenceGuard?
  ) throws -> (loss: Double, wrong: Int?, rate: Double) {
    let plan = try graph.plan(batch: count)
    let rate = currentLearningRate
    try checkLabels(targets)
    try graph.fill(plan, inputs, targets)
    try plan.set(graph.step, to: Double(stepCount))
    try plan.set(graph.rate, to: rate)
    // A loss that went wrong ends the step before the parameters change, so that the layer can still be found.
    _ = try plan.run(checking: graph.loss) { loss in
      try accept(loss, inputs, targets, by: &divergence)
    }
    let loss = try plan.scalar(graph.loss)
    let wrong = try plan.withValue(of: graph.output) { wrongAnswers($0, targets) }
    countStep(loss: loss)
    return (loss, wrong, rate)
  }

  /// Whether a step may go on with a loss, which the variables gave that are still unchanged.
  func accept(
    _ loss: Double, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>,
    by divergence: inout DivergenceGuard?
  ) throws -> Bool {
    guard var judging = divergence else { return true }
    divergence = nil
    defer { divergence = judging }
    if !judging.allows(loss) { return try judge(loss, inputs, targets, by: &judging) }
    judging.confirm(loss, step: stepCount, of: state)
    return true
  }

  /// The mean loss of one batch, penalties left out, and the number of wrong answers where targets are classes.
  func infer(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int
  ) throws -> (loss: Double, wrong: Int?) {
    let plan = try inference.plan(batch: count)
    try checkLabels(targets)
    try inference.fill(plan, inputs, targets)
    plan.run()
    let wrong = try plan.withValue(of: inference.output) { wrongAnswers($0, targets) }
    return (try plan.scalar(inference.loss), wrong)
  }
}
