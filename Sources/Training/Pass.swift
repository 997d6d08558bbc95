import Autodiff
import Datasets
import Tensors

/// One pass over the training data.
struct Pass {
  private let trainer: Trainer
  private let graph: StepGraph
  private let loader: BatchLoader
  private let epochs: Int
  private var steps = 0
  private var examples = 0
  private var totalLoss = 0.0
  private var wrong: Int? = 0
  private var rate = 0.0
  private var seconds = 0.0
  private var nextKeeping = keepingInterval

  /// Variables are copied at the start of a pass and every so many seconds: seldom enough to cost nothing.
  private static let keepingInterval = 5.0

  init(trainer: Trainer, graph: StepGraph, loader: BatchLoader, epochs: Int) {
    self.trainer = trainer
    self.graph = graph
    self.loader = loader
    self.epochs = epochs
  }

  mutating func run(
    history: inout History, divergence: inout DivergenceGuard?, shouldStop: () -> Bool,
    progress report: (TrainingProgress) -> Void
  ) throws {
    let batches = loader.batches(epoch: trainer.epochCount)
    history.stepLosses.reserveCapacity(history.stepLosses.count + loader.batchCount)
    let clock = ContinuousClock()
    let start = clock.now
    divergence?.propose(step: trainer.stepCount, trainer.state.tensors)
    var hasMore = true
    while hasMore {
      hasMore = try batches.next { inputs, targets, count in
        let loss = try step(inputs, targets, count, &divergence)
        history.stepLosses.append(Float(loss))
      }
      guard hasMore else { break }
      let elapsed = start.duration(to: clock.now).components
      seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      if seconds > nextKeeping {
        divergence?.propose(step: trainer.stepCount, trainer.state.tensors)
        nextKeeping = seconds + Self.keepingInterval
      }
      report(progress(finished: nil))
      if shouldStop() {
        history.wasStopped = true
        return
      }
    }
  }

  private mutating func step(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int,
    _ divergence: inout DivergenceGuard?
  ) throws -> Double {
    try trainer.checkFinite(inputs, targets, at: examples, of: loader, kept: divergence?.kept)
    try trainer.estimateCurvatureIfDue(loader.dataset, isStartOfPass: steps == 0, kept: divergence?.kept)
    let (loss, errors, rate) = try trainer.makeStep(graph, inputs, targets, count, divergence: &divergence)
    self.rate = rate
    wrong = errors.flatMap { errors in wrong.map { $0 + errors } }
    steps += 1
    examples += count
    totalLoss += loss * Double(count)
    return loss
  }

  func record(_ evaluation: Evaluation?) -> History.Epoch {
    History.Epoch(
      epoch: trainer.epochCount + 1, learningRate: rate, loss: totalLoss / Double(max(examples, 1)),
      error: wrong.map { Double($0) / Double(max(examples, 1)) }, validationLoss: evaluation?.loss,
      validationError: evaluation?.error, seconds: seconds)
  }

  func progress(finished: History.Epoch?) -> TrainingProgress {
    TrainingProgress(
      epoch: finished?.epoch ?? trainer.epochCount + 1, epochs: epochs, step: steps, stepsPerEpoch: loader.batchCount,
      loss: totalLoss / Double(max(examples, 1)), examples: examples, seconds: seconds, finished: finished)
  }
}
