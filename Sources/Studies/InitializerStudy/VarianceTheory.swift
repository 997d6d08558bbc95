import NeuralNetworks

/// What the recursions of variances predict for fully connected layers with independent weights of mean 0 and biases 0.
///
/// For one example, with n inputs of mean square q and weights of variance v, the pre-activations of a wide layer are
/// normal with variance Var s = n v q. Forward: q_l = E[f(s_l)²]. Backward, with g the mean square of the gradient by the
/// pre-activations and m the units of the layer above: g_l = E[f'(s_l)²] m v_{l+1} g_{l+1}. Both ends are measured, an
/// example at a time: q_0 on its inputs, g of the outputs on its residual softmax(y) - target; predictions are means over the
/// examples, because a function that bends treats bright and dark images differently.
///
/// - In the linear range of tanh and softsign, E[f²] = Var s and E[f'²] = 1: Glorot and Bengio (2010), equations 5 and 6.
/// - ReLU and LeakyReLU: He, Zhang, Ren and Sun (2015), equations 8 to 14.
/// - Elsewhere: the mean field of Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli (2016), equations 3 and 4, and
///   Schoenholz, Gilmer, Ganguli and Sohl-Dickstein (2017) for the gradients.
struct VarianceTheory: Sendable {
  /// A fully connected layer: its inputs, its units and the variance of its weights.
  struct WeightLayer: Sendable, Hashable {
    var inputs: Int
    var units: Int
    var variance: Double
  }

  /// What is measured of one example: the mean square of its inputs and of its cost's gradient by the outputs.
  struct Ends: Sendable, Hashable {
    var input: Double
    var outputGradient: Double
  }

  /// What is predicted for one hidden layer: standard deviations over units and examples.
  struct Prediction: Sendable, Hashable {
    var activation: Double
    var gradient: Double
    var weightGradient: Double
  }

  private let activation: ActivationFunction

  /// The theory for an activation, or nil where there is none.
  init?(_ activation: ActivationFunction) {
    guard GaussianExpectations(activation, variance: 1) != nil else { return nil }
    self.activation = activation
  }

  /// Predictions for every hidden layer.
  ///
  /// - Parameters:
  ///   - layers: the hidden layers from the input on, then the output layer.
  ///   - ends: the examples.
  func predictions(layers: [WeightLayer], ends: [Ends]) -> [Prediction] {
    var sums = [Sums](repeating: Sums(), count: max(0, layers.count - 1))
    for end in ends {
      var entering: [Double] = []
      var expectations: [GaussianExpectations] = []
      var secondMoment = end.input
      for layer in layers.dropLast() {
        let variance = Double(layer.inputs) * layer.variance * secondMoment
        guard let expected = GaussianExpectations(activation, variance: variance) else { return [] }
        entering.append(secondMoment)
        expectations.append(expected)
        secondMoment = expected.secondMoment
      }
      var gradient = end.outputGradient
      for index in expectations.indices.reversed() {
        let expected = expectations[index]
        gradient *= expected.squaredSlope * Double(layers[index + 1].units) * layers[index + 1].variance
        sums[index].mean += expected.mean
        sums[index].secondMoment += expected.secondMoment
        sums[index].gradient += gradient
        sums[index].weightGradient += entering[index] * gradient
      }
    }
    return sums.map { $0.prediction(count: Double(ends.count)) }
  }

  /// What is added up over the examples.
  private struct Sums {
    var mean = 0.0
    var secondMoment = 0.0
    var gradient = 0.0
    var weightGradient = 0.0

    func prediction(count: Double) -> Prediction {
      let mean = mean / count
      return Prediction(
        activation: max(0, secondMoment / count - mean * mean).squareRoot(),
        gradient: (gradient / count).squareRoot(), weightGradient: (weightGradient / count).squareRoot())
    }
  }

  /// The formulas as the report states them.
  static let formulas = [
    NamedText(
      "pre-activation", "s_l ~ N(0, n_l Var W_l q_l-1), n_l: inputs of layer l, q_0: mean square of an example’s inputs"
    ),
    NamedText("activation", "q_l = E[f(s_l)²], (std z_l)² = q_l - E[f(s_l)]²; E is the mean over the normal s_l"),
    NamedText(
      "gradient", "E[δ_l²] = E[f'(s_l)²] m_l+1 Var W_l+1 E[δ_l+1²], δ = ∂C/∂s of one example, m_l+1: units of layer l+1"
    ),
    NamedText("weight gradient", "E[(∂C/∂W_l)²] = q_l-1 E[δ_l²]; all are means over the examples"),
    NamedText(
      "tanh, softsign in the linear range", "q_l = n_l Var W_l q_l-1, E[f'²] = 1: the paper’s equations 5 and 6"),
    NamedText("relu; leaky_relu with slope a", "E[f²] = ½ (1 + a²) Var s, E[f'²] = ½ (1 + a²), a = 0 for relu"),
    NamedText("sigmoid in the linear range", "E[f²] = ¼ + Var s/16, E[f'²] = 1/16"),
  ]
}
