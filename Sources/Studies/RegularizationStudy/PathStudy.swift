import BLAS
import Foundation
import LinearModels
import Tensors

/// The coefficients of one training set along lambda: ridge from one factorisation, the lasso by coordinate descent and,
/// knot by knot, by the homotopy.
struct PathStudy {
  static let observations = 50

  let sample: LinearSample
  let world = LinearWorld.sparse

  init(_ generator: RandomGenerator) { sample = LinearSample(world, count: Self.observations, generator) }

  func run(_ ledger: inout FitLedger) throws -> PathResults {
    let design = try sample.design
    let settings = FitLedger.settings()
    let analysis = try RidgeAnalysis(design, sample.y, settings: settings)
    // Least squares on the scale of the others: without a penalty.
    let squares = try analysis.fit(0)
    ledger.note(squares)
    let lambdas = (0...60).map { Lambda.rss(pow(10, -1 + 0.1 * Double($0))) }
    let validation = try analysis.validate(lambdas)
    var ridge: [PathPoint] = []
    for (index, lambda) in lambdas.enumerated() {
      let fit = try analysis.fit(lambda)
      ledger.note(fit)
      // The intercept's degree of freedom is not the penalty's business.
      ridge.append(PathPoint(fit, lambda: lambda.value, degreesOfFreedom: validation.degreesOfFreedom[index] - 1))
    }

    let homotopy = try LassoHomotopy(settings: settings).fit(design, sample.y)
    let largest = homotopy.knots.first?.lambda.value ?? 1
    let grid = (0...60).map { largest * pow(10, 0.1 - 0.06 * Double($0)) }
    let path = try Lasso(lambda: 0, settings: settings)
      .path(design, sample.y, grid: .values((grid + homotopy.knots.map(\.lambda.value)).map { .rss($0) }))
    var lasso: [PathPoint] = []
    var difference = 0.0
    for (lambda, fit) in zip(path.lambdas, path.fits) {
      let exact = try homotopy.fit(at: lambda)
      ledger.note(fit)
      ledger.note(exact)
      for (a, b) in zip(fit.standardizedCoefficients.values, exact.standardizedCoefficients.values) {
        difference = max(difference, abs(a - b))
      }
      lasso.append(
        PathPoint(
          fit, lambda: lambda.value, degreesOfFreedom: Double(fit.standardizedCoefficients.support.count)))
    }
    return PathResults(
      names: Array(design.names), truth: world.coefficients, observations: Self.observations,
      leastSquares: squares.standardizedCoefficients.values, ridge: ridge, lasso: lasso,
      knots: homotopy.knots.map { Knot(lambda: $0.lambda.value, name: homotopy.names[$0.column], enters: $0.enters) },
      largestDifference: difference)
  }
}

extension PathPoint {
  init(_ fit: LinearFit, lambda: Double, degreesOfFreedom: Double) {
    self.init(
      lambda: lambda, coefficients: fit.standardizedCoefficients.values, degreesOfFreedom: degreesOfFreedom,
      rss: fit.rss)
  }
}
