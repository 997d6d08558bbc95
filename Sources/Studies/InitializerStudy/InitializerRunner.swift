import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors

/// Makes one run: a network at its start, then while it learns.
struct InitializerRunner {
  let options: InitializerStudyOptions
  let examples: StudyExamples
  let pool: ThreadPool

  /// What one run needs to know.
  struct Setting {
    var experiment = InitializerExperiment.comparison
    let model: String
    let network: Sequential
    let initializer: Initializer
    let activation: ActivationFunction
    let seed: UInt64
    let steps: Int
    let batch: Int
    var loss = Loss.softmaxCrossEntropy
    var weightDeviation = Double.nan
    /// Whether layers are fully connected, so that theory's recursion applies.
    var hasTheory = false
    var probesDerivatives = false

    /// The initializer's name, with the deviation where that is what is compared.
    var label: String {
      weightDeviation.isFinite ? "\(initializer.name)_\(Self.short(weightDeviation))" : initializer.name
    }

    private static func short(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
  }

  func run(_ setting: Setting, shouldStop: () -> Bool) throws -> InitializerRun {
    let start = ContinuousClock.now
    let data = examples.data(for: setting.experiment)
    let network = try ObservedNetwork(
      setting.network, input: data.shape, loss: setting.loss, batch: setting.batch, seed: setting.seed, pool: pool)
    var run = InitializerRun(
      experiment: setting.experiment, model: setting.model, dataset: examples.name,
      initializer: setting.label, activation: "\(setting.activation)", seed: setting.seed,
      weightStandardDeviation: setting.weightDeviation)
    let first = try Snapshot(network, data.statistics, setting, binWidthFor: options.width)
    run.layers = first.layers(setting, network, inputMeanSquare: data.inputMeanSquare)
    if setting.probesDerivatives { run.derivativeProbe = first.probe }
    run.loss.append(StepValue(step: 0, value: first.loss))
    try train(network, setting, data, &run, shouldStop: shouldStop)
    run.seconds = start.duration(to: .now) / .seconds(1)
    return run
  }

  private func train(
    _ network: ObservedNetwork, _ setting: Setting, _ data: StudyExamples.Halves, _ run: inout InitializerRun,
    shouldStop: () -> Bool
  ) throws {
    let interval = max(1, setting.steps / 20)
    var (step, epoch, total) = (0, 0, 0.0)
    var isDiverged = false
    while step < setting.steps, !isDiverged {
      let loader = try BatchLoader(
        data.training(seed: setting.seed).examples(forEpoch: epoch), batch: setting.batch,
        order: data.isOrdered ? .sequential : .shuffled(seed: setting.seed), dropsRemainder: true)
      let batches = loader.batches(epoch: epoch)
      while step < setting.steps, !isDiverged,
        try batches.next({ inputs, targets, _ in
          let loss = try network.train(inputs, targets, learningRate: options.learningRate)
          guard loss.isFinite else {
            isDiverged = true
            return
          }
          if step == 0 {
            run.weightGradientDeviations.append(.init(step: 0, deviations: try network.kernelGradientDeviations()))
          }
          step += 1
          total += loss
          if step % interval == 0 {
            run.loss.append(StepValue(step: step, value: total / Double(interval)))
            run.weightGradientDeviations.append(
              .init(step: step, deviations: try network.kernelGradientDeviations()))
            total = 0
          }
        })
      {
        if step % (interval * 4) == 0 {
          run.testErrorOverTime.append(
            StepValue(step: step, value: try network.error(on: data.test, pool: pool)))
          if shouldStop() { throw InitializerStudyError.stopped }
        }
      }
      epoch += 1
    }
    if isDiverged { run.divergedAtStep = step + 1 }
    run.testError = isDiverged ? .nan : try network.error(on: data.test, pool: pool)
  }
}

/// What a network's layers hold before the first update, on the fixed examples.
struct Snapshot {
  private(set) var loss = 0.0
  private var activations: [Moments] = []
  private var gradients: [Moments] = []
  private var kernels: [Moments] = []
  private var saturated: [Int] = []
  private var activationHistograms: [Histogram] = []
  private var gradientHistograms: [Histogram] = []
  private var rows: [[Double]] = []

