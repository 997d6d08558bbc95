import BLAS
import LinearModels
import Tensors

/// What the penalties do to each coefficient where the columns are orthonormal, Z'Z = I: ridge divides it by 1 + λ, the
/// lasso moves it by λ/2 towards 0 and no further.
struct ShrinkageStudy {
  static let observations = 40
  static let coefficients = (0...24).map { -3 + 0.25 * Double($0) }
  static let lambdas = (0...32).map { 0.25 * Double($0) }
  /// The lambda at which all coefficients are drawn.
  static let profile = 2.0

  let x: Matrix<Double>
  let y: [Double]

  /// Orthonormal centred columns, and a target whose least-squares coefficients are exactly the wanted ones.
  init(_ generator: RandomGenerator) throws {
    var generator = generator
    let p = Self.coefficients.count
    var draws = Matrix<Double>(rows: Self.observations, columns: p + 2)
    for row in 0..<draws.rows {
      draws[row, 0] = 1
      for column in 1..<draws.columns { draws[row, column] = generator.normal() }
    }
    let q = try QRDecomposition(draws).q
    var x = Matrix<Double>(rows: Self.observations, columns: p)
    y = (0..<Self.observations).map { row in
      // The last column is orthogonal to all others: noise that least squares sees through.
      var value = 10 + 2 * q[row, p + 1]
      for column in 0..<p {
        x[row, column] = q[row, column + 1]
        value += q[row, column + 1] * Self.coefficients[column]
      }
      return value
    }
    self.x = x
  }

  func run(_ ledger: inout FitLedger) throws -> ShrinkageResults {
    let design = try DesignMatrix(x)
    let settings = FitLedger.settings(.none)
    var (ridge, lasso): ([[Double]], [[Double]]) = ([], [])
    var (ridgeDeviation, lassoDeviation) = (0.0, 0.0)
    for lambda in Self.lambdas {
      let shrunk = try Ridge(lambda: .rss(lambda), settings: settings).fit(design, y)
      let thresholded = try Lasso(lambda: .rss(lambda), settings: settings).fit(design, y)
      ledger.note(shrunk)
      ledger.note(thresholded)
      ridge.append(shrunk.coefficients.values)
      lasso.append(thresholded.coefficients.values)
      for (index, b) in Self.coefficients.enumerated() {
        ridgeDeviation = max(ridgeDeviation, abs(shrunk.coefficients[index] - ShrinkageResults.ridge(b, lambda)))
        lassoDeviation = max(
          lassoDeviation, abs(thresholded.coefficients[index] - ShrinkageResults.lasso(b, lambda)))
      }
    }
    return ShrinkageResults(
      leastSquares: Self.coefficients, lambdas: Self.lambdas, profile: Self.profile, ridge: ridge, lasso: lasso,
      largestRidgeDeviation: ridgeDeviation, largestLassoDeviation: lassoDeviation)
  }
}
