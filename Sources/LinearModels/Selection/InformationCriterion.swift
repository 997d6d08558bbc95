import BLAS
import RealModule

/// A price for degrees of freedom beside the log-likelihood.
public enum InformationCriterion: Sendable, Hashable {
  /// Akaike: 2 d.
  case akaike
  /// Bayes (Schwarz): d ln m.
  case bayes
  /// Extended Bayes (Chen and Chen, Biometrika 95, 2008): d ln m + 2 γ ln C(p, k) with k selected columns of p.
  case extendedBayes(gamma: Double)

  /// m ln(RSS / Σw) for m observations, what takes the place of −2 log-likelihood where the variance is not known.
  static func gaussian(_ rss: Double, _ totalWeight: Double, _ rows: Int) -> Double {
    Double(rows) * Double.log(rss / totalWeight)
  }

  /// What degrees of freedom cost with so many observations.
  func price(rows: Int, degreesOfFreedom: Double, selected: Int, columns: Int) -> Double {
    let bayes = degreesOfFreedom * Double.log(Double(rows))
    switch self {
    case .akaike: return 2 * degreesOfFreedom
    case .bayes: return bayes
    case .extendedBayes(let gamma):
      let (p, k) = (Double(columns), Double(selected))
      let choices = Double.logGamma(p + 1) - Double.logGamma(k + 1) - Double.logGamma(p - k + 1)
      return bayes + 2 * gamma * choices
    }
  }
}

extension RegressionProblem {
  /// The degrees of freedom of a fit without the intercept: |A| − tr (G_AA + diag β)⁻¹ diag β.
  func degreesOfFreedom(_ fit: LinearFit) -> Double {
    let support = fit.coefficients.support
    let size = support.count
    guard fit.l2 > 0, size > 0 else { return Double(size) }
    var gram = Matrix<Double>(rows: size, columns: size)
    switch design.columns {
    case .dense(let dense):
      let n = design.rowCount
      let rows = support.flatMap { dense.matrix.elements[$0 * n..<($0 + 1) * n] }
      gram = symmetricRankK(Matrix(rows: size, columns: n, elements: rows))
    case .sparse(let sparse):
      for (i, column) in support.enumerated() {
        for (j, value) in sparse.gramRow(column, against: support[...]).enumerated() { gram[i, j] = value }
      }
    }
    for (i, column) in support.enumerated() { gram[i, i] += fit.l2 * factors[column] }
    guard let factor = try? Cholesky(gram) else { return Double(size) }
    let inverse = factor.solve(.identity(size))
    var degrees = Double(size)
    for (i, column) in support.enumerated() { degrees -= inverse[i, i] * fit.l2 * factors[column] }
    return degrees
  }
}
