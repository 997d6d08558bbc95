import Autodiff
import Datasets
import Tensors

/// One pass over the training data.
struct Pass {
  private let trainer: Trainer
  private let method: StepMethod
  private let loader: BatchLoader
  private let epochs: Int
  private var totals: Totals
  private var nextKeeping: Double

  /// What a pass has come to.
  struct Totals: Codable {
    var steps = 0
    var examples = 0
    var loss = 0.0
    var wrong: Int? = 0
    var rate = 0.0
    var seconds = 0.0
  }

  /// Seconds between copies of the variables: seldom enough to cost nothing. A gigabyte takes about a second.
  private let keepingInterval: Double

  /// A pass, or the rest of one that came to `totals` before.
  init(trainer: Trainer, method: StepMethod, loader: BatchLoader, epochs: Int, totals: Totals?) {
    self.trainer = trainer
    self.method = method
    self.loader = loader
    self.epochs = epochs
    self.totals = totals ?? Totals()
    keepingInterval = max(5, 100e-9 * Double(trainer.state.byteCount))
    nextKeeping = self.totals.seconds + keepingInterval
  }

  /// Makes the steps that are left, and asks after each whether to write a checkpoint and whether to stop.
  mutating func run(
    _ run: inout TrainingRun, divergence: inout DivergenceGuard?, checkpoint: (TrainingRun) throws -> Void,
    shouldStop: () -> Bool, progress report: (TrainingProgress) -> Void
  ) throws {
    let batches = loader.batches(epoch: trainer.epochCount, from: totals.steps)
    run.history.stepLosses.reserveCapacity(run.history.stepLosses.count + loader.batchCount - totals.steps)
    let clock = ContinuousClock()
    let (start, before) = (clock.now, totals.seconds)
    divergence?.renew()
    var hasMore = true
    while hasMore {
      hasMore = try batches.next { inputs, targets, count in
        let loss = try step(inputs, targets, count, &divergence)
        run.history.stepLosses.append(Float(loss))
      }
      guard hasMore else { break }
      let elapsed = start.duration(to: clock.now).components
      totals.seconds = before + Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      if totals.seconds > nextKeeping {
        divergence?.renew()
        nextKeeping = totals.seconds + keepingInterval
      }
      report(progress(finished: nil))
      run.pass = totals
      try checkpoint(run)
      if shouldStop() {
        run.history.wasStopped = true
        return
      }
    }
  }

  private mutating func step(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int,
    _ divergence: inout DivergenceGuard?
  ) throws -> Double {
    try trainer.checkFinite(inputs, targets, at: totals.examples, of: loader, kept: divergence?.kept)
    try trainer.estimateCurvatureIfDue(loader.dataset, isStartOfPass: totals.steps == 0, kept: divergence?.kept)
    let (loss, errors, rate) = try trainer.makeStep(method, inputs, targets, count, divergence: &divergence)
    totals.rate = rate
    totals.wrong = errors.flatMap { errors in totals.wrong.map { $0 + errors } }
    totals.steps += 1
    totals.examples += count
    totals.loss += loss * Double(count)
    return loss
  }

  func record(_ evaluation: Evaluation?) -> History.Epoch {
    History.Epoch(
      epoch: trainer.epochCount + 1, learningRate: totals.rate, loss: meanLoss,
      error: totals.wrong.map { Double($0) / Double(max(totals.examples, 1)) }, validationLoss: evaluation?.loss,
      validationError: evaluation?.error, seconds: totals.seconds)
  }

  func progress(finished: History.Epoch?) -> TrainingProgress {
    TrainingProgress(
      epoch: finished?.epoch ?? trainer.epochCount + 1, epochs: epochs, step: totals.steps,
      stepsPerEpoch: loader.batchCount, loss: meanLoss, examples: totals.examples, seconds: totals.seconds,
      finished: finished)
  }

  private var meanLoss: Double { totals.loss / Double(max(totals.examples, 1)) }
}
