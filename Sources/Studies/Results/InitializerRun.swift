/// Which part of the initializer study a run belongs to; the figures choose their runs by it.
public enum InitializerExperiment: String, Codable, Sendable, Hashable, CaseIterable {
  /// Every initializer on the same network and data: figures 6, 7 and 9 of the paper, loss and test error.
  case comparison
  /// Random weights from far too small to far too large, under several activations.
  case scales
  /// The net of three layers with ReLU and a sigmoid output, from zero weights.
  case threeLayer = "three_layer"
}

/// One training run: a model, an initializer, an activation and a seed, with everything measured on it.
public struct InitializerRun: Codable, Sendable, Hashable {
  /// The part of the study that the run belongs to.
  public var experiment: InitializerExperiment
  /// The model's name: `mlp`, `lenet5`, `three_layer`.
  public var model: String
  /// The data's name: `shapeset`, `mnist`.
  public var dataset: String
  /// The initializer's name: `zeros`, `standard`, `glorot_uniform`...
  public var initializer: String
  /// The activation's name: `tanh`, `sigmoid`, `softsign`, `relu`, `leaky_relu`.
  public var activation: String
  /// The seed of the weights and of the order of the examples.
  public var seed: UInt64
  /// The standard deviation of the first hidden layer's weights at the start; NaN where it was not measured.
  @Measured public var weightStandardDeviation: Double
  /// The hidden layers at initialisation, in order from the input.
  public var layers: [LayerStatistics]
  /// The training loss in nats: at step 0 that before the first update, then the mean since the entry before.
  public var loss: [StepValue]
  /// The standard deviation of the cost's gradient by the weights of each layer, while training.
  public var weightGradientDeviations: [WeightGradientDeviations]
  /// The fraction of the test examples that the last weights misclassify; NaN for a run that diverged.
  @Measured public var testError: Double
  /// The test error while training, a fraction.
  public var testErrorOverTime: [StepValue]
  /// Derivatives for single inputs at initialisation, where they were taken.
  public var derivativeProbe: DerivativeProbe?
  /// The step at which the loss stopped being finite, for a run that diverged.
  public var divergedAtStep: Int?
  /// How long the run took, in seconds.
  @Measured public var seconds: Double

  /// A run; what was not measured may be left out.
  public init(
    experiment: InitializerExperiment = .comparison, model: String, dataset: String, initializer: String,
    activation: String, seed: UInt64, weightStandardDeviation: Double = .nan, layers: [LayerStatistics] = [],
    loss: [StepValue] = [], weightGradientDeviations: [WeightGradientDeviations] = [], testError: Double = .nan,
    testErrorOverTime: [StepValue] = [], derivativeProbe: DerivativeProbe? = nil, divergedAtStep: Int? = nil,
    seconds: Double = .nan
  ) {
    self.experiment = experiment
    self.model = model
    self.dataset = dataset
    self.initializer = initializer
    self.activation = activation
    self.seed = seed
    self.weightStandardDeviation = weightStandardDeviation
    self.layers = layers
    self.loss = loss
    self.weightGradientDeviations = weightGradientDeviations
    self.testError = testError
    self.testErrorOverTime = testErrorOverTime
    self.derivativeProbe = derivativeProbe
    self.divergedAtStep = divergedAtStep
    self.seconds = seconds
  }

  enum CodingKeys: String, CodingKey {
    case experiment, model, dataset, initializer, activation, seed, layers, loss, seconds
    case weightStandardDeviation = "weight_std"
    case weightGradientDeviations = "weight_gradient_std_over_time"
    case testError = "test_error"
    case testErrorOverTime = "test_error_over_time"
    case derivativeProbe = "derivative_probe"
    case divergedAtStep = "diverged_at_step"
  }
}

/// What was measured on one hidden layer at initialisation, beside what theory predicts.
public struct LayerStatistics: Codable, Sendable, Hashable {
  /// The layer's number, from 1 at the input.
  public var layer: Int
  /// The layer's name where it has a better one than its number: `c1`, `f6`.
  public var name: String?
  /// The mean of the activations over units and examples.
  @Measured public var activationMean: Double
  /// The standard deviation of the activations over units and examples.
  @Measured public var activationStandardDeviation: Double
  /// The fraction of the activations with |activation| > 0.95 of the function's bound; NaN for an unbounded function.
  @Measured public var saturatedFraction: Double
  /// The standard deviation of the cost's gradient by the layer's pre-activations.
  @Measured public var gradientStandardDeviation: Double
  /// The standard deviation of the cost's gradient by the layer's weights.
  @Measured public var weightGradientStandardDeviation: Double
  /// Theory's value for `activationStandardDeviation`; NaN where there is no theory.
  @Measured public var predictedActivationStandardDeviation: Double
  /// Theory's value for `gradientStandardDeviation`; NaN where there is no theory.
  @Measured public var predictedGradientStandardDeviation: Double
  /// Theory's value for `weightGradientStandardDeviation`; NaN where there is no theory.
  @Measured public var predictedWeightGradientStandardDeviation: Double
  /// The activations, over bins that are the same for every seed.
  public var activationHistogram: Histogram?
  /// The cost's gradients by the pre-activations, over bins that are the same for every seed.
  public var gradientHistogram: Histogram?

