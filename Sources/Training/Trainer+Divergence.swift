import Autodiff
import Datasets
import NeuralNetworks
import Tensors

extension Trainer {
  /// Stops a step whose loss is not finite or has grown out of bounds, before its parameters change.
  ///
  /// - Returns: true where the loss is as large under the kept weights too, so that it lies in the examples.
  /// - Throws: ``TrainingError/diverged(step:loss:keptLoss:layer:keptStep:)`` with the kept weights put back.
  func judge(
    _ loss: Double, _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>,
    by divergence: inout DivergenceGuard
  ) throws -> Bool {
    let current = state.tensors
    let now = diagnose(inputs, targets)
    restore(divergence.kept.tensors)
    guard loss.isFinite else {
      // Finite outputs may still be too large for the loss, a square for instance.
      let layer = Self.firstNotFinite(now) ?? Self.firstGrown(now, diagnose(inputs, targets))
      throw diverged(step: stepCount + 1, loss: loss, keptLoss: nil, layer: layer, divergence)
    }
    let before = diagnose(inputs, targets)
    if let before, !before.loss.isFinite || divergence.allows(loss, keptLoss: before.loss) {
      restore(current)
      divergence.expect(loss)
      return true
    }
    throw diverged(
      step: stepCount + 1, loss: loss, keptLoss: before?.loss, layer: Self.firstGrown(now, before), divergence)
  }

  /// Refuses a validation loss that is not finite or has grown out of bounds, unless the kept weights give such a loss too.
  ///
  /// A pass may end with the step that ruins the weights; this is the first loss that they give.
  func judge(_ evaluation: Evaluation, of data: any Dataset, by divergence: DivergenceGuard?) throws {
    guard let divergence, !divergence.allows(evaluation.loss) else { return }
    let current = state.tensors
    // Diagnosis keeps what every layer gives: no more examples than are evaluated at a time.
    let batch = try data.batch(0..<min(data.count, try inferenceBatch()))
    func diagnosis() -> Diagnosis? {
      batch.inputs.withUnsafeBufferPointer { inputs in
        batch.targets.withUnsafeBufferPointer { diagnose(inputs, $0) }
      }
    }
    let now = diagnosis()
    restore(divergence.kept.tensors)
    let keptLoss = try evaluate(data).loss
    if !keptLoss.isFinite || divergence.allows(evaluation.loss, keptLoss: keptLoss) {
      restore(current)
      return
    }
    let layer = Self.firstNotFinite(now) ?? Self.firstGrown(now, diagnosis())
    throw diverged(
      step: stepCount, loss: evaluation.loss, keptLoss: evaluation.loss.isFinite ? keptLoss : nil, layer: layer,
      divergence)
  }

  private func diverged(
    step: Int, loss: Double, keptLoss: Double?, layer: String?, _ divergence: DivergenceGuard
  ) -> TrainingError {
    .diverged(step: step, loss: loss, keptLoss: keptLoss, layer: layer, keptStep: divergence.kept.step)
  }

  /// What every layer gives for some examples, in the order of the layers.
  private struct Diagnosis {
    let loss: Double
    /// The largest magnitude of each layer's outputs; NaN where one is not a number.
    let layers: [(name: String, largest: Float)]
  }

  private func diagnose(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>
  ) -> Diagnosis? {
    guard let graph = try? makeDiagnosisGraph(),
      let plan = try? graph.plan(batch: inputs.count / max(inputShape.count, 1)),
      (try? graph.fill(plan, inputs, targets)) != nil
    else { return nil }
    plan.run()
    guard let loss = try? plan.scalar(graph.loss) else { return nil }
    let layers = graph.context.entries.compactMap { entry -> (name: String, largest: Float)? in
      guard let largest = try? plan.withValue(of: entry.output, Self.largestMagnitude) else { return nil }
      return (entry.name, largest)
    }
    return Diagnosis(loss: loss, layers: layers)
  }

  private static func largestMagnitude(_ values: UnsafeBufferPointer<Float>) -> Float {
    var largest: Float = 0
    for value in values {
      if value.isNaN { return .nan }
      largest = max(largest, abs(value))
    }
    return largest
  }

  private static func firstNotFinite(_ diagnosis: Diagnosis?) -> String? {
    diagnosis?.layers.first { !$0.largest.isFinite }?.name
  }

  /// The first layer whose largest output is at least ten times what the kept weights give for the same examples.
  ///
  /// Ten times, because a squared error grows with the square of the outputs, and several layers may share the growth.
  private static func firstGrown(_ now: Diagnosis?, _ before: Diagnosis?) -> String? {
    guard let now, let before else { return nil }
    return zip(now.layers, before.layers).first { now, before in
      !(now.largest <= 10 * max(before.largest, .leastNormalMagnitude))
    }?.0.name
  }
}