  init(
    _ network: ObservedNetwork, _ examples: any Dataset, _ setting: InitializerRunner.Setting, binWidthFor width: Int
  ) throws {
    let count = network.hidden.count
    (activations, gradients, kernels) = (
      Array(repeating: Moments(), count: count), Array(repeating: Moments(), count: count),
      Array(repeating: Moments(), count: count)
    )
    saturated = Array(repeating: 0, count: count)
    let reach = setting.activation.bound ?? 2
    // Six standard deviations of the last layer's gradient under Glorot's rule.
    let span = 6 * (2 / Double(width)).squareRoot()
    activationHistograms = Array(
      repeating: Histogram(lowerBound: -reach, upperBound: reach, binCount: 120), count: count)
    gradientHistograms = Array(repeating: Histogram(lowerBound: -span, upperBound: span, binCount: 301), count: count)
    let bound = setting.activation.bound
    let batches = try BatchLoader(examples, batch: network.batch, dropsRemainder: true).batches()
    var batchCount = 0
    // The mean cost's gradient times the batch is that of one example's cost.
    let scale = Double(network.batch)
    while try batches.next({ inputs, targets, size in
      loss += try network.observe(
        inputs, targets,
        activations: { layer, values in
          for value in values {
            activations[layer].add(Double(value))
            if let bound, abs(Double(value)) > 0.95 * bound { saturated[layer] += 1 }
          }
          activationHistograms[layer].add(contentsOf: values)
        },
        gradients: { layer, values in
          for value in values {
            gradients[layer].add(scale * Double(value))
            gradientHistograms[layer].add(scale * Double(value))
          }
          if layer == 0, rows.count < 20 {
            let units = values.count / size
            for row in 0..<min(size, 20 - rows.count) {
              rows.append((0..<min(4, units)).map { scale * Double(values[row * units + $0]) })
            }
          }
        },
        kernels: { layer, values in for value in values { kernels[layer].add(Double(value)) } })
      batchCount += 1
    }) {}
    loss /= Double(max(batchCount, 1))
  }

  /// The derivatives of single examples' costs by a few units of the first layer.
  var probe: DerivativeProbe { DerivativeProbe(layer: 1, rows: rows) }

  func layers(
    _ setting: InitializerRunner.Setting, _ network: ObservedNetwork, inputMeanSquare: Double
  ) -> [LayerStatistics] {
    let theory = setting.hasTheory ? theory(setting, network, inputMeanSquare) : nil
    return activations.indices.map { layer in
      let lastGradient = gradients[gradients.count - 1].standardDeviation
      let isBounded = setting.activation.bound != nil
      return LayerStatistics(
        layer: layer + 1, name: network.hidden[layer].name, activationMean: activations[layer].mean,
        activationStandardDeviation: activations[layer].standardDeviation,
        saturatedFraction: isBounded ? Double(saturated[layer]) / Double(activations[layer].count) : .nan,
        gradientStandardDeviation: gradients[layer].standardDeviation,
        weightGradientStandardDeviation: kernels[layer].standardDeviation,
        predictedActivationStandardDeviation: theory?.activationDeviations[layer] ?? .nan,
        predictedGradientStandardDeviation: theory.map { $0.gradientFactors[layer] * lastGradient } ?? .nan,
        activationHistogram: activationHistograms[layer], gradientHistogram: gradientHistograms[layer])
    }
  }

  private func theory(
    _ setting: InitializerRunner.Setting, _ network: ObservedNetwork, _ inputMeanSquare: Double
  ) -> MeanFieldTheory? {
    let kernels = network.state.names.filter { $0.hasSuffix(".kernel") }.compactMap { network.state[$0] }
    let variances = kernels.map { kernel -> (variance: Double, fanIn: Int, fanOut: Int) in
      let fans = Fans(fanIn: kernel.shape[0], fanOut: kernel.shape[1])
      // Orthogonal and sparse matrices have no variance in closed form; theirs is read off the weights.
      let measured = kernel.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(kernel.count)
      return (setting.initializer.theoreticalVariance(fans: fans) ?? measured, fans.fanIn, fans.fanOut)
    }
    guard variances.allSatisfy({ $0.variance > 0 }) else { return nil }
    return MeanFieldTheory(activation: setting.activation, variances: variances, inputMeanSquare: inputMeanSquare)
  }
}
