import Foundation
import NeuralNetworks

/// What the recursions of variances predict for fully connected layers with independent weights of mean 0 and biases 0.
///
/// Forward, with q = E[z²] over units and examples, n inputs and v = Var W: Var s_l = n v q_{l-1}. Backward, with g the mean
/// square of the gradient by the pre-activations and m the units of the layer above: g_l = E[f'²] m v_{l+1} g_{l+1}.
/// Both ends are measured: q_0 on the inputs, g of the outputs on the residuals softmax(y) - target.
///
/// - tanh and softsign in their linear range, f(s) = s: q_l = Var s_l, E[f'²] = 1. Glorot and Bengio (2010), equations 5, 6.
/// - sigmoid in its linear range, f(s) = 1/2 + s/4: q_l = 1/4 + Var s_l/16, E[f'²] = 1/16.
/// - ReLU and LeakyReLU with slope a, s symmetric about 0: q_l = (1 + a²)/2 · Var s_l, E[f'²] = (1 + a²)/2; the deviation of
///   the activations takes the mean of a normal s off, (1 - a) std s/√(2π). He, Zhang, Ren and Sun (2015), equations 8 to 14.
struct VarianceTheory: Sendable {
  /// A fully connected layer: its inputs, its units and the variance of its weights.
  struct WeightLayer: Sendable, Hashable {
    var inputs: Int
    var units: Int
    var variance: Double
  }

  /// What is predicted for one hidden layer.
  struct Prediction: Sendable, Hashable {
    var activation: Double
    var gradient: Double
    var weightGradient: Double
  }

  /// The formulas in the words of the report; nil for a function that there is no theory for.
  private let response: Response

  private enum Response {
    case linear
    case sigmoid
    case rectified(slope: Double)
  }

  /// The theory for an activation, or nil where there is none.
  init?(_ activation: ActivationFunction) {
    switch activation {
    case .tanh, .softsign, .linear: response = .linear
    case .sigmoid: response = .sigmoid
    case .relu: response = .rectified(slope: 0)
    case .leakyRelu(let slope): response = .rectified(slope: slope)
    default: return nil
    }
  }

  /// Predictions for every hidden layer.
  ///
  /// - Parameters:
  ///   - layers: the hidden layers from the input on, then the output layer.
  ///   - inputSecondMoment: E[x²] of the network's inputs.
  ///   - outputGradientSecondMoment: E[(∂C/∂y)²] of one example's cost by the outputs.
  func predictions(
    layers: [WeightLayer], inputSecondMoment: Double, outputGradientSecondMoment: Double
  ) -> [Prediction] {
    var entering = inputSecondMoment
    var predictions = layers.dropLast().map { layer -> Prediction in
      let variance = Double(layer.inputs) * layer.variance * entering
      let (deviation, secondMoment) = activations(preActivationVariance: variance)
      defer { entering = secondMoment }
      // The weight gradients' share of what enters; the gradient's share follows below.
      return Prediction(activation: deviation, gradient: 0, weightGradient: entering.squareRoot())
    }
    var gradient = outputGradientSecondMoment
    for index in predictions.indices.reversed() {
      gradient *= squaredSlope * Double(layers[index + 1].units) * layers[index + 1].variance
      predictions[index].gradient = gradient.squareRoot()
      predictions[index].weightGradient *= gradient.squareRoot()
    }
    return predictions
  }

  /// E[f'(s)²].
  private var squaredSlope: Double {
    switch response {
    case .linear: 1
    case .sigmoid: 1.0 / 16
    case .rectified(let slope): (1 + slope * slope) / 2
    }
  }

  private func activations(preActivationVariance variance: Double) -> (deviation: Double, secondMoment: Double) {
    switch response {
    case .linear: return (variance.squareRoot(), variance)
    case .sigmoid: return ((variance / 16).squareRoot(), 0.25 + variance / 16)
    case .rectified(let slope):
      let secondMoment = (1 + slope * slope) / 2 * variance
      let mean = (1 - slope) * (variance / (2 * Double.pi)).squareRoot()
      return ((secondMoment - mean * mean).squareRoot(), secondMoment)
    }
  }

  /// The formulas as the report states them.
  static let formulas = [
    NamedText("activation, tanh and softsign", "std z_l = std z_l-1 · √(n_l Var W_l), std z_0 = √E[x²] measured"),
    NamedText(
      "gradient, tanh and softsign",
      "std δ_l = std δ_l+1 · √(n_l+1 Var W_l+1), δ = ∂C/∂s of one example; n_l+1: its units"),
    NamedText("activation, sigmoid", "std z_l = ¼ √(n_l Var W_l (¼ + (std z_l-1)²)) beyond the first layer"),
    NamedText("gradient, sigmoid", "std δ_l = ¼ std δ_l+1 · √(n_l+1 Var W_l+1)"),
    NamedText("activation, relu", "E[z_l²] = ½ n_l Var W_l E[z_l-1²], (std z_l)² = (1 - 1/π) E[z_l²]"),
    NamedText(
      "gradient, relu", "std δ_l = std δ_l+1 · √(½ n_l+1 Var W_l+1); leaky_relu with slope a: (1 + a²)/2 for ½"),
    NamedText("weight gradient", "std ∂C/∂W_l = √E[z_l-1²] · std δ_l for the cost of one example"),
  ]
}
