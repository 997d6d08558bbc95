import Autodiff
import BLAS
import NeuralNetworks
import Tensors

/// The ranges of a hidden layer's histograms, the same for every seed.
struct LayerRanges: Sendable, Hashable {
  static let bins = 81
  /// Deviations on either side of the mean.
  static let reach = 4.5

  let activations: ClosedRange<Double>
  let gradients: ClosedRange<Double>

  init(_ activations: SampleMoments, _ gradients: SampleMoments, scale: Double, activation: ActivationFunction) {
    func range(_ mean: Double, _ deviation: Double) -> ClosedRange<Double> {
      guard mean.isFinite, deviation.isFinite else { return -1...1 }
      let half = max(Self.reach * deviation, 1e-6 * max(abs(mean), 1))
      return mean - half...mean + half
    }
    var bounds = range(activations.mean, activations.standardDeviation)
    if case .relu = activation { bounds = min(0, bounds.upperBound)...max(bounds.upperBound, 1e-6) }
    if let bound = activation.bound {
      let low = activation == .sigmoid ? 0 : -bound
      bounds = max(bounds.lowerBound, low)...min(bounds.upperBound, bound)
    }
    self.activations = bounds
    self.gradients = range(0, gradients.standardDeviation * scale)
  }
}

/// Measures the hidden layers of a network at initialisation.
struct LayerMeasurement {
  private let measuring: MeasuringGraph
  private let activation: ActivationFunction
  private let predictions: [VarianceTheory.Prediction]?

  init(
    _ measuring: MeasuringGraph, _ network: StudyNetwork, _ initializer: StudyInitializer, state: State<Float>,
    hasTheory: Bool
  ) throws {
    self.measuring = measuring
    activation = network.activation
    guard hasTheory, initializer.hasTheory, let theory = VarianceTheory(network.activation) else {
      predictions = nil
      return
    }
    let kernels = measuring.hidden.map(\.kernel) + [measuring.outputKernel]
    let layers = kernels.map { kernel in
      // Where the elements' variance has no formula (orthogonal weights, LSUV's), that of the weights there are stands in.
      let variance =
        initializer.theoreticalVariance(fans: .of(shape: kernel.shape))
        ?? state[kernel.name].map { SampleMoments($0.elements).secondMoment } ?? .nan
      return VarianceTheory.WeightLayer(inputs: kernel.shape[0], units: kernel.shape[1], variance: variance)
    }
    predictions = theory.predictions(layers: layers, ends: try measuring.ends())
  }

  func statistics(ranges: [LayerRanges]) throws -> [LayerStatistics] {
    let weightGradients = try measuring.weightGradientDeviations()
    let scale = Double(measuring.examples)
    return try measuring.hidden.indices.map { index in
      try measuring.withLayer(index) { activations, gradients in
        let forward = SampleMoments(activations)
        let range = ranges[index]
        var first = Histogram(
          lowerBound: range.activations.lowerBound, upperBound: range.activations.upperBound,
          binCount: LayerRanges.bins)
        var second = Histogram(
          lowerBound: range.gradients.lowerBound, upperBound: range.gradients.upperBound, binCount: LayerRanges.bins)
        for value in activations { first.add(Double(value)) }
        for value in gradients { second.add(Double(value) * scale) }
        let name = measuring.hidden[index].name
        return LayerStatistics(
          layer: index + 1, name: name.hasPrefix("hidden") ? nil : name, activationMean: forward.mean,
          activationStandardDeviation: forward.standardDeviation,
          saturatedFraction: activation.bound.map {
            SampleMoments.fraction(of: activations, beyond: Float(0.95 * $0))
          } ?? .nan,
          gradientStandardDeviation: SampleMoments(gradients).standardDeviation * scale,
          weightGradientStandardDeviation: weightGradients[index],
          predictedActivationStandardDeviation: predictions?[index].activation ?? .nan,
          predictedGradientStandardDeviation: predictions?[index].gradient ?? .nan,
          predictedWeightGradientStandardDeviation: predictions?[index].weightGradient ?? .nan,
          activationHistogram: first, gradientHistogram: second)
      }
    }
  }
}
