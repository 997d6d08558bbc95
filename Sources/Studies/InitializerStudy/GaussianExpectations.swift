import NeuralNetworks
import RealModule

/// Means of an activation f over a normal pre-activation z ~ N(0, q).
struct GaussianExpectations: Sendable, Hashable {
  /// E[f(z)].
  let mean: Double
  /// E[f(z)²].
  let secondMoment: Double
  /// E[f'(z)²].
  let squaredSlope: Double

  /// The standard deviation of f(z).
  var standardDeviation: Double { max(0, secondMoment - mean * mean).squareRoot() }

  /// The means for one activation and one variance.
  ///
  /// ReLU and LeakyReLU with slope a have closed forms: E[f²] = (1 + a²)/2 · q, E[f] = (1 - a) √(q/2π), E[f'²] = (1 + a²)/2.
  /// The others are integrated by Simpson's rule over ±8 deviations, from 0 outwards since softsign's slope has a kink there.
  ///
  /// - Parameter variance: q, at least 0.
  /// - Returns: nil for a function that is not among the study's.
  init?(_ activation: ActivationFunction, variance: Double) {
    switch activation {
    case .linear: self.init(mean: 0, secondMoment: variance, squaredSlope: 1)
    case .relu: self.init(slope: 0, variance: variance)
    case .leakyRelu(let slope): self.init(slope: slope, variance: variance)
    case .tanh:
      self.init(variance: variance) { z in
        let value = Double.tanh(z)
        return (value, 1 - value * value)
      }
    case .sigmoid:
      self.init(variance: variance) { z in
        let value = 1 / (1 + Double.exp(-z))
        return (value, value * (1 - value))
      }
    case .softsign:
      self.init(variance: variance) { z in
        let value = 1 / (1 + abs(z))
        return (z * value, value * value)
      }
    default: return nil
    }
  }

  private init(mean: Double, secondMoment: Double, squaredSlope: Double) {
    (self.mean, self.secondMoment, self.squaredSlope) = (mean, secondMoment, squaredSlope)
  }

  private init(slope: Double, variance: Double) {
    let gain = (1 + slope * slope) / 2
    self.init(
      mean: (1 - slope) * (variance / (2 * Double.pi)).squareRoot(), secondMoment: gain * variance, squaredSlope: gain)
  }

  private init(variance: Double, _ function: (Double) -> (value: Double, slope: Double)) {
    let deviation = variance.squareRoot()
    guard deviation.isFinite else {
      self.init(mean: .nan, secondMoment: .nan, squaredSlope: .nan)
      return
    }
    guard deviation > 0 else {
      // Without the integral's rounding, which a standard deviation of 0 would show.
      let (value, derivative) = function(0)
      self.init(mean: value, secondMoment: value * value, squaredSlope: derivative * derivative)
      return
    }
    // Steps of 1/10 in z or of 1/12 deviation, whichever is finer, resolve a steep function too.
    let half = Int(min(max(80 * deviation, 96), 20_000).rounded(.up))
    let count = half + half % 2
    let step = 8 / Double(count)
    var (mean, square, slope) = (0.0, 0.0, 0.0)
    for index in 0...count {
      let t = step * Double(index)
      let simpson = index == 0 || index == count ? 1.0 : index % 2 == 1 ? 4 : 2
      let weight = simpson * step / 3 * Double.exp(-t * t / 2) / (2 * Double.pi).squareRoot()
      for z in [t * deviation, -t * deviation] {
        let (value, derivative) = function(z)
        mean += weight * value
        square += weight * value * value
        slope += weight * derivative * derivative
      }
    }
    self.init(mean: mean, secondMoment: square, squaredSlope: slope)
  }
}
