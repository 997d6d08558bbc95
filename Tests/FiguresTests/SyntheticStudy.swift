import Foundation
import Studies

/// Results made from formulas, shaped like those of a real study.
struct SyntheticStudy {
  var seeds = 3
  var initializers = [
    "zeros", "standard", "random_uniform", "lecun_uniform", "glorot_uniform", "glorot_normal", "he_normal",
    "orthogonal",
  ]
  var activations = ["tanh"]
  var depth = 5
  var steps = 2000
  /// Whether `standard` shrinks its signals as theory says it does; otherwise it keeps them and Glorot's does not.
  var theoryHolds = true
  var hasHistograms = true

  /// The factor by which theory multiplies both deviations from a layer to the next.
  static func gain(_ initializer: String) -> Double {
    switch initializer {
    case "zeros": 0
    case "standard", "lecun_half": 1 / 3.0.squareRoot()
    case "random_uniform": 0.913
    case "he_normal": 2.0.squareRoot()
    default: 1
    }
  }

  var results: InitializerStudyResults {
    var runs: [InitializerRun] = []
    for activation in activations {
      for initializer in initializers { runs += mlp(initializer, activation) }
    }
    for initializer in ["standard", "glorot_uniform", "he_normal"] { runs += leNet(initializer) }
    for activation in ["sigmoid", "tanh", "relu", "leaky_relu"] { runs += scales(activation) }
    for initializer in ["zeros", "he_normal"] { runs += threeLayers(initializer) }
    return InitializerStudyResults(environment: Self.environment, study: Self.study, runs: runs)
  }

  /// A number in [-1, 1] that depends on nothing but its arguments.
  static func noise(_ seed: Int, _ index: Int) -> Double {
    var state = UInt64(truncatingIfNeeded: seed &* 7919 &+ index) &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((state ^ (state >> 31)) >> 11) / Double(1 << 52) - 1
  }

  /// The histogram that a normal variable of this deviation has in expectation.
  static func normalHistogram(deviation: Double, reach: Double, bins: Int) -> Histogram {
    var histogram = Histogram(lowerBound: -reach, upperBound: reach, binCount: bins)
    guard deviation > 0 else {
      for _ in 0..<1000 { histogram.add(0) }
      return histogram
    }
    for quantile in normalQuantiles { histogram.add(deviation * quantile) }
    return histogram
  }

  /// The normal distribution's quantiles at 1/2000, 2/2000..., by bisection of erf.
  static let normalQuantiles: [Double] = (1..<2000).map { index in
    var (low, high) = (-6.0, 6.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if (1 + erf(middle / 2.0.squareRoot())) / 2 < Double(index) / 2000 { low = middle } else { high = middle }
    }
    return low
  }

  func layers(_ initializer: String, seed: Int) -> [LayerStatistics] {
    let predicted = Self.gain(initializer)
    let swapped = ["standard": 1, "glorot_uniform": 1 / 3.0.squareRoot()][initializer] ?? predicted
    let measured = theoryHolds ? predicted : swapped
    return (1...depth).map { layer in
      let wobble = 1 + 0.06 * Self.noise(seed, layer)
      let activation = 0.3 * pow(measured, Double(layer)) * wobble
      let gradient = initializer == "zeros" ? 0 : 0.045 * pow(measured, Double(depth - layer)) * wobble
      let theory = 0.3 * pow(predicted, Double(layer))
      let predictedGradient = initializer == "zeros" ? 0 : 0.045 * pow(predicted, Double(depth - layer))
      return LayerStatistics(
        layer: layer, activationMean: 0.001 * Self.noise(seed, layer + 50), activationStandardDeviation: activation,
        saturatedFraction: initializer == "he_normal" ? 0.02 * Double(layer) : 0,
        gradientStandardDeviation: gradient, weightGradientStandardDeviation: activation * gradient,
        predictedActivationStandardDeviation: theory, predictedGradientStandardDeviation: predictedGradient,
        predictedWeightGradientStandardDeviation: theory * predictedGradient,
        activationHistogram: hasHistograms
          ? Self.normalHistogram(deviation: activation, reach: 1, bins: 200) : nil,
        gradientHistogram: hasHistograms
          ? Self.normalHistogram(deviation: gradient, reach: 0.2, bins: 400) : nil)
    }
  }

