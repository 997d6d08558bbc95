import Autodiff
import BLAS
import Foundation
import NeuralNetworks
import Tensors

/// One run of the study before it is made.
struct StudyRun: Sendable {
  let experiment: InitializerExperiment
  let model: String
  let initializerName: String
  let initializer: StudyInitializer
  let activationName: String
  let network: StudyNetwork
  let seed: UInt64
  let steps: Int
  let batch: Int
  let optimizer: SGD
  /// The standard deviation of the inputs.
  let inputDeviation: Double

  /// The run with everything measured on it.
  ///
  /// - Parameters:
  ///   - ranges: the histograms' ranges, one a hidden layer.
  ///   - shouldStop: asked before every update.
  ///   - report: called now and then with the number of updates made.
  /// - Throws: `RunStopped` where `shouldStop` says so.
  func make(
    data: StudyData, options: InitializerStudyOptions, ranges: [LayerRanges], pool: ThreadPool,
    shouldStop: () -> Bool, report: (Int) -> Void
  ) throws -> InitializerRun {
    let clock = ContinuousClock()
    let start = clock.now
    let state = try firstWeights(data, pool: pool)
    let training = try TrainingGraph(
      network, exampleShape: data.exampleShape, batch: batch, optimizer: optimizer, state: state, pool: pool)
    let measuring = try MeasuringGraph(
      network, data: data, examples: options.statisticsCount, state: state, pool: pool)
    let test = try TestGraph(network, data: data, state: state, pool: pool)
    var run = InitializerRun(
      experiment: experiment, model: model, dataset: data.name, initializer: initializerName,
      activation: activationName, seed: seed)

    measuring.run()
    run.layers = try LayerMeasurement(measuring, network, initializer, state: state, hasTheory: model != "lenet5")
      .statistics(ranges: ranges)
    run.weightStandardDeviation =
      state[measuring.hidden[0].kernel.name].map { SampleMoments($0.elements).standardDeviation } ?? .nan
    run.derivativeProbe = try probe(measuring)
    run.weightGradientDeviations = [
      WeightGradientDeviations(step: 0, deviations: run.layers.map(\.weightGradientStandardDeviation))
    ]
    run.testErrorOverTime = [StepValue(step: 0, value: try test.error(data))]

    var stream = data.stream(seed: seed, question: network.question)
    let intervals = (loss: max(1, steps / 50), gradient: max(1, steps / 20), error: max(1, steps / 10))
    var (sum, count) = (0.0, 0)
    for step in 1...steps {
      guard !shouldStop() else { throw RunStopped() }
      let loss = try training.step(&stream)
      if step == 1 { run.loss = [StepValue(step: 0, value: loss)] }
      (sum, count) = (sum + loss, count + 1)
      guard loss.isFinite else {
        run.divergedAtStep = step
        run.loss.append(StepValue(step: step, value: .nan))
        break
      }
      if step % intervals.loss == 0 || step == steps {
        run.loss.append(StepValue(step: step, value: sum / Double(count)))
        (sum, count) = (0, 0)
        report(step)
      }
      if step % intervals.gradient == 0 || step == steps {
        measuring.run()
        let deviations = try measuring.weightGradientDeviations()
        run.weightGradientDeviations.append(WeightGradientDeviations(step: step, deviations: deviations))
        // Rectifiers hide a NaN from the loss; the weights show it.
        guard state.tensors.values.allSatisfy({ $0.elements.allSatisfy(\.isFinite) }) else {
          run.divergedAtStep = step
          break
        }
      }
      if step % intervals.error == 0 || step == steps {
        run.testErrorOverTime.append(StepValue(step: step, value: try test.error(data)))
      }
    }
    run.testError = run.divergedAtStep == nil ? run.testErrorOverTime.last?.value ?? .nan : .nan
    run.seconds = start.duration(to: clock.now) / .seconds(1)
    return run
  }

  /// The run's variables: drawn by name and seed once a graph is compiled, or set by LSUV on the first training batch.
  private func firstWeights(_ data: StudyData, pool: ThreadPool) throws -> State<Float> {
    let state = State<Float>(seed: seed)
    guard initializer.isLSUV else { return state }
    var stream = data.stream(seed: seed, question: network.question)
    var inputs = Tensor<Float>.zeros(Shape([batch] + data.exampleShape.dimensions))
    var targets = [Float](repeating: 0, count: batch)
    try inputs.withUnsafeMutableBufferPointer { inputs in
      try targets.withUnsafeMutableBufferPointer { try stream.next(inputs, $0) }
    }
    do {
      try LSUV().apply(to: network.network, batch: inputs, state: state, pool: pool)
    } catch let error as LSUVError {
      throw InitializerStudyError.unsuitableInitializer(initializerName, model: model, reason: error.description)
    }
    return state
  }

  /// Where the numbers of each hidden layer lie under this run's seed, for histograms that other seeds share.
  func ranges(data: StudyData, options: InitializerStudyOptions, pool: ThreadPool) throws -> [LayerRanges] {
    let measuring = try MeasuringGraph(
      network, data: data, examples: options.statisticsCount, state: firstWeights(data, pool: pool), pool: pool)
    measuring.run()
    return try measuring.hidden.indices.map { index in
      try measuring.withLayer(index) { activations, gradients in
        LayerRanges(
          SampleMoments(activations), SampleMoments(gradients), scale: Double(measuring.examples),
          activation: network.activation)
      }
    }
  }

  /// The derivatives by the last hidden layer's first units for the first examples.
  private func probe(_ measuring: MeasuringGraph) throws -> DerivativeProbe {
    let last = measuring.hidden.count - 1
    let rows = try measuring.withLayer(last) { _, gradients in
      let width = gradients.count / measuring.examples
      return (0..<min(20, measuring.examples)).map { row in
        (0..<min(4, width)).map { Double(gradients[row * width + $0]) * Double(measuring.examples) }
      }
    }
    return DerivativeProbe(layer: last + 1, rows: rows)
  }
}
