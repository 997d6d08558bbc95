import BLAS
import Tensors

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The standard normal distribution function.
func normalProbability(below z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

/// The distribution function, written apart from the library's own.
func probability(below x: Double, in distribution: Distribution) -> Double {
  switch distribution {
  case .uniform(let range):
    return min(max((x - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  case .normal(let mean, let deviation):
    return normalProbability(below: (x - mean) / deviation)
  case .truncatedNormal(let mean, let deviation, let bounds):
    let low = normalProbability(below: (bounds.lowerBound - mean) / deviation)
    let high = normalProbability(below: (bounds.upperBound - mean) / deviation)
    return min(max((normalProbability(below: (x - mean) / deviation) - low) / (high - low), 0), 1)
  }
}

/// Kolmogorov's statistic `√n · max|F_n − F|`; a sample of the distribution exceeds 1.95 once in a thousand times.
func kolmogorovStatistic(_ sample: [Double], _ distribution: Distribution) -> Double {
  let count = Double(sample.count)
  var largest = 0.0
  for (index, x) in sample.sorted().enumerated() {
    let expected = probability(below: x, in: distribution)
    largest = max(largest, expected - Double(index) / count, Double(index + 1) / count - expected)
  }
  return largest * count.squareRoot()
}

/// The mean and the mean square deviation from it, and how far each may stray by chance: five standard errors, passed
/// once in two million times.
struct Moments {
  let mean: Double
  let variance: Double
  let meanTolerance: Double
  let varianceTolerance: Double

  init(_ sample: [Double]) {
    let count = Double(sample.count)
    let mean = sample.reduce(0, +) / count
    let second = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let fourth = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) * ($1 - mean) } / count
    self.mean = mean
    variance = second
    meanTolerance = 5 * (second / count).squareRoot()
    varianceTolerance = 5 * ((fourth - second * second) / count).squareRoot()
  }
}