  private func mlp(_ initializer: String, _ activation: String) -> [InitializerRun] {
    (1...seeds).map { seed in
      let layers = layers(initializer, seed: seed)
      let isStuck = initializer == "zeros"
      let speed = initializer == "standard" ? 0.0006 : initializer == "he_normal" ? 0.0011 : 0.0016
      let floor = isStuck ? 0 : 0.02 * Double(initializers.firstIndex(of: initializer) ?? 0)
      func progress(_ step: Int) -> Double { isStuck ? 0 : 1 - exp(-speed * Double(step)) }
      let points = Array(stride(from: 0, through: steps, by: max(1, steps / 40)))
      let loss = points.map { step in
        StepValue(
          step: step,
          value: log(9) * (1 - 0.8 * progress(step)) + (isStuck ? 0 : floor + 0.06 * Self.noise(seed, step)))
      }
      let errors = stride(from: 0, through: steps, by: max(1, steps / 8)).map { step in
        StepValue(
          step: step, value: 8.0 / 9 * (1 - 0.82 * progress(step)) + (isStuck ? 0 : 0.01 * Self.noise(seed, step + 3)))
      }
      let gradients = points.map { step in
        WeightGradientDeviations(
          step: step,
          deviations: layers.map { layer in
            layer.weightGradientStandardDeviation
              * (1 + 0.002 * Double(step) * (initializer == "standard" ? 1 / Double(layer.layer) : 0.5))
              * (1 + 0.1 * Self.noise(seed, step + layer.layer))
          })
      }
      let probe = DerivativeProbe(
        layer: 3,
        rows: (1...20).map { input in
          (1...4).map { unit in isStuck ? 0 : 0.03 * Self.noise(input, unit + 10 * seed) }
        })
      return InitializerRun(
        model: "mlp", dataset: "shapeset", initializer: initializer, activation: activation, seed: UInt64(seed),
        layers: layers, loss: loss, weightGradientDeviations: gradients, testError: errors.last?.value ?? .nan,
        testErrorOverTime: errors, derivativeProbe: seed == 1 || isStuck ? probe : nil)
    }
  }

  private func leNet(_ initializer: String) -> [InitializerRun] {
    let names = ["c1", "c3", "c5", "f6"]
    return (1...seeds).map { seed in
      let pace = initializer == "standard" ? 150.0 : 70
      func value(_ step: Int) -> Double {
        log(10) * exp(-Double(step) / pace) + 0.1 + 0.02 * Self.noise(seed, step)
      }
      let loss = stride(from: 0, through: 600, by: 20).map { StepValue(step: $0, value: value($0)) }
      let layers = names.indices.map { index in
        LayerStatistics(
          layer: index + 1, name: names[index],
          activationStandardDeviation: 0.4 * pow(0.8, Double(index)) * (1 + 0.03 * Self.noise(seed, index)),
          saturatedFraction: 0.01,
          gradientStandardDeviation: 0.02 * pow(1.6, Double(index)) * (1 + 0.03 * Self.noise(seed, index)))
      }
      let errors = stride(from: 0, through: 600, by: 100).map { step in
        StepValue(step: step, value: 0.9 * exp(-Double(step) / 90) + 0.025 + 0.002 * Self.noise(seed, step))
      }
      return InitializerRun(
        model: "lenet5", dataset: "mnist", initializer: initializer, activation: "tanh", seed: UInt64(seed),
        layers: layers, loss: loss, testError: errors.last?.value ?? .nan, testErrorOverTime: errors)
    }
  }

