import BLAS
import LinearModels
import Tensors

/// A world that is linear: correlated normal inputs, known coefficients, normal noise.
///
/// The two worlds are examples 1 and 2 of R. Tibshirani, "Regression shrinkage and selection via the lasso", Journal of
/// the Royal Statistical Society B 58, 1996: correlation ρ^|i - j| with ρ = 0.5, noise of deviation 3.
struct LinearWorld: Sendable, Hashable {
  let name: String
  let coefficients: [Double]
  var correlation = 0.5
  var noise = 3.0

  /// A few large coefficients among zeros.
  static let sparse = LinearWorld(name: "few", coefficients: [3, 1.5, 0, 0, 2, 0, 0, 0])
  /// Many small ones.
  static let dense = LinearWorld(name: "many", coefficients: Array(repeating: 0.85, count: 8))

  /// n x p inputs with mean 0, deviation 1 and correlation ρ^|i - j|.
  func inputs(_ count: Int, _ generator: RandomGenerator) -> Matrix<Double> {
    var generator = generator
    var x = Matrix<Double>(rows: count, columns: coefficients.count)
    let rest = (1 - correlation * correlation).squareRoot()
    for row in 0..<count {
      var previous = 0.0
      for column in coefficients.indices {
        let draw = generator.normal()
        previous = column == 0 ? draw : correlation * previous + rest * draw
        x[row, column] = previous
      }
    }
    return x
  }

  /// What the target would be without noise.
  func signal(_ x: Matrix<Double>) -> [Double] { matrixVectorMultiply(x, coefficients) }

  /// The target: signal and noise.
  func target(_ signal: [Double], _ generator: RandomGenerator) -> [Double] {
    var generator = generator
    return signal.map { $0 + noise * generator.normal() }
  }
}

/// A training set of a world.
struct LinearSample: Sendable {
  let x: Matrix<Double>
  let y: [Double]

  init(_ world: LinearWorld, count: Int, _ generator: RandomGenerator) {
    x = world.inputs(count, generator.fork("inputs"))
    y = world.target(world.signal(x), generator.fork("noise"))
  }

  var design: DesignMatrix { get throws { try DesignMatrix(x) } }
}
