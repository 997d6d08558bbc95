public import Autodiff
public import BLAS
public import Datasets
public import NeuralNetworks
public import Tensors

/// Trains a network, evaluates it and predicts with it.
///
/// ```swift
/// let trainer = try Trainer(network, input: [28, 28, 1], loss: .softmaxCrossEntropy,
///                           optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: 1)
/// try trainer.fit(try MNIST(directory: url).train, epochs: 3, batch: 64)
/// ```
///
/// The same seed gives the same weights to the last bit, whatever the number of threads. A trainer belongs to one task.
public final class Trainer {
  /// What is trained.
  public let network: Sequential
  /// The shape of one example.
  public let inputShape: Shape
  /// What is minimized.
  public let loss: Loss
  /// How parameters are changed.
  public let optimizer: any Optimizer
  /// How the learning rate changes.
  public let schedule: Schedule
  /// The values of all variables, the optimizer's included.
  public let state: State<Float>
  /// The names of the network's own variables, in the order of its layers.
  public let variableNames: [String]
  /// How many numbers the network gives for an example.
  public let outputCount: Int
  /// Steps made so far.
  public private(set) var stepCount = 0
  /// Epochs finished so far; the order of the examples and the schedule go on from here.
  public private(set) var epochCount = 0

  let clipping: GradientClipping
  let classWeights: [Double]?
  let rateFactors: [String: Double]
  private let memoryBudget: Int?
  private let pool: ThreadPool
  let inference: StepGraph
  private var training: StepGraph?
  /// What ``inferenceBatch(within:)`` found by planning, which a single prediction must not wait for each time.
  var inferenceBatches: [Int: Int] = [:]
  private var accumulating: (parts: StepGraph, sums: GradientSums)?
  private var curvature: StepGraph?
  private var metrics: [Double] = []
  /// The loss of the very first step, which tells how large losses usually are.
  private var firstLoss: Double?

