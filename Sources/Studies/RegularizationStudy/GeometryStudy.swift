import BLAS
import LinearModels
import Tensors

/// Two coefficients: where the contours of the RSS first touch the L1 diamond and the L2 disc.
///
/// The lasso's lambda lies between its two knots, so that the contact is a corner; ridge's is the one with the same RSS, so
/// that one contour touches both regions.
struct GeometryStudy {
  static let observations = 30

  let sample: LinearSample

  init(_ generator: RandomGenerator) {
    let world = LinearWorld(name: "two", coefficients: [3, 0.8], correlation: 0.3, noise: 2)
    sample = LinearSample(world, count: Self.observations, generator)
  }

  func run(_ ledger: inout FitLedger) throws -> GeometryResults {
    let design = try sample.design
    let settings = FitLedger.settings()
    let analysis = try RidgeAnalysis(design, sample.y, settings: settings)
    // Least squares on the scale of the others: without a penalty.
    let squares = try analysis.fit(0)
    ledger.note(squares)
    let best = squares.standardizedCoefficients.values
    let standard = StandardisedInputs(sample.x)
    let gram = standard.gram

    let knots = try LassoHomotopy(settings: settings).fit(design, sample.y).knots.map(\.lambda.value)
    let lambda = 0.1 * (knots.first ?? 0) + 0.9 * (knots.count > 1 ? knots[1] : 0)
    let lasso = try Lasso(lambda: .rss(lambda), settings: settings).fit(design, sample.y)
    ledger.note(lasso)

    // RSS rises with lambda, so bisection finds the ridge fit of the lasso's RSS.
    var (low, high) = (1e-6, 1e9)
    for _ in 0..<200 {
      let middle = (low * high).squareRoot()
      if try analysis.fit(.rss(middle)).rss < lasso.rss { low = middle } else { high = middle }
    }
    let ridge = try analysis.fit(.rss(low))
    ledger.note(ridge)

    func contact(_ fit: LinearFit, _ lambda: Double, _ norm: ([Double]) -> Double) -> Contact {
      let point = fit.standardizedCoefficients.values
      let gradient = (0..<2).map { row in
        2 * (0..<2).reduce(0) { $0 + gram[row, $1] * (point[$1] - best[$1]) }
      }
      return Contact(lambda: lambda, point: point, budget: norm(point), rss: fit.rss, gradient: gradient)
    }
    return GeometryResults(
      leastSquares: best, gram: [gram[0, 0], gram[0, 1], gram[1, 1]], smallestRSS: squares.rss,
      lasso: contact(lasso, lambda) { $0.reduce(0) { $0 + abs($1) } },
      ridge: contact(ridge, low) { $0.reduce(0) { $0 + $1 * $1 } })
  }
}

/// Inputs standardised by the 1/n deviation, in plain loops: what formulas are checked with, apart from the solvers.
struct StandardisedInputs {
  let means: [Double]
  let deviations: [Double]
  let z: Matrix<Double>

  init(_ x: Matrix<Double>) {
    let n = Double(x.rows)
    var (means, deviations): ([Double], [Double]) = ([], [])
    var z = x
    for column in 0..<x.columns {
      let mean = (0..<x.rows).reduce(0) { $0 + x[$1, column] } / n
      let squares = (0..<x.rows).reduce(0) { $0 + (x[$1, column] - mean) * (x[$1, column] - mean) }
      let deviation = (squares / n).squareRoot()
      for row in 0..<x.rows { z[row, column] = (x[row, column] - mean) / deviation }
      means.append(mean)
      deviations.append(deviation)
    }
    (self.means, self.deviations, self.z) = (means, deviations, z)
  }

  /// Z'Z.
  var gram: Matrix<Double> { symmetricRankK(z, transposeA: true) }

  /// Rows of other inputs on the same scale.
  func standardised(_ x: Matrix<Double>, row: Int) -> [Double] {
    means.indices.map { (x[row, $0] - means[$0]) / deviations[$0] }
  }
}
