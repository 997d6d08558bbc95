import BLAS

/// Ridge through (Z'Z + λV) b = Z't, a system of p.
struct RidgePrimalCholesky {
  /// Whose target is solved for; another of the same design may take its place.
  var problem: RegressionProblem
  let curvatures: [Double]
  let factor: Cholesky<Double>
  let reciprocalCondition: Double

  /// Factors the system; nil if it is not positive definite in floating-point numbers.
  ///
  /// - Parameter curvatures: λ v_j.
  init?(_ problem: RegressionProblem, curvatures: [Double], pool: ThreadPool) throws(LinearModelError) {
    var gram = problem.design.gram(pool: pool)
    for (column, curvature) in curvatures.enumerated() {
      gram[column, column] += curvature
      // A column of nothing that is not penalised has any coefficient; 1 makes it 0.
      if gram[column, column] == 0 { gram[column, column] = 1 }
    }
    guard let (factor, reciprocal) = try factored(gram) else { return nil }
    (self.problem, self.curvatures, self.factor, reciprocalCondition) = (problem, curvatures, factor, reciprocal)
  }

  /// The coefficients, refined against the residual of the optimality conditions.
  func solve(pool: ThreadPool) -> (coefficients: [Double], refinements: Int) {
    var b = [Double](repeating: 0, count: curvatures.count)
    let columns = Array(b.indices)
    // The first pass solves from b = 0; the others take off what rounding left.
    for _ in 0..<3 {
      let residual = problem.residual(columns, b)
      var gradient = problem.design.correlations(residual, pool: pool)
      for column in columns { gradient[column] -= curvatures[column] * b[column] }
      let step = factor.solve(gradient)
      for column in columns { b[column] += step[column] }
    }
    return (b, 2)
  }
}

/// A Cholesky factor and its condition estimate; nil if the matrix is not positive definite.
func factored(_ matrix: Matrix<Double>) throws(LinearModelError) -> (Cholesky<Double>, Double)? {
  do {
    let factor = try Cholesky(matrix)
    return (factor, try factor.reciprocalConditionEstimate())
  } catch LinearAlgebraError.notPositiveDefinite {
    return nil
  } catch let error as LinearAlgebraError {
    throw .linearAlgebra(error)
  } catch {
    preconditionFailure("linear algebra throws its own errors: \(error)")
  }
}

/// Calls linear algebra and turns its errors into those of this room.
func withLinearAlgebra<R>(_ body: () throws -> R) throws(LinearModelError) -> R {
  do {
    return try body()
  } catch let error as LinearAlgebraError {
    throw .linearAlgebra(error)
  } catch {
    preconditionFailure("linear algebra throws its own errors: \(error)")
  }
}
