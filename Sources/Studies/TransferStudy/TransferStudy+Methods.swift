import BLAS
import Datasets
import FeatureLearning
import Models
import NeuralNetworks
import Tensors
import Training

extension TransferStudy {
  /// A network on the new digits.
  struct Method: Sendable, Hashable {
    /// The name in the results.
    let name: String
    let start: TransferMethod
    /// Whether it begins at a network of the plain images of 0 to 4.
    var isPlain = false
    /// Whether it sees its images moved a little.
    var movesImages = false
  }

  /// How a network on the new digits is trained: by gradient descent with momentum, at a rate that falls along half a cosine.
  struct Recipe: Sendable, Hashable {
    let rate: Double
    /// The least number of steps of at most 32 images; of many images there are more.
    let updates: Int

    /// How often so many images are seen: until the updates are made, and at least once for each 75 of them.
    func epochs(of images: Int) -> Int {
      let steps = Self.stepsPerEpoch(of: images)
      return max(1, updates / 75, (updates + steps - 1) / steps)
    }

    /// The steps that are made of so many images.
    func steps(of images: Int) -> Int { epochs(of: images) * Self.stepsPerEpoch(of: images) }

    /// The batches of at most 32 in so many images, at least one.
    private static func stepsPerEpoch(of images: Int) -> Int { max(1, (images + 31) / 32) }
  }

  /// A network at a size.
  struct Task: Sendable, Hashable {
    let method: Method
    let perClass: Int
  }

  /// The trained networks: every size from scratch and fine-tuned, the others at the size of the depths.
  var tasks: [Task] {
    let curve = [
      Method(name: Self.scratch, start: .scratch), Method(name: Self.fineTuned, start: .fineTuned(decay: 1)),
    ]
    let others =
      Self.frozenLayers.map { Method(name: $0, start: .frozen(through: $0)) } + [
        Method(name: Self.plainHead, start: .frozen(through: nil), isPlain: true),
        Method(name: Self.plainFineTuned, start: .fineTuned(decay: 1), isPlain: true),
        Method(name: Self.movedScratch, start: .scratch, movesImages: true),
        Method(name: Self.movedFineTuned, start: .fineTuned(decay: 1), movesImages: true),
      ]
    return Set(options.sizes + [options.depthSize]).sorted().flatMap { size in
      curve.map { Task(method: $0, perClass: size) }
    } + others.map { Task(method: $0, perClass: options.depthSize) }
  }

  /// The layers of a linear probe by its name; none are the pixels.
  static let probes: [(name: String, layers: [String], isPlain: Bool)] =
    [
      (probe, probedLayers, false), (plainProbe, probedLayers, true), (pixelProbe, [], false),
    ] + probedLayers.map { (probe(of: $0), [$0], false) } + [(probe(of: "f6"), ["f6"], false)]

  /// A network after training on `data`.
  private func trained(
    _ method: Method, from sources: Sources, on data: Subset, _ recipe: Recipe, seed: UInt64
  ) throws -> Trainer {
    let source = method.isPlain ? sources.plain : sources.changed
    let trainer = try Transfer(LeNet5.modernNetwork(classes: source.outputs), weights: source.weights)
      .trainer(
        method.start, classes: 5, input: [28, 28, 1], optimizer: SGD(learningRate: recipe.rate, momentum: 0.9),
        schedule: .cosine(steps: recipe.steps(of: data.count), minimum: 0), seed: seed, pool: pool)
    let shown: any Dataset = method.movesImages ? ChangedImages(data, turns: false, seed: seed) : data
    try trainer.fit(shown, epochs: recipe.epochs(of: data.count), batch: min(32, data.count))
    return trainer
  }

  /// The recipe of every task: the one of the least error on training digits that were held out, after training on a draw
  /// of its own. Who has ten labelled images has none to choose with; networks are given this, linear probes are not.
  func chooseRecipes(_ sources: Sources, _ work: StudyWork) throws -> [Task: Recipe] {
    let recipes = options.rates.flatMap { rate in options.updates.map { Recipe(rate: rate, updates: $0) } }
    // The long ones first, so that no thread ends with one alone.
    let trials = tasks.flatMap { task in recipes.map { (task: task, recipe: $0) } }
      .sorted { $0.task.perClass * $0.recipe.updates > $1.task.perClass * $1.recipe.updates }
    let errors = try work.map(trials.count) { number in
      let (task, recipe) = trials[number]
      let data = try Subset(of: targetTrain, indices: draw(task.perClass, stream: "images for the recipes", seed: 0))
      do {
        return try trained(task.method, from: sources, on: data, recipe, seed: seed(0) &+ 2000)
          .evaluate(heldOut).error ?? 1
      } catch TrainingError.diverged {
        // A rate that is too high is a recipe like others, and the worst.
        return 1
      }
    }
    var best: [Task: (recipe: Recipe, error: Double)] = [:]
    for (trial, error) in zip(trials, errors) where error < best[trial.task]?.error ?? .infinity {
      best[trial.task] = (trial.recipe, error)
    }
    return best.mapValues(\.recipe)
  }

