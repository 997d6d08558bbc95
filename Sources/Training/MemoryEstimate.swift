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

  /// The largest arena of a training step, which evaluation may have as well.
  let largestPlan: Int

  /// What is taken besides what is held.
  public var additional: Int { optimizer + kept + activations + inputs + evaluation }
  /// The most that the process will hold.
  public var total: Int { held + additional }
}

extension Trainer {
  /// What ``fit(_:epochs:batch:accumulation:validation:earlyStopping:shuffles:checkpoints:lossGrowthLimit:shouldStop:progress:)``
  /// will take at a batch size.
  ///
  /// Every size that occurs has a plan of its own, that of a last, smaller batch too. A checkpoint is written without a copy.
  ///
  /// - Parameters:
  ///   - batch: examples a step.
  ///   - examples: how many there are; as many as fill whole batches unless told.
  ///   - accumulation: whether a batch is taken in parts.
  ///   - validation: how many examples are evaluated after each epoch; 0 for none.
  /// - Throws: `GraphError` where shapes do not fit, ``TrainingError`` for a batch size that is none.
  public func memoryEstimate(
    batch: Int, examples: Int? = nil, accumulation: GradientAccumulation? = nil, validation: Int = 0
  ) throws -> MemoryEstimate {
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    return try memoryEstimate(
      try stepMethod(accumulation), batch: batch, examples: examples ?? batch, validation: validation)
  }

  func memoryEstimate(
    _ method: StepMethod, batch: Int, examples: Int, validation: Int
  ) throws -> MemoryEstimate {
    let (batch, last) = (min(batch, examples), examples % batch)
    var plans: [PlanRequirement]
    switch method {
    case .whole(let graph): plans = try sizes([batch, last]).map { try graph.requirement(batch: $0) }
    case .parts(let graph, let sums, let accumulation):
      let part = accumulation.microBatch
      plans = try sizes([min(batch, part), batch % part, min(last, part), last % part]).map {
        try graph.requirement(batch: $0)
      }
      plans.append(try sums.requirement())
    }
    // The sums of the gradients belong to both kinds of plans.
    let optimizer = plans.map(\.newVariableBytes).max() ?? 0
    let ahead = BatchLoader.bytesAhead(
      batch: batch, exampleCount: inputShape.count, targetCount: loss.target == .classIndex ? 1 : outputCount)
    let largest = plans.map(\.arenaBytes).max() ?? 0
    let evaluated = validation > 0 ? try inferenceBatch(within: largest) : 1
    let evaluations = try sizes([min(evaluated, validation), validation % evaluated]).map {
      try inference.requirement(batch: $0)
    }
    return MemoryEstimate(
      held: ProcessMemory.residentBytes ?? 0, optimizer: optimizer, kept: state.byteCount + optimizer,
      activations: plans.reduce(0) { $0 + $1.arenaBytes }, inputs: plans.reduce(ahead) { $0 + $1.inputBytes },
      evaluation: evaluations.reduce(0) { $0 + $1.arenaBytes + $1.inputBytes }, largestPlan: largest)
  }

  /// The sizes that are there, each once.
  private func sizes(_ all: [Int]) -> Set<Int> { Set(all).subtracting([0]) }

  /// Refuses a batch that the machine has no room for, with the largest that would fit.
  @discardableResult
  func checkMemory(
    _ method: StepMethod, batch: Int, examples: Int, validation: Int, available: Int = ProcessMemory.availableBytes
  ) throws -> MemoryEstimate {
    let estimate = try memoryEstimate(method, batch: batch, examples: examples, validation: validation)
    guard estimate.additional > available else { return estimate }
    // What is taken grows with the batch: the largest that fits lies between these two.
    func fits(_ size: Int) -> Bool {
      let wanted = try? memoryEstimate(
        method.inParts(of: size), batch: method.isWhole ? size : batch, examples: examples, validation: validation)
      return (wanted?.additional ?? .max) <= available
    }
    let size = method.partSize(batch: min(batch, examples))
    var (fitting, tooLarge) = (0, size)
    while tooLarge - fitting > 1 {
      let middle = fitting + (tooLarge - fitting) / 2
      if fits(middle) { fitting = middle } else { tooLarge = middle }
    }
    throw TrainingError.memory(
      needed: estimate.additional, available: available, batch: size, largest: fitting > 0 ? fitting : nil)
  }

  /// How many examples are best evaluated at a time: 256, or as many as keep within `bytes`, or within 256 MB if that is more.
  ///
  /// More at a time compute no faster, and the memory that they touch first has to be given by the system: VGG-16 takes 64 images
  /// from files in twice the time of eight times 8.
  ///
  /// - Throws: `GraphError` where shapes do not fit.
  public func inferenceBatch(within bytes: Int = 0) throws -> Int {
    let room = max(bytes, 256 << 20)
    if let known = inferenceBatches[room] { return known }
    var batch = 256
    while batch > 1, try inference.requirement(batch: batch).arenaBytes > room { batch /= 2 }
    inferenceBatches[room] = batch
    return batch
  }
}

extension StepMethod {
  var isWhole: Bool { if case .whole = self { true } else { false } }

  /// The same method with parts of another size, if it has parts.
  func inParts(of size: Int) -> StepMethod {
    guard case .parts(let graph, let sums, let accumulation) = self else { return self }
    return .parts(graph, sums, GradientAccumulation(microBatch: size, normalization: accumulation.normalization))
  }

  /// How many examples are computed at a time.
  func partSize(batch: Int) -> Int {
    switch self {
    case .whole: batch
    case .parts(_, _, let accumulation): min(batch, accumulation.microBatch)
    }
  }
}
