import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors

/// What training at a batch size takes in memory, in bytes, known before the first step.
public struct MemoryEstimate: Sendable, Hashable {
  /// What the process holds already: the program, the data, the parameters that are drawn.
  public let held: Int
  /// Variables that are not there yet: what the optimizer remembers, sums of gradients.
  public let optimizer: Int
  /// The copy of all variables that is gone back to where training diverges.
  public let kept: Int
  /// Activations, their gradients and scratch of a training step.
  public let activations: Int
  /// Batches that are prepared ahead, and the inputs of a step.
  public let inputs: Int
  /// Activations, scratch and inputs of the evaluation of validation data.
  public let evaluation: Int

  /// What is taken besides what is held.
  public var additional: Int { optimizer + kept + activations + inputs + evaluation }
  /// The most that the process will hold.
  public var total: Int { held + additional }
}

extension Trainer {
  /// What ``fit(_:epochs:batch:accumulation:validation:earlyStopping:shuffles:checkpoints:lossGrowthLimit:shouldStop:progress:)``
  /// will take at a batch size.
  ///
  /// - Parameters:
  ///   - batch: examples a step.
  ///   - accumulation: whether a batch is taken in parts.
  ///   - validates: whether validation data are evaluated after each epoch.
  /// - Throws: `GraphError` where shapes do not fit, ``TrainingError`` for a batch size that is none.
  public func memoryEstimate(
    batch: Int, accumulation: GradientAccumulation? = nil, validates: Bool = false
  ) throws -> MemoryEstimate {
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    return try memoryEstimate(try stepMethod(accumulation), batch: batch, validates: validates)
  }

  func memoryEstimate(_ method: StepMethod, batch: Int, validates: Bool) throws -> MemoryEstimate {
    let requirements: [PlanRequirement]
    switch method {
    case .whole(let graph): requirements = [try graph.requirement(batch: batch)]
    case .parts(let graph, let sums, let accumulation):
      requirements = [
        try graph.requirement(batch: min(batch, accumulation.microBatch)), try sums.requirement(),
      ]
    }
    let arena = requirements.reduce(0) { $0 + $1.arenaBytes }
    // The sums of the gradients belong to both plans.
    let optimizer = requirements.map(\.newVariableBytes).max() ?? 0
    let present = state.names.reduce(0) { $0 + (state[shapeOf: $1]?.count ?? 0) * MemoryLayout<Float>.stride }
    let ahead = BatchLoader.bytesAhead(
      batch: batch, exampleCount: inputShape.count, targetCount: loss.target == .classIndex ? 1 : outputCount)
    let evaluation = validates ? try inference.requirement(batch: try inferenceBatch(within: arena)) : nil
    return MemoryEstimate(
      held: ProcessMemory.residentBytes ?? 0, optimizer: optimizer, kept: present + optimizer, activations: arena,
      inputs: requirements.reduce(ahead) { $0 + $1.inputBytes },
      evaluation: evaluation.map { $0.arenaBytes + $0.inputBytes } ?? 0)
  }

  /// Refuses a batch that the machine has no room for, with the largest that would fit.
  @discardableResult
  func checkMemory(
    _ method: StepMethod, batch: Int, validates: Bool, available: Int = ProcessMemory.availableBytes
  ) throws -> MemoryEstimate {
    let estimate = try memoryEstimate(method, batch: batch, validates: validates)
    guard estimate.additional > available else { return estimate }
    // What is taken grows with the batch: the largest that fits lies between these two.
    func fits(_ size: Int) -> Bool {
      let smaller: StepMethod =
        switch method {
        case .whole: method
        case .parts(let graph, let sums, let accumulation):
          .parts(
            graph, sums, GradientAccumulation(microBatch: size, normalization: accumulation.normalization))
        }
      let wanted = try? memoryEstimate(smaller, batch: method.isWhole ? size : batch, validates: validates)
      return (wanted?.additional ?? .max) <= available
    }
    var (fitting, tooLarge) = (0, method.partSize(batch: batch))
    while tooLarge - fitting > 1 {
      let middle = fitting + (tooLarge - fitting) / 2
      if fits(middle) { fitting = middle } else { tooLarge = middle }
    }
    throw TrainingError.memory(
      needed: estimate.additional, available: available, batch: method.partSize(batch: batch),
      largest: fitting > 0 ? fitting : nil)
  }

  /// How many examples are best evaluated at a time: 256, or as many as keep within `bytes`, or within 256 MB if that is more.
  func inferenceBatch(within bytes: Int = 0) throws -> Int {
    var batch = 256
    while batch > 1, try inference.requirement(batch: batch).arenaBytes > max(bytes, 256 << 20) { batch /= 2 }
    return batch
  }
}

extension StepMethod {
  var isWhole: Bool { if case .whole = self { true } else { false } }

  /// How many examples are computed at a time.
  func partSize(batch: Int) -> Int {
    switch self {
    case .whole: batch
    case .parts(_, _, let accumulation): min(batch, accumulation.microBatch)
    }
  }
}