  /// Builds the network and draws its parameters.
  ///
  /// - Parameters:
  ///   - input: the shape of one example, for instance [28, 28, 1].
  ///   - schedule: how the optimizer's rate changes.
  ///   - clipping: a bound on the gradients.
  ///   - classWeights: one a class; examples count by the weight of their class.
  ///   - rateFactors: factors for the learning rate by the name of a layer or a variable.
  ///   - seed: of the parameters, the order of the examples and dropout.
  ///   - memoryBudget: the most bytes of activations, gradients and scratch of a training step; what they take where nil. For
  ///     less than that, activations that the backward pass needs are computed again, to the same bits.
  ///   - load: gives the parameters their values, which then are not drawn; it is given the trainer, and sets all its weights
  ///     (``Weights/load(into:from:)``, ``restore(_:)``).
  /// - Throws: `GraphError` where shapes do not fit, with the layer and the line where it was written, and where `load` left
  ///   a parameter without a value; what `load` throws.
  public init(
    _ network: Sequential, input: Shape, loss: Loss = .softmaxCrossEntropy,
    optimizer: any Optimizer = SGD(learningRate: 0.1, momentum: 0.9), schedule: Schedule = .constant,
    clipping: GradientClipping = .none, classWeights: [Double]? = nil, rateFactors: [String: Double] = [:],
    seed: UInt64 = 0, memoryBudget: Int? = nil, pool: ThreadPool = .shared,
    loading load: ((Trainer) throws -> Void)? = nil
  ) throws {
    guard optimizer.learningRate.isFinite, optimizer.learningRate > 0 else {
      throw TrainingError.learningRate(optimizer.learningRate)
    }
    self.network = network
    inputShape = input
    self.loss = loss
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.classWeights = classWeights
    self.rateFactors = rateFactors
    self.memoryBudget = memoryBudget
    self.pool = pool
    state = State(seed: seed)
    inference = try StepGraph(network, input: input, loss: loss, purpose: .inference, state: state, pool: pool)
    variableNames = inference.context.entries.flatMap { $0.variables.map(\.name) }
    outputCount = inference.output.shape.dimensions.last?.fixedSize ?? 1
    for name in rateFactors.keys.sorted()
    where !variableNames.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) {
      throw TrainingError.unknownName(name, known: variableNames)
    }
    // The parameters exist from here on, so that they can be read, saved and loaded before any step.
    if let load {
      try state.withoutDrawing {
        _ = try inference.plan(batch: 1)
        try load(self)
      }
    } else {
      _ = try inference.plan(batch: 1)
    }
  }

  func trainingGraph() throws -> StepGraph {
    if let training { return training }
    let graph = try StepGraph(
      network, input: inputShape, loss: loss,
      purpose: .training(optimizer, clipping, classWeights, rateFactors: rateFactors), state: state, pool: pool,
      memoryBudget: memoryBudget)
    training = graph
    return graph
  }

  /// The graphs of steps that are made part by part.
  func accumulationGraphs() throws -> (StepGraph, GradientSums) {
    if let accumulating { return accumulating }
    let parts = try StepGraph(
      network, input: inputShape, loss: loss, purpose: .accumulation(classWeights), state: state, pool: pool,
      memoryBudget: memoryBudget)
    let sums = try GradientSums(
      of: parts, optimizer: optimizer, clipping: clipping, rateFactors: rateFactors, state: state, pool: pool)
    accumulating = (parts, sums)
    return (parts, sums)
  }

  // MARK: Training

  /// Makes `epochs` passes over `data`.
  ///
  /// - Parameters:
  ///   - data: the training examples.
  ///   - epochs: how many passes; training may be called again and goes on where it was.
  ///   - batch: examples a step; a last, smaller batch is a step too.
  ///   - accumulation: whether a batch is taken in parts, whose gradients are summed.
  ///   - validation: data that are evaluated after each epoch.
  ///   - earlyStopping: when to stop by the validation data; the best epoch's weights are kept.
  ///   - shuffles: whether each epoch has an order of its own, drawn from the seed.
  ///   - checkpoints: where to write what it takes to go on, and whether to go on from there; the epochs that are finished
  ///     there count among `epochs`.
  ///   - shouldStop: asked after each step; `true` ends training with the weights as they are, or with the best epoch's
  ///     where early stopping has found one.
  ///   - lossGrowthLimit: a loss above so many times the largest of 1, the first loss and the loss of the same examples
  ///     under the last weights that were kept ends training like one that is not finite; `.infinity` allows any.
  ///   - progress: called after each step.
  /// - Returns: every metric of every epoch.
  /// - Throws: ``TrainingError`` for data that do not fit or hold a number that is not finite, and for a loss that is not
  ///   finite or has grown out of bounds, be it a step's or the validation's, after which all variables are those of the
  ///   last good step that was kept; `DatasetError` where an example cannot be read; ``CheckpointError`` and
  ///   `SafetensorsError` for a checkpoint that is damaged, of another run, or cannot be written.
  @discardableResult
  public func fit(
    _ data: any Dataset, epochs: Int, batch: Int = 32, accumulation: GradientAccumulation? = nil,
    validation: (any Dataset)? = nil, earlyStopping: EarlyStopping? = nil, shuffles: Bool = true,
    checkpoints: Checkpoints? = nil, lossGrowthLimit: Double = 10_000, shouldStop: () -> Bool = { false },
    progress: (TrainingProgress) -> Void = { _ in }
  ) throws -> History {
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    guard epochs >= 0 else { throw TrainingError.epochCount(epochs) }
    try check(data)
    if let validation { try check(validation) }
    let method = try stepMethod(accumulation)
    let memory = try checkMemory(
      method, batch: batch, examples: data.count, validation: validation?.count ?? 0)
    // The optimizer's variables are made with the first plan; they belong to what is kept.
    try method.prepare(batch: min(batch, data.count))
    let (sum, isTooLarge) = epochCount.addingReportingOverflow(epochs)
    let lastEpoch = isTooLarge ? Int.max : sum
    var run = TrainingRun()
    let file = try checkpoints.map { try checkpointFile($0, data, batch, accumulation, shuffles, earlyStopping) }
    try file?.prepare()
    if let file, checkpoints?.resumes == true, file.exists { run = try resume(from: file) }
    let evaluationBatch = validation == nil ? 1 : try inferenceBatch(within: memory.largestPlan)
    var divergence: DivergenceGuard? = DivergenceGuard(
      growthLimit: lossGrowthLimit, usualLoss: firstLoss, kept: (stepCount, state.tensors))
    while epochCount < lastEpoch, !run.stoppedEarly {
      let loader = try BatchLoader(
        data.examples(forEpoch: epochCount), batch: batch,
        order: shuffles ? .shuffled(seed: state.seed) : .sequential)
      var pass = Pass(trainer: self, method: method, loader: loader, epochs: lastEpoch, totals: run.pass)
      try pass.run(
        &run, divergence: &divergence,
        checkpoint: { run in
          if let file, let checkpoints, stepCount % checkpoints.everySteps == 0 { try write(run, to: file) }
        }, shouldStop: shouldStop, progress: progress)
      if run.history.wasStopped { break }
      run.pass = nil
      let evaluation = try validation.map { try evaluate($0, batch: evaluationBatch) }
      if let evaluation, let validation { try judge(evaluation, of: validation, by: divergence) }
      let record = pass.record(evaluation)
      run.history.epochs.append(record)
      epochCount += 1
      metrics.append(record.validationLoss ?? record.loss)
      progress(pass.progress(finished: record))
      let stops = earlyStopping.map { run.watch(record, $0) { weights } } ?? false
      if let file { try write(run, to: file) }
      if stops { break }
    }
    if run.history.wasStopped, let file {
      run.history.wasStopped = false
      try write(run, to: file)
      run.history.wasStopped = true
    }
    restore(run.bestWeights)
    return run.history
  }

  /// Writes all that it takes to go on.
  private func write(_ run: TrainingRun, to file: CheckpointFile) throws {
    let position = TrainerPosition(
      stepCount: stepCount, epochCount: epochCount, metrics: metrics, firstLoss: firstLoss)
    try file.write(position, run, state: state)
  }

  /// Puts this trainer where the run stood that wrote the file.
  private func resume(from file: CheckpointFile) throws -> TrainingRun {
    let own = state.names.filter { !GradientSums.isSum($0) }
    let shapes = Dictionary(uniqueKeysWithValues: own.compactMap { name in state[shapeOf: name].map { (name, $0) } })
    let (position, run, variables) = try file.read(variables: shapes)
    restore(variables)
    (stepCount, epochCount) = (position.stepCount, position.epochCount)
    (metrics, firstLoss) = (position.metrics, position.firstLoss)
    return run
  }

  /// The learning rate of the next step.
  public var currentLearningRate: Double {
    schedule.rate(base: optimizer.learningRate, step: stepCount, epoch: epochCount, history: metrics)
  }

  /// LeCun's second derivatives, made anew before each pass; in the first pass also after 1, 2, 4, 8, ... steps, because
  /// those of the start, where all activations are small, soon are far too small.
  func estimateCurvatureIfDue(
    _ data: any Dataset, isStartOfPass: Bool, kept: (step: Int, tensors: [String: Tensor<Float>])?
  ) throws {
    guard let optimizer = optimizer as? DiagonalLevenbergMarquardt else { return }
    guard isStartOfPass || (epochCount == 0 && stepCount.nonzeroBitCount == 1) else { return }
    let graph = try curvatureGraph(optimizer)
    let wanted = min(optimizer.estimationCount, data.count)
    let loader = try BatchLoader(
      data, batch: min(50, wanted), order: .shuffled(seed: state.seed &+ UInt64(stepCount) &+ 1))
    let batches = loader.batches(epoch: epochCount)
    var seen = 0
    while seen < wanted {
      let hasMore = try batches.next { inputs, targets, count in
        let plan = try graph.plan(batch: count)
        if seen == 0 { forgetCurvature() }
        try checkFinite(inputs, targets, at: seen, of: loader, kept: kept)
        try checkLabels(targets)
        try graph.fill(plan, inputs, targets)
        try plan.set(graph.rate, to: Double(count) / Double(wanted))
        plan.run()
        seen += count
      }
      if !hasMore { break }
    }
  }

  private func curvatureGraph(_ optimizer: DiagonalLevenbergMarquardt) throws -> StepGraph {
    if let curvature { return curvature }
    let graph = try StepGraph(
      network, input: inputShape, loss: loss, purpose: .curvature(optimizer), state: state, pool: pool)
    curvature = graph
    return graph
  }

  private func forgetCurvature() {
    for name in state.names where name.hasSuffix("/curvature") {
      if let old = state[name] { state[name] = .zeros(old.shape) }
    }
  }

  /// A step's plan was run: counts it.
  func countStep(loss: Double) {
    if firstLoss == nil { firstLoss = loss }
    stepCount += 1
  }

  // MARK: Weights

  /// Copies of the network's own variables by name.
  public var weights: [String: Tensor<Float>] {
    Dictionary(uniqueKeysWithValues: variableNames.compactMap { name in state[name].map { (name, $0) } })
  }

  /// Puts back what ``weights`` gave.
  public func restore(_ weights: [String: Tensor<Float>]) {
    for (name, tensor) in weights { state[name] = tensor }
  }

  // MARK: Checks

  func check(_ data: any Dataset) throws {
    guard data.count > 0 else { throw TrainingError.noExamples }
    guard data.exampleShape == inputShape else {
      throw TrainingError.inputShape(expected: inputShape, found: data.exampleShape)
    }
    switch loss.target {
    case .classIndex:
      guard data.targetShape.count == 1 else {
        throw TrainingError.targetShape(expected: "a class index an example", found: data.targetShape)
      }
      guard data.classNames.count <= outputCount else {
        throw TrainingError.tooManyClasses(classes: data.classNames.count, outputs: outputCount)
      }
    case .values:
      guard data.targetShape.count == outputCount else {
        throw TrainingError.targetShape(expected: "\(outputCount) numbers an example", found: data.targetShape)
      }
    }
  }

  /// Refuses class indices that the network has no output for.
  func checkLabels(_ targets: UnsafeBufferPointer<Float>) throws {
    guard loss.target == .classIndex else { return }
    for label in targets where !(label >= 0 && label < Float(outputCount) && label == label.rounded()) {
      throw TrainingError.label(label, outputs: outputCount)
    }
  }

  /// The network with every layer's output besides, to find where numbers go wrong.
  func makeDiagnosisGraph() throws -> StepGraph {
    try StepGraph(network, input: inputShape, loss: loss, purpose: .diagnosis, state: state, pool: pool)
  }
}
