import ArgumentParser
import Figures
import Foundation
import Ridgeline
import Terminal

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network and report its test error.",
    discussion: """
      The weights are written when training ends. They are also written when it ends early: when Ctrl-C stops it, and when \
      the loss is no longer finite or grows out of bounds, in which case they are the last good ones.

      Ctrl-C stops after the current step, writes the weights and measures the test error; the exit code is then 130. A \
      second Ctrl-C leaves out the measuring, and a later one ends the program, but none before the weights are written. \
      Without --output there is nothing to write, and a second Ctrl-C ends the program at once. The signals TERM and HUP do \
      the same, with the exit codes 143 and 129.

      Without --dataset and --data-directory nothing is needed: the images of Shapeset-3x2 are generated, triangles, \
      parallelograms and ellipses in nine classes, of which guessing misses 89 %. lenet5 modern comes to about 55 % in its \
      ten passes; lenet5 original, whose outputs are codes of printed digits, stays at guessing there: it is for MNIST.

      --images takes a folder of PNG and JPEG files, whose sub-folders are the classes; they are decoded and prepared, as the \
      model's recipe says, on threads of their own while training goes on. The file of weights keeps the names of the classes and \
      how images are prepared.

      --micro-batch takes large batches in parts, and --checkpoint keeps what it takes to go on: with --resume a run that was \
      interrupted in any way ends with the same weights, to the last bit, as one that was not.

      With --json the last line is one object: dataset, test_error (a fraction), test_loss, train_loss, epochs, seconds, \
      seconds_per_epoch, peak_rss_bytes and interrupted.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var data: DataOptions

  @Option(help: "The recipe: the paper's, of which the other options change parts.")
  var recipe = RecipeName.paper
  @Option(help: "Rows and columns of the network's images; the published network's where not given.")
  var input: Int?
  @Option(
    help: """
      How images of files are prepared: as the recipe says; none (resized, the centre); small (crops with a border of 4, \
      flips, mean 0 and deviation 1); alexnet or vgg (crops, flips, PCA colour, the mean subtracted).
      """)
  var augmentation = PreparationName.recipe
  @Option(help: "Passes over the training data; the recipe's where not given.")
  var epochs: Int?
  @Option(help: "Examples a step; the recipe's where not given.")
  var batch: Int?
  @Option(help: "The learning rate at the start; the recipe's where not given.")
  var learningRate: Double?
  @Option(help: "Seed of the weights and of the order of the examples.")
  var seed: UInt64 = 1
  @Option(help: "Where to write the weights (safetensors).")
  var output: String?
  @Option(
    help: """
      Weights of a trained network that this one's starts from, where its recipe says so: vgg13 to vgg19 take their first \
      and their dense layers from a trained vgg11.
      """)
  var start: String?
  @Option(help: "The folder for loss and error by epoch: data/NAME.csv and figures/NAME.svg, the network's name.")
  var curves: String?
  @OptionGroup var large: LargeTrainingOptions
  @OptionGroup var memoryOptions: MemoryBudgetOptions
  @OptionGroup var convolutionOptions: ConvolutionOptions
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "End with one line of JSON.")
  var json = false

  mutating func validate() throws {
    try requirePath(output, "--output")
    try requirePath(start, "--start")
    try requirePath(curves, "--curves")
    let model: Model
    do {
      model = try modelOptions.model(input: input)
    } catch {
      throw ValidationError(error.description)
    }
    _ = try convolutionOptions.applied(to: model.network)
    if start != nil, case .drawn = model.recipe.start {
      throw ValidationError("--start cannot be given: the recipe of \(model.architecture) starts from drawn weights")
    }
    if augmentation != .recipe, data.folder.images == nil {
      throw ValidationError("--augmentation prepares image files: give --images")
    }
    if let epochs, !(1...1_000_000).contains(epochs) {
      throw ValidationError("--epochs is 1 to 1,000,000, found \(epochs)")
    }
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    if let learningRate {
      guard learningRate > 0, learningRate.isFinite else {
        throw ValidationError("--learning-rate is a finite number above 0, found \(learningRate)")
      }
      if case .fixed(.table) = model.recipe.annealing {
        throw ValidationError("--learning-rate cannot be given: this recipe's schedule is a table of rates")
      }
    }
  }

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let dataset: String
    let testError: Double?
    let testLoss: Double?
    let trainLoss: Double?
    let epochs: Int
    let seconds: Double
    let secondsPerEpoch: Double?
    let peakRssBytes: Int
    let interrupted: Bool
  }

  func run() throws {
    let destination = output.map { URL(fileURLWithPath: $0) }
    if let destination { try WeightsFile.checkWritable(destination) }
    let images = try data.folder.open()
    var model = try modelOptions.model(input: input, classes: images?.train.classNames.count)
    model.network = try convolutionOptions.applied(to: model.network)
    var recipe = model.recipe
    recipe.batch = batch ?? recipe.batch
    recipe.epochs = epochs ?? recipe.epochs
    recipe.optimizer.learningRate = learningRate ?? recipe.optimizer.learningRate
    let examples =
      try images?.prepared(for: model, augmentation: augmentation.augmentation, seed: seed)
      ?? data.load(data.nameForTraining, for: model, seed: seed)
    let (train, test) = (examples.train, examples.test)
    let stepsPerEpoch = (train.count - 1) / recipe.batch + 1
    let trainer = try model.makeTrainer(
      recipe: recipe, steps: recipe.epochs * stepsPerEpoch, seed: seed, memoryBudget: memoryOptions.bytes,
      pool: threads.pool())

    // What reads our output may end before us, and files may be limited in size: errors to be reported, not to die of.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interrupt.watch(holdingBack: destination != nil)
    let progress = ProgressLine()
    func say(_ line: String) { progress.line.print(line) }
    func save() throws {
      defer { Interrupt.release() }
      guard let destination else { return }
      try WeightsFile.write(trainer, model: model, trainedOn: examples, to: destination)
      say("the weights of step \(trainer.stepCount) are in \(destination.path)")
    }

    say("\(model.architecture) \(model.variant) on \(examples.description)")
    if let remark = large.remark(on: model) { say(remark) }
    if let start { say(try Self.take(start, for: trainer)) }
    let memory = try trainer.memoryEstimate(
      batch: recipe.batch, examples: train.count, accumulation: large.accumulation, validation: test?.count ?? 0)
    say("it will take about \((memory.total + 500_000) / 1_000_000) MB of memory")
    let start = ContinuousClock.now
    let history: History
    do {
      history = try trainer.fit(
        train, epochs: recipe.epochs, batch: recipe.batch, accumulation: large.accumulation, validation: test,
        checkpoints: large.checkpoints(identity: identity(of: model, on: examples.name)),
        shouldStop: { Interrupt.wasPressed }, progress: { progress.show($0) })
    } catch {
      progress.line.clear()
      guard let destination, trainer.stepCount > 0 || Self.keepsWeights(error) else { throw error }
      do {
        try WeightsFile.write(trainer, model: model, trainedOn: examples, to: destination)
      } catch let problem {
        throw CommandError("\(error)\nthe weights could not be written: \(problem)")
      }
      throw CommandError("\(error)\nthe weights are in \(destination.path)")
    }
    let seconds = start.duration(to: .now) / .seconds(1)
    if history.wasStopped {
      say("stopped at step \(trainer.stepCount)" + (destination == nil ? "; without --output nothing is kept" : ""))
    }
    try save()
    var evaluation = lastEvaluation(history)
    if evaluation == nil, let test, Interrupt.pressCount < 2 {
      let measured = try trainer.evaluate(test)
      evaluation = (measured.loss, measured.error)
    }
    if let curves, let files = try write(history, of: model, to: curves) {
      say("the curves are in \(files.picture?.path ?? files.data.path)")
      if let notice = files.notice { say(notice) }
    }
    try report(history, evaluation, on: examples.name, seconds: seconds)
    if history.wasStopped { throw ExitCode(Interrupt.exitCode) }
  }

  /// Starts from the layers of a trained network.
  private static func take(_ path: String, for trainer: Trainer) throws -> String {
    let start = try WeightsFile.read(URL(fileURLWithPath: path), pool: .shared)
    do {
      let taken = try VGG.initialize(trainer, fromA: start.trainer.weights)
      return "\(taken.joined(separator: ", ")) are those of \(path)"
    } catch {
      throw CommandError("\(path): \(error)")
    }
  }

  private func write(_ history: History, of model: Model, to folder: String) throws -> FigureFiles? {
    let name = "\(model.architecture)-\(model.variant)"
    return try TrainingCurves(history, name: name, subject: "\(model.architecture) \(model.variant)")?
      .write(to: URL(fileURLWithPath: folder))
  }

  /// What must be the same in a run that goes on, besides what the trainer knows.
  private func identity(of model: Model, on dataset: DataOptions.Name) -> [String: String] {
    model.metadata.merging(["data": dataset.rawValue, "augmentation": augmentation.rawValue]) { $1 }
  }

  /// Whether an error leaves weights to be kept even where no step was finished: not where the data never suited the network.
  private static func keepsWeights(_ error: any Error) -> Bool {
    switch error {
    case TrainingError.diverged, TrainingError.notFinite, DatasetError.exampleFailed: true
    default: false
    }
  }

  private func report(
    _ history: History, _ evaluation: (loss: Double, error: Double?)?, on dataset: DataOptions.Name, seconds: Double
  ) throws {
    let times = history.epochs.map(\.seconds).sorted()
    let report = Report(
      dataset: dataset.rawValue, testError: evaluation?.error, testLoss: evaluation?.loss,
      trainLoss: history.epochs.last?.loss,
      epochs: history.epochs.count, seconds: seconds, secondsPerEpoch: times.isEmpty ? nil : times[times.count / 2],
      peakRssBytes: peakResidentBytes(), interrupted: history.wasStopped)
    if json { return try Output.json(report) }
    var parts: [String] = []
    if let error = evaluation?.error { parts.append(String(format: "test error %.2f %%", 100 * error)) }
    if let loss = evaluation?.loss { parts.append(String(format: "test loss %.4f", loss)) }
    parts.append(String(format: "%.1f s", seconds))
    try Output.line("\(dataset.rawValue): " + parts.joined(separator: ", "))
  }

  /// The test error that training itself measured after its last step.
  private func lastEvaluation(_ history: History) -> (loss: Double, error: Double?)? {
    guard !history.wasStopped, let last = history.epochs.last, let loss = last.validationLoss else { return nil }
    return (loss, last.validationError)
  }
}
