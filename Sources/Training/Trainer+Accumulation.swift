import Autodiff
import NeuralNetworks
import Tensors

extension Trainer {
  /// One step of training on one batch, part by part.
  ///
  /// - Returns: the loss of the whole batch, the number of wrong answers where targets are classes, and the learning rate.
  func makeStep(
    _ graph: StepGraph, _ sums: GradientSums, _ accumulation: GradientAccumulation,
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int,
    divergence: inout DivergenceGuard?
  ) throws -> (loss: Double, wrong: Int?, rate: Double) {
    guard let part = graph.part else { preconditionFailure("a graph of parts") }
    try checkLabels(targets)
    let rate = currentLearningRate
    let (inputSize, targetSize) = (inputShape.count, targets.count / count)
    let weight = totalWeight(targets)
    var (whole, wrong): (Double, Int?) = (0, 0)
    for first in stride(from: 0, to: count, by: accumulation.microBatch) {
      let size = min(accumulation.microBatch, count - first)
      let ownInputs = UnsafeBufferPointer(rebasing: inputs[(first * inputSize)..<((first + size) * inputSize)])
      let ownTargets = UnsafeBufferPointer(rebasing: targets[(first * targetSize)..<((first + size) * targetSize)])
      let plan = try graph.plan(batch: size)
      try graph.fill(plan, ownInputs, ownTargets)
      try plan.set(graph.step, to: Double(stepCount))
      try plan.set(part.firstExample, to: Double(first))
      let share = Double(size) / Double(count)
      try plan.set(part.exampleShare, to: share)
      try plan.set(part.lossShare, to: weight > 0 ? totalWeight(ownTargets) / weight : share)
      _ = try plan.run(checking: graph.loss) { loss in
        try accept(loss, ownInputs, ownTargets, by: &divergence)
      }
      whole += try plan.scalar(part.loss)
      let errors = try plan.withValue(of: graph.output) { wrongAnswers($0, ownTargets) }
      wrong = errors.flatMap { errors in wrong.map { $0 + errors } }
    }
    try sums.apply(rate: rate)
    countStep(loss: whole)
    return (whole, wrong, rate)
  }

  /// What the examples count together: their number, or the weights of their classes.
  private func totalWeight(_ targets: UnsafeBufferPointer<Float>) -> Double {
    guard let classWeights, loss.target == .classIndex else { return Double(targets.count) }
    return targets.reduce(0) { $0 + classWeights[Int($1)] }
  }

  /// How steps are made, with the graphs that this takes.
  ///
  /// - Throws: ``TrainingError/batchSize(_:)``, and ``TrainingError/normalizedParts(layers:)`` where batch normalization would
  ///   make another step of it than the whole batch's.
  func stepMethod(_ accumulation: GradientAccumulation?) throws -> StepMethod {
    guard let accumulation else { return .whole(try trainingGraph()) }
    guard accumulation.microBatch > 0 else { throw TrainingError.batchSize(accumulation.microBatch) }
    let (graph, sums) = try accumulationGraphs()
    if accumulation.normalization == .refused {
      let layers = graph.context.entries.filter { $0.layer is BatchNormalization }
        .filter { entry in entry.variables.contains { $0.trainableCount > 0 } }
      guard layers.isEmpty else { throw TrainingError.normalizedParts(layers: layers.map(\.name)) }
    }
    return .parts(graph, sums, accumulation)
  }
}
