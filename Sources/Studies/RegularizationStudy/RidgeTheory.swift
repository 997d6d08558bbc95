import BLAS

/// Bias and variance of ridge predictions by formula, for fixed inputs and independent noise.
///
/// With Z the standardised inputs, z₀ a standardised test input, u = (Z'Z + λI)⁻¹ z₀ and μ the targets without noise, a
/// prediction has the mean mean(μ) + u'Z'μ and the variance σ² (1/n + ‖Z u‖²). At λ = 0 it is least squares.
struct RidgeTheory {
  private let standard: StandardisedInputs
  private let signal: [Double]
  private let noise: Double

  init(_ x: Matrix<Double>, signal: [Double], noise: Double) {
    standard = StandardisedInputs(x)
    self.signal = signal
    self.noise = noise
  }

  /// The means of bias² and variance over the test inputs; NaN where Z'Z + λI cannot be factored.
  func risk(lambda: Double, _ test: Matrix<Double>, _ testSignal: [Double]) -> TheoreticalRisk {
    var system = standard.gram
    for column in 0..<system.rows { system[column, column] += lambda }
    guard let factor = try? Cholesky(system) else {
      return TheoreticalRisk(lambda: lambda, biasSquared: .nan, variance: .nan)
    }
    let n = Double(signal.count)
    let mean = signal.reduce(0, +) / n
    var (bias, variance) = (0.0, 0.0)
    for row in 0..<test.rows {
      let weights = matrixVectorMultiply(standard.z, factor.solve(standard.standardised(test, row: row)))
      let expected = mean + zip(weights, signal).reduce(0) { $0 + $1.0 * $1.1 }
      bias += (expected - testSignal[row]) * (expected - testSignal[row])
      variance += noise * noise * (1 / n + weights.reduce(0) { $0 + $1 * $1 })
    }
    let points = Double(test.rows)
    return TheoreticalRisk(lambda: lambda, biasSquared: bias / points, variance: variance / points)
  }
}