  /// A layer's statistics; what was not measured may be left out.
  public init(
    layer: Int, name: String? = nil, activationMean: Double = .nan, activationStandardDeviation: Double = .nan,
    saturatedFraction: Double = .nan, gradientStandardDeviation: Double = .nan,
    weightGradientStandardDeviation: Double = .nan, predictedActivationStandardDeviation: Double = .nan,
    predictedGradientStandardDeviation: Double = .nan, predictedWeightGradientStandardDeviation: Double = .nan,
    activationHistogram: Histogram? = nil, gradientHistogram: Histogram? = nil
  ) {
    self.layer = layer
    self.name = name
    self.activationMean = activationMean
    self.activationStandardDeviation = activationStandardDeviation
    self.saturatedFraction = saturatedFraction
    self.gradientStandardDeviation = gradientStandardDeviation
    self.weightGradientStandardDeviation = weightGradientStandardDeviation
    self.predictedActivationStandardDeviation = predictedActivationStandardDeviation
    self.predictedGradientStandardDeviation = predictedGradientStandardDeviation
    self.predictedWeightGradientStandardDeviation = predictedWeightGradientStandardDeviation
    self.activationHistogram = activationHistogram
    self.gradientHistogram = gradientHistogram
  }

  enum CodingKeys: String, CodingKey {
    case layer, name
    case activationMean = "activation_mean"
    case activationStandardDeviation = "activation_std"
    case saturatedFraction = "saturated_fraction"
    case gradientStandardDeviation = "gradient_std"
    case weightGradientStandardDeviation = "weight_gradient_std"
    case predictedActivationStandardDeviation = "predicted_activation_std"
    case predictedGradientStandardDeviation = "predicted_gradient_std"
    case predictedWeightGradientStandardDeviation = "predicted_weight_gradient_std"
    case activationHistogram = "activation_histogram"
    case gradientHistogram = "gradient_histogram"
  }
}

/// A number measured after so many updates.
public struct StepValue: Codable, Sendable, Hashable {
  /// How many updates had been made.
  public var step: Int
  /// The number; NaN where it was not finite.
  @Measured public var value: Double

  /// `value` after `step` updates.
  public init(step: Int, value: Double) {
    self.step = step
    self.value = value
  }
}

/// The standard deviations of the weight gradients of all layers after so many updates.
public struct WeightGradientDeviations: Codable, Sendable, Hashable {
  /// How many updates had been made.
  public var step: Int
  private var layers: [Measured]

  /// A standard deviation for each entry of the run's `layers`, in the same order.
  public var deviations: [Double] { layers.map(\.wrappedValue) }

  /// `deviations`, one a layer, after `step` updates.
  public init(step: Int, deviations: [Double]) {
    self.step = step
    layers = deviations.map(Measured.init(wrappedValue:))
  }
}

/// The cost's derivatives by the pre-activations of a few units of one layer, taken for single inputs.
public struct DerivativeProbe: Codable, Sendable, Hashable {
  /// The layer's number, from 1 at the input.
  public var layer: Int
  private var derivatives: [[Measured]]

  /// A row an input, a column a unit.
  public var rows: [[Double]] { derivatives.map { $0.map(\.wrappedValue) } }

  /// Derivatives of layer `layer`: `rows[input][unit]`.
  public init(layer: Int, rows: [[Double]]) {
    self.layer = layer
    derivatives = rows.map { $0.map(Measured.init(wrappedValue:)) }
  }

  /// The largest |difference| of a unit's derivative between two inputs; 0 says that the input makes no difference.
  public var largestDifferenceBetweenInputs: Double {
    let rows = rows
    guard let width = rows.map(\.count).min(), width > 0 else { return .nan }
    return (0..<width).map { unit in spread(rows.map { $0[unit] }) }.max() ?? .nan
  }

  /// The largest |difference| between two units' derivatives for one input; 0 says that the units are all alike.
  public var largestDifferenceBetweenUnits: Double { rows.map { spread($0) }.max() ?? .nan }

  private func spread(_ values: [Double]) -> Double {
    guard let low = values.min(), let high = values.max(), !values.contains(where: \.isNaN) else { return .nan }
    return high - low
  }
}