  /// Every task and every probe with every seed.
  func transfer(
    _ sources: [Sources], _ recipes: [Task: Recipe], _ work: StudyWork
  ) throws -> [TransferStudyResults.Run] {
    let jobs = sources.indices.flatMap { seed in tasks.map { (task: $0, seed: seed) } }
      .sorted { $0.task.perClass > $1.task.perClass }
    let networks = try work.map(jobs.count, share: 0...0.9) { number in
      let (task, index) = jobs[number]
      // All methods of a seed learn from the same images, those of a smaller size first.
      let data = try Subset(of: targetTrain, indices: draw(task.perClass, stream: "labelled images", seed: index))
      let recipe = recipes[task] ?? Recipe(rate: options.rates[0], updates: options.updates[0])
      let wrong: Double
      do {
        wrong =
          try trained(task.method, from: sources[index], on: data, recipe, seed: seed(index) &+ 1000)
          .evaluate(targetTest).error ?? .nan
      } catch TrainingError.diverged {
        // The rate was chosen with another draw of images. A network that diverged has no answers: all count as wrong,
        // and the other runs go on.
        wrong = 1
      }
      return TransferStudyResults.Run(
        method: task.method.name, perClass: task.perClass, seed: index, error: wrong)
    }
    let probes = try work.map(sources.count, share: 0.9...1) { try probe(sources[$0], seed: $0) }
    return networks + probes.flatMap(\.self)
  }

  /// Linear classifiers on the layers of one seed's networks.
  private func probe(_ sources: Sources, seed index: Int) throws -> [TransferStudyResults.Run] {
    let (test, answers) = try tensor(of: targetTest)
    let sizes = Set(options.sizes + [options.depthSize]).sorted()
    let drawn = try draw(sizes.last ?? 1, stream: "labelled images", seed: index)
    let (train, labels) = try tensor(of: Subset(of: targetTrain, indices: drawn))
    var runs: [TransferStudyResults.Run] = []
    var spaces: [String: (train: Tensor<Float>, test: Tensor<Float>)] = [:]
    for (name, layers, isPlain) in Self.probes {
      let source = isPlain ? sources.plain : sources.changed
      let parts = try layers.map { layer in
        let key = "\(isPlain) \(layer)"
        let space = try spaces[key] ?? (features(layer, source, train), features(layer, source, test))
        spaces[key] = space
        return space
      }
      let pixels = (train.reshaped(to: [labels.count, 784]), test.reshaped(to: [answers.count, 784]))
      for size in name == Self.probe ? sizes : [options.depthSize] {
        // The images are drawn class by class, the same first ones whatever the size.
        let rows = labels.indices.filter { $0 % (labels.count / 5) < size }
        let (x, others) = joined(parts.isEmpty ? [pixels] : parts, rows: rows)
        let fit = try LinearProbe.fit(x, labels: rows.map { labels[$0] }, classes: 5, .ridgeByLeaveOneOut)
        let wrong = zip(try fit.predict(others), answers).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
        runs.append(
          .init(method: name, perClass: size, seed: index, error: Double(wrong) / Double(answers.count)))
      }
    }
    return runs
  }

  /// Some rows of features beside each other, each layer divided by the root of its total variance in these, and all rows of the
  /// others likewise.
  private func joined(
    _ parts: [(train: Tensor<Float>, test: Tensor<Float>)], rows: [Int]
  ) -> (Tensor<Float>, Tensor<Float>) {
    let scales = parts.map { part in
      let width = part.train.shape[1]
      var total = 0.0
      for column in 0..<width {
        let values = rows.map { Double(part.train.elements[$0 * width + column]) }
        let mean = values.reduce(0, +) / Double(values.count)
        total += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      }
      return total > 0 ? Float((Double(rows.count) / total).squareRoot()) : 1
    }
    func join(_ tensors: [Tensor<Float>], _ rows: [Int]) -> Tensor<Float> {
      let width = tensors.reduce(0) { $0 + $1.shape[1] }
      var elements: [Float] = []
      elements.reserveCapacity(rows.count * width)
      for row in rows {
        for (tensor, scale) in zip(tensors, scales) {
          let own = tensor.shape[1]
          elements += tensor.elements[row * own..<(row + 1) * own].lazy.map { $0 * scale }
        }
      }
      return Tensor([rows.count, width], elements)
    }
    let all = Array(0..<(parts.first?.test.shape[0] ?? 0))
    return (join(parts.map(\.train), rows), join(parts.map(\.test), all))
  }
}
