import NeuralNetworks
import RealModule
import Tensors

/// What theory expects of a random network: variances carried from layer to layer, forwards and backwards.
///
/// With pre-activations z ~ N(0, q): q_l = n·Var W·E[f(z)²] and, going back, Var δ_l = n'·Var W·E[f'(z)²]·Var δ_(l+1). Where f
/// is linear about 0 these are equations 5 and 6 of Glorot and Bengio (2010); the expectations carry them to functions that
/// bend (Poole et al. 2016).
struct MeanFieldTheory {
  /// The standard deviation of each hidden layer's activations.
  let activationDeviations: [Double]
  /// The standard deviation of each hidden layer's gradient as a fraction of the last one's.
  let gradientFactors: [Double]

  /// - Parameters:
  ///   - variances: Var W of each hidden layer, then of the output layer, with their fan-in.
  ///   - inputMeanSquare: E[x²] of the inputs.
  init(
    activation: ActivationFunction, variances: [(variance: Double, fanIn: Int, fanOut: Int)], inputMeanSquare: Double
  ) {
    var meanSquare = inputMeanSquare
    var deviations: [Double] = []
    var slopes: [Double] = []
    for layer in variances.dropLast() {
      let q = Double(layer.fanIn) * layer.variance * meanSquare
      let (mean, square, slope) = Self.expectations(activation, q)
      deviations.append(max(square - mean * mean, 0).squareRoot())
      slopes.append(slope)
      meanSquare = square
    }
    activationDeviations = deviations
    var factors = [Double](repeating: 1, count: deviations.count)
    for layer in stride(from: deviations.count - 2, through: 0, by: -1) {
      // δ_l = f'(z_l)·Wᵀδ_(l+1), relative to f'(z_L) of the last layer, where the recursion starts.
      let next = variances[layer + 1]
      let share = Double(next.fanOut) * next.variance * slopes[layer]
      factors[layer] = factors[layer + 1] * share.squareRoot()
    }
    gradientFactors = factors
  }

  /// E[f(z)], E[f(z)²] and E[f'(z)²] for z ~ N(0, q), by the trapezium rule over ±8 standard deviations.
  static func expectations(_ f: ActivationFunction, _ q: Double) -> (Double, Double, Double) {
    let deviation = q.squareRoot()
    var (mean, square, slope) = (0.0, 0.0, 0.0)
    let points = 800
    for index in 0...points {
      let t = -8 + 16 * Double(index) / Double(points)
      let weight = Double.exp(-t * t / 2) / (2 * Double.pi).squareRoot() * 16 / Double(points)
      let (value, derivative) = evaluate(f, t * deviation)
      mean += weight * value
      square += weight * value * value
      slope += weight * derivative * derivative
    }
    return (mean, square, slope)
  }

  private static func evaluate(_ f: ActivationFunction, _ z: Double) -> (Double, Double) {
    switch f {
    case .tanh:
      let y = Double.tanh(z)
      return (y, 1 - y * y)
    case .scaledTanh:
      let y = Double.tanh(2 * z / 3)
      return (1.7159 * y, 1.7159 * 2 / 3 * (1 - y * y))
    case .sigmoid:
      let y = 1 / (1 + Double.exp(-z))
      return (y, y * (1 - y))
    case .softsign: return (z / (1 + abs(z)), 1 / ((1 + abs(z)) * (1 + abs(z))))
    case .softplus: return (max(z, 0) + Double.log(onePlus: Double.exp(-abs(z))), 1 / (1 + Double.exp(-z)))
    case .relu: return z > 0 ? (z, 1) : (0, 0)
    case .leakyRelu(let slope): return z > 0 ? (z, 1) : (slope * z, slope)
    case .elu(let alpha): return z > 0 ? (z, 1) : (alpha * (Double.exp(z) - 1), alpha * Double.exp(z))
    case .linear, .softmax: return (z, 1)
    }
  }
}
