import BLAS

/// Ridge through (K + λI) a + Z_F γ = t and Z_F' a = 0, with K = Σ_j z_j z_j' / v_j over the penalised columns: a system
/// of n, bordered by the free columns F. Then b_j = z_j'a / v_j, b_F = γ, and λ a is the residual.
///
/// With λ > 0 this minimises ‖t − Z b‖² + λ Σ v_j b_j²: the residual is r = t − Z_P b_P − Z_F γ = λ a, and Z_P'r = λ V b_P.
struct RidgeDualCholesky {
  /// Whose target is solved for; another of the same design may take its place.
  var problem: RegressionProblem
  let lambda: Double
  let factor: Cholesky<Double>
  let reciprocalCondition: Double
  private let free: [Int]
  /// (K + λI)⁻¹ Z_F, a row for each free column.
  private let solvedFree: [[Double]]
  private let border: Cholesky<Double>?

  /// Factors the system; nil if it is not positive definite in floating-point numbers.
  init?(_ problem: RegressionProblem, lambda: Double, pool: ThreadPool) throws(LinearModelError) {
    let design = problem.design
    var system = design.outerGram(factors: problem.factors, pool: pool)
    for row in 0..<design.rowCount { system[row, row] += lambda }
    guard let (factor, reciprocal) = try factored(system) else { return nil }
    free = problem.factors.indices.filter {
      problem.factors[$0] == 0 && design.statistics.squaredNorms[$0] > 0
    }
    let columns = free.map { design.column($0) }
    let solvedFree = columns.map { factor.solve($0) }
    if free.isEmpty {
      border = nil
    } else {
      var small = Matrix<Double>(rows: free.count, columns: free.count)
      for (i, column) in columns.enumerated() {
        for (j, solved) in solvedFree.enumerated() { small[i, j] = Double.dot(column.count, column, solved) }
      }
      guard let (factor, reciprocal) = try factored(small), reciprocal > 1e-12 else { return nil }
      border = factor
    }
    self.solvedFree = solvedFree
    (self.problem, self.lambda, self.factor, reciprocalCondition) = (problem, lambda, factor, reciprocal)
  }

  /// The coefficients, refined against the residual of the bordered system.
  func solve(pool: ThreadPool) -> (coefficients: [Double], refinements: Int) {
    let design = problem.design
    let all = Array(problem.factors.indices)
    var a = [Double](repeating: 0, count: design.rowCount)
    var b = [Double](repeating: 0, count: all.count)
    var freeCoefficients = [Double](repeating: 0, count: free.count)
    for _ in 0..<3 {
      var defect = problem.residual(all, b)
      Double.axpy(defect.count, -lambda, a, 1, &defect, 1)
      var step = factor.solve(defect)
      if let border {
        let correlations = free.map { column in
          let values = design.column(column)
          return Double.dot(values.count, values, step) + Double.dot(values.count, values, a)
        }
        let change = border.solve(correlations)
        for (index, value) in change.enumerated() {
          freeCoefficients[index] += value
          Double.axpy(step.count, -value, solvedFree[index], 1, &step, 1)
        }
      }
      for row in a.indices { a[row] += step[row] }
      b = design.correlations(a, pool: pool)
      for column in all { b[column] = problem.factors[column] > 0 ? b[column] / problem.factors[column] : 0 }
      for (index, column) in free.enumerated() { b[column] = freeCoefficients[index] }
    }
    return (b, 2)
  }
}
