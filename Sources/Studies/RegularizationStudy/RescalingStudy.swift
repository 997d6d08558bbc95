import BLAS
import Foundation
import LinearModels
import Tensors

/// The same data with one input in other units: metres for kilometres, grams for kilograms.
struct RescalingStudy {
  /// The units are this many times smaller, so that the numbers are this many times larger.
  static let factors = (0...12).map { pow(10, -2 + Double($0) / 3) }

  let sample: LinearSample

  /// - Parameter generator: that of the paths, whose training set is used again.
  init(_ generator: RandomGenerator) {
    sample = LinearSample(.sparse, count: PathStudy.observations, generator)
  }

  func run(_ ledger: inout FitLedger) throws -> RescalingResults {
    let n = Double(sample.y.count)
    let mean = sample.y.reduce(0, +) / n
    let deviation = (sample.y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    let ridge = n / 2
    let largest = try LassoHomotopy().fit(sample.design, sample.y).knots.first?.lambda.value ?? 1
    let lasso = 0.2 * largest
    var rows: [Rescaling] = []
    for method in [Regression.leastSquares, .ridge, .lasso] {
      for standardised in [true, false] where standardised || method != .leastSquares {
        let settings = FitLedger.settings(standardised ? .population : .none)
        func fit(_ factor: Double) throws -> (effect: Double, fitted: [Double]) {
          var x = sample.x
          for row in 0..<x.rows { x[row, 0] *= factor }
          let design = try DesignMatrix(x)
          let fit =
            switch method {
            case .leastSquares: try LeastSquares(tolerance: settings.tolerance).fit(design, sample.y).fit
            case .ridge: try Ridge(lambda: .rss(ridge), settings: settings).fit(design, sample.y)
            case .lasso: try Lasso(lambda: .rss(lasso), settings: settings).fit(design, sample.y)
            }
          ledger.note(fit)
          return (fit.coefficients[0] * factor, try fit.predict(design))
        }
        let original = try fit(1)
        for factor in Self.factors {
          let (effect, fitted) = try fit(factor)
          let squares = zip(fitted, original.fitted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          rows.append(
            Rescaling(
              method: method, isStandardised: standardised, factor: factor, effect: effect,
              change: (squares / n).squareRoot() / deviation))
        }
      }
    }
    return RescalingResults(name: "x1", ridgeLambda: ridge, lassoLambda: lasso, rows: rows)
  }
}
