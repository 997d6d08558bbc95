import Autodiff
import NeuralNetworks
import Tensors

/// How long steps took, and how much memory their plan has.
public struct StepTiming: Sendable {
  /// The wall-clock seconds of each step, in order.
  public let seconds: [Double]
  /// Bytes of the plan's arena: activations, gradients and scratch, without inputs and variables.
  public let planBytes: Int
  /// How often all steps together asked for heap memory; nil where it was not counted.
  public let allocations: Int?
}

/// How long one kernel call of a step takes.
public struct KernelTiming: Sendable {
  /// The operation, or the elementwise operations that run together.
  public let label: String
  /// How many tasks the threads share.
  public let tasks: Int
  /// Wall-clock seconds, the mean over the runs.
  public let seconds: Double
}

extension Trainer {
  /// What a step that is timed does.
  public enum TimedStep: Sendable, Hashable {
    /// Forward, backward and update, as in ``fit(_:epochs:batch:accumulation:validation:earlyStopping:shuffles:checkpoints:lossGrowthLimit:shouldStop:progress:)``.
    case training
    /// Forward and the loss, as in ``evaluate(_:batch:)``.
    case inference
  }

  /// Makes steps on random data and times each.
  ///
  /// The data are drawn beforehand: as many batches as there are steps, but at most 64, of normal inputs with random targets,
  /// which the steps take in turn. A step gives the plan its batch, runs the plan, and reads the loss and the number of wrong
  /// answers; a training step changes the weights.
  ///
  /// - Parameters:
  ///   - step: what a step does. The estimate of curvature that some optimizers make before a pass is not part of it.
  ///   - count: how many steps are timed.
  ///   - batch: examples a step.
  ///   - warmUp: how many steps are made before.
  ///   - allocationCount: how often the process has asked for heap memory so far, where a program counts that.
  /// - Throws: ``TrainingError/batchSize(_:)``, or ``TrainingError/diverged(step:loss:keptLoss:layer:keptStep:)``.
  public func time(
    _ step: TimedStep, count: Int, batch: Int, warmUp: Int = 20, allocationCount: (() -> Int)? = nil
  ) throws -> StepTiming {
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    let batches = randomBatches(of: batch, atMost: max(warmUp + 1, count))
    let graph = try step == .training ? trainingGraph() : inference
    let plan = try graph.plan(batch: batch)
    // Without a guard there is no copy of the weights to go back to, and none in the memory that is measured.
    var divergence: DivergenceGuard?
    var last = 0.0
    var seconds: [Double] = []
    seconds.reserveCapacity(max(count, 0))
    let clock = ContinuousClock()
    var allocationsBefore: Int?
    for index in -max(warmUp, 0)..<max(count, 0) {
      if index == 0 { allocationsBefore = allocationCount?() }
      let (inputs, targets) = batches[abs(index) % batches.count]
      let duration = try clock.measure {
        try inputs.withUnsafeBufferPointer { inputs in
          try targets.withUnsafeBufferPointer { targets in
            switch step {
            case .training: last = try makeStep(graph, inputs, targets, batch, divergence: &divergence).loss
            case .inference: last = try infer(inputs, targets, batch).loss
            }
          }
        }
      }
      if index >= 0 { seconds.append(duration / .seconds(1)) }
    }
    let allocations = allocationsBefore.flatMap { before in allocationCount.map { $0() - before } }
    guard last.isFinite else {
      throw TrainingError.diverged(step: stepCount, loss: last, keptLoss: nil, layer: nil, keptStep: stepCount)
    }
    return StepTiming(seconds: seconds, planBytes: plan.arenaBytes, allocations: allocations)
  }

  /// The kernel calls of a step in their order, each with its mean time on random data.
  ///
  /// The calls are timed one by one, which costs each a fraction of a microsecond. A training step changes the weights.
  ///
  /// - Parameters:
  ///   - step: what a step does.
  ///   - runs: how many steps are averaged.
  ///   - batch: examples a step.
  /// - Throws: as ``time(_:count:batch:warmUp:allocationCount:)``.
  public func profile(_ step: TimedStep, runs: Int, batch: Int) throws -> [KernelTiming] {
    _ = try time(step, count: 0, batch: batch)
    let plan = try (step == .training ? trainingGraph() : inference).plan(batch: batch)
    return zip(plan.schedule, plan.profile(runs: max(runs, 1))).map {
      KernelTiming(label: $0.label, tasks: $0.tasks, seconds: $1.seconds / Double(max(runs, 1)))
    }
  }

  /// At most as many batches as are taken and 64, and not more than 64 MiB of them beyond the first.
  private func randomBatches(of size: Int, atMost count: Int) -> [(inputs: Tensor<Float>, targets: Tensor<Float>)] {
    var generator = RandomGenerator(seed: state.seed, stream: "timed batches")
    let bytes = Double(size) * Double(inputShape.count + 1) * 4
    return (0..<max(1, min(count, 64, Int(Double(64 << 20) / bytes)))).map { _ in
      let inputs = Tensor<Float>(Shape([size] + inputShape.dimensions)) { target in
        for index in 0..<target.count { target.initializeElement(at: index, to: Float(generator.normal())) }
      }
      let targetShape: Shape = loss.target == .classIndex ? [size] : [size, outputCount]
      let targets = Tensor<Float>(targetShape) { target in
        for index in 0..<target.count {
          let value =
            loss.target == .classIndex ? Float(generator.next(upperBound: outputCount)) : Float(generator.uniform())
          target.initializeElement(at: index, to: value)
        }
      }
      return (inputs, targets)
    }
  }
}
