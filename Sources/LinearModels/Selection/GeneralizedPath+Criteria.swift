import BLAS

extension GeneralizedPath {
  /// The degrees of freedom of each fit, without the intercept: |A| − tr (H_AA + D)⁻¹ D over the columns A that are not 0,
  /// with the Hessian H of half of the deviance (the intercept eliminated) and that of the penalty, D.
  ///
  /// D is 0 for the lasso, diag l2 v with a ridge part, and ½ l1 weight_G (I − u u') / ‖b_G‖ for a group whose direction is
  /// u (Vaiter, Deledalle, Peyré, Fadili and Dossal, 2012). Bounds are not accounted for: a coefficient that stands at one
  /// counts like any other.
  ///
  /// - Throws: ``LinearModelError``.
  public func degreesOfFreedom() throws(LinearModelError) -> [Double] {
    var degrees: [Double] = []
    let groups = try model.penalty.groups(model.settings)
    for fit in fits { degrees.append(try problem.degreesOfFreedom(fit, groups: groups)) }
    return degrees
  }

  /// An information criterion of each fit, with d degrees of freedom, the intercept counted, and m observations of positive
  /// weight: deviance + price, which is −2 log-likelihood + price up to what the data alone determine. The Gaussian family,
  /// whose variance is not known, has m ln(RSS / Σw) + price instead.
  ///
  /// - Parameters:
  ///   - criterion: The price of a degree of freedom.
  ///   - known: The degrees of freedom of the fits without the intercept; ``degreesOfFreedom()`` by default.
  /// - Throws: ``LinearModelError``.
  public func informationCriteria(
    _ criterion: InformationCriterion, degreesOfFreedom known: [Double]? = nil
  ) throws(LinearModelError) -> [Double] {
    let rows = problem.design.rows
    let intercept = problem.hasIntercept ? 1.0 : 0.0
    let degreesOfFreedom = if let known { known } else { try self.degreesOfFreedom() }
    return zip(fits, degreesOfFreedom).map { fit, degrees in
      let price = criterion.price(
        rows: rows.positiveCount, degreesOfFreedom: degrees + intercept, selected: fit.coefficients.support.count,
        columns: problem.names.count)
      if problem.family == .gaussian {
        return InformationCriterion.gaussian(fit.deviance, rows.total, rows.positiveCount) + price
      }
      return fit.deviance + price
    }
  }
}

extension GeneralizedProblem {
  /// The degrees of freedom of a fit without the intercept.
  fileprivate func degreesOfFreedom(
    _ fit: GeneralizedLinearFit, groups: ColumnGroups?
  ) throws(LinearModelError) -> Double {
    let (support, values) = (fit.standardizedCoefficients.support, fit.standardizedCoefficients.nonzero)
    let size = support.count
    guard size > 0, fit.l2 > 0 || (groups != nil && fit.l1 > 0) else { return Double(size) }
    var curvature = Matrix<Double>(rows: size, columns: size)
    for (index, column) in support.enumerated() { curvature[index, index] = fit.l2 * factors[column] }
    if let groups {
      let weights = try groups.resolved(columns: names.count).weights
      for (i, first) in support.enumerated() {
        let group = groups.assignment[first]
        let norm = zip(support, values).reduce(0) {
          groups.assignment[$1.0] == group ? $0 + $1.1 * $1.1 : $0
        }.squareRoot()
        let strength = 0.5 * fit.l1 * weights[group] / norm
        curvature[i, i] += strength
        for (j, second) in support.enumerated() where groups.assignment[second] == group {
          curvature[i, j] -= strength * (values[i] / norm) * (values[j] / norm)
        }
      }
    }
    let margins = margins(support, values)
    let point = point(margins, optimalIntercept(margins, from: nullIntercept))
    var hessian = design.curvatureGram(support, point.curvature, pool: .shared)
    for index in hessian.elements.indices { hessian[index / size, index % size] += curvature.elements[index] }
    guard let factor = try? Cholesky(hessian) else { return Double(size) }
    let solved = factor.solve(curvature)
    return (0..<size).reduce(Double(size)) { $0 - solved[$1, $1] }
  }
}
