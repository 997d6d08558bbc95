import BLAS
import Foundation
import LinearModels

/// One penalised regression in a file of 64-bit floating-point numbers, as `regression_agreement.py` writes it:
///
///     n, p, family (0 Gaussian, 1 binomial, 2 Poisson), intercept (0 or 1), sparse (0 or 1), l1, l2,
///     y, weights and offsets (n each), penalty factors, lower and upper bounds (p each), X row after row
///
/// with l1 and l2 on the scale of the residual sum of squares or the deviance.
struct FitFile {
  let family: Family
  let x: DesignMatrix
  let y: [Double]
  let weights: [Double]
  let offsets: [Double]
  let l1: Double
  let l2: Double
  let settings: RegressionSettings

  init(_ url: URL, tolerance: Double) throws {
    let data = try Data(contentsOf: url)
    let numbers = [Double](unsafeUninitializedCapacity: data.count / 8) { buffer, count in
      count = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer)) / 8
    }
    guard numbers.count >= 7, numbers[..<5].allSatisfy({ (0..<1e9).contains($0) }) else {
      throw ProblemFile.Failure(description: "\(url.path) has no shape")
    }
    let (n, p, kind) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
    guard numbers.count == 7 + 3 * n + 3 * p + n * p, Family.allCases.indices.contains(kind) else {
      throw ProblemFile.Failure(description: "\(url.path) has no shape")
    }
    var position = 7
    func next(_ count: Int) -> [Double] {
      defer { position += count }
      return Array(numbers[position..<position + count])
    }
    family = [.gaussian, .binomial, .poisson][kind]
    (l1, l2) = (numbers[5], numbers[6])
    (y, weights, offsets) = (next(n), next(n), next(n))
    let (factors, lower, upper) = (next(p), next(p), next(p))
    let isBounded = lower.contains { $0 > -.infinity } || upper.contains { $0 < .infinity }
    settings = RegressionSettings(
      intercept: numbers[3] == 1, penaltyFactors: factors, bounds: isBounded ? .each(lower: lower, upper: upper) : nil,
      tolerance: tolerance)
    let elements = next(n * p)
    if numbers[4] == 1 {
      let entries = elements.enumerated().filter { $0.element != 0 }
        .map { (row: $0.offset / p, column: $0.offset % p, value: $0.element) }
      x = try DesignMatrix(SparseMatrix(rows: n, columns: p, entries: entries))
    } else {
      x = try DesignMatrix(Matrix(rows: n, columns: p, elements: elements))
    }
  }

  /// What the fit gives, on the original scale.
  func fit() throws -> [String: Any] {
    let (total, mixing) = (l1 + l2, l1 + l2 > 0 ? l1 / (l1 + l2) : 0)
    func result(
      _ coefficients: Coefficients, _ intercept: Double, _ certificate: Certificate, _ solver: SolverReport
    ) -> [String: Any] {
      [
        "coefficients": coefficients.values, "intercept": intercept, "primal": certificate.primal,
        "dual": certificate.dual, "reference": certificate.reference, "gap": certificate.dualityGap,
        "certified": certificate.isCertified, "state": certificate.state.rawValue, "solver": solver.solver.rawValue,
      ]
    }
    if family == .gaussian {
      let fit = try ElasticNet(lambda: .rss(total), mixing: mixing, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
      return result(fit.coefficients, fit.intercept, fit.certificate, fit.solver)
    }
    let penalty: RegressionPenalty = total > 0 ? .elasticNet(.rss(total), mixing: mixing) : .none
    let fit = try GeneralizedLinearModel(family, penalty: penalty, settings: settings)
      .fit(x, y, weights: weights, offsets: offsets)
    return result(fit.coefficients, fit.intercept, fit.certificate, fit.solver)
  }
}