  private func scales(_ activation: String) -> [InitializerRun] {
    let isBounded = activation == "sigmoid" || activation == "tanh"
    return [0.0001, 0.01, 0.05, 1].flatMap { scale in
      (1...seeds).map { seed in
        let gain = scale * 31.6
        let learns = scale == 0.05 || (scale == 0.01 && activation != "sigmoid")
        let diverges = !isBounded && scale == 1 && seed == 2
        func value(_ step: Int) -> Double {
          if diverges && step > 40 { return .infinity }
          let start = scale == 1 ? 3.1 : log(9)
          return start * (learns ? 0.3 + 0.7 * exp(-Double(step) / 150) : 1) + 0.02 * Self.noise(seed, step)
        }
        let loss = stride(from: 0, through: 500, by: 10).map { StepValue(step: $0, value: value($0)) }
        let layers = (1...depth).map { layer in
          LayerStatistics(
            layer: layer,
            activationStandardDeviation: isBounded ? min(gain, 0.98) : 0.5 * pow(gain, Double(layer)),
            saturatedFraction: isBounded ? (scale == 1 ? 0.9 + 0.01 * Self.noise(seed, layer) : 0) : .nan)
        }
        return InitializerRun(
          experiment: .scales, model: "mlp", dataset: "shapeset", initializer: "random_normal_\(scale)",
          activation: activation, seed: UInt64(seed), weightStandardDeviation: scale, layers: layers, loss: loss,
          testError: diverges ? .nan : 0.5, divergedAtStep: diverges ? 50 : nil)
      }
    }
  }

  private func threeLayers(_ initializer: String) -> [InitializerRun] {
    (1...seeds).map { seed in
      func value(_ step: Int) -> Double {
        guard initializer == "zeros" else {
          return log(2) * exp(-Double(step) / 200) + 0.02 + 0.01 * Self.noise(seed, step)
        }
        return theoryHolds ? Double(Float(log(2.0))) : log(2) * (1 - 0.0004 * Double(step))
      }
      let loss = stride(from: 0, through: 500, by: 25).map { StepValue(step: $0, value: value($0)) }
      return InitializerRun(
        experiment: .threeLayer, model: "three_layer", dataset: "shapeset", initializer: initializer,
        activation: "relu", seed: UInt64(seed), loss: loss, testError: initializer == "zeros" ? 0.5 : 0.1)
    }
  }

  static let environment = StudyEnvironment(
    cpu: "A Processor with 2 cores", operatingSystem: "Linux", blasLibrary: "OpenBLAS 0.3.21",
    blasConfiguration: "OpenBLAS 0.3.21 NO_AFFINITY USE_OPENMP Cooperlake MAX_THREADS=64", simdLevel: "x86-64-v4",
    threads: 2, versions: ["Swift": "6.3.1", "Ridgeline": "0.1.0", "gnuplot": "5.4"], seed: 1)

  static let study = StudyDescription(
    data: "Shapeset-3x2, generated, 9 classes; 2,000 test examples",
    inputNormalisation: "grey levels shifted to mean 0 and scaled to a standard deviation of 0.3",
    statisticsExamples: "300 fixed test examples",
    models: [
      NamedText("mlp", "5 hidden layers of 100 units, softmax; SGD, batch 10, learning rate 0.05"),
      NamedText("lenet5", "LeNet-5 with tanh, average pooling and softmax; SGD, batch 64, learning rate 0.1"),
      NamedText("three_layer", "20 and 10 units with ReLU, a sigmoid output; SGD, batches of balanced classes"),
    ],
    initializers: [
      NamedText("zeros", "W = 0"), NamedText("standard", "W ~ U(±1/√n_in)"),
      NamedText("lecun_uniform", "W ~ U(±√(3/n_in))"),
      NamedText("glorot_uniform", "W ~ U(±√6/√(n_in + n_out))"),
      NamedText("he_normal", "W ~ N(0, 2/n_in), truncated at 2σ"),
      NamedText("orthogonal", "W = Q of the QR factorisation of a normal matrix"),
    ],
    predictions: [
      NamedText("activation", "std z_l = std z_0 · ∏_k √(n_k Var W_k)"),
      NamedText("gradient", "std ∂C/∂s_l = std ∂C/∂s_L · ∏_k √(n_k+1 Var W_k)"),
    ],
    options: [NamedText("steps", "2000"), NamedText("width", "100")],
    commands: ["swift run -c release compare-initializers --seeds 3 --output report"], seconds: 118)
}
