import BLAS

/// The singular values of the penalised columns, from which ridge has its answer for every lambda.
///
/// With F the free columns and Q an orthonormal basis of them, A = (I − QQ') Z_P V^{-1/2} = U diag(d) W' and
/// h = U't, the coefficients are b_P = V^{-1/2} W diag(d / (d² + λ)) h, and b_F fits what they leave.
struct RidgeSpectrum: Sendable {
  enum Vectors: Sendable {
    /// W, p x p, of the eigenvectors of A'A.
    case right(Matrix<Double>)
    /// U, n x n, of the eigenvectors of AA'.
    case left(Matrix<Double>)
    /// W, p x r, and U', r x n.
    case both(Matrix<Double>, Matrix<Double>)
  }

  private(set) var problem: RegressionProblem
  let free: FreeColumns
  /// d_k², not negative.
  let squares: [Double]
  let vectors: Vectors
  /// t − QQ't.
  private(set) var projectedTarget: [Double]

  /// Which solver this is, for the report.
  var solver: LinearSolver {
    if case .both = vectors { return .singularValues }
    return .eigen
  }

  /// v_j^{-1/2}; 0 for a free column.
  private static func scales(_ problem: RegressionProblem) -> [Double] {
    problem.factors.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
  }

  /// Decomposes; a sparse design always by eigenvalues, because its singular value decomposition would be dense.
  init(_ problem: RegressionProblem, singularValues: Bool, pool: ThreadPool) throws(LinearModelError) {
    let design = problem.design
    let (n, p) = (design.rowCount, design.columnCount)
    let free = try FreeColumns(problem)
    let scales = Self.scales(problem)
    if singularValues, case .dense(let dense) = design.columns {
      var scaled = dense.matrix
      scaled.withUnsafeMutableElements { elements in
        for column in 0..<p {
          if scales[column] != 1 { Double.scal(n, scales[column], elements + column * n, 1) }
          free.project(elements + column * n)
        }
      }
      let decomposition = try withLinearAlgebra { try SingularValueDecomposition(scaled) }
      squares = decomposition.s.map { $0 * $0 }
      vectors = .both(decomposition.u, decomposition.vt)
    } else if p <= n {
      var gram = design.gram(pool: pool)
      free.subtractProjection(from: &gram, design, pool: pool)
      if scales.contains(where: { $0 != 1 }) {
        gram.withUnsafeMutableElements { gram in
          for i in 0..<p {
            for j in 0..<p { gram[i * p + j] *= scales[i] * scales[j] }
          }
        }
      }
      let eigen = try withLinearAlgebra { [gram] in try SymmetricEigen(gram) }
      squares = eigen.values.map { max($0, 0) }
      vectors = .right(eigen.vectors)
    } else {
      var outer = design.outerGram(factors: problem.factors, pool: pool)
      free.project(bothSidesOf: &outer)
      let eigen = try withLinearAlgebra { [outer] in try SymmetricEigen(outer) }
      squares = eigen.values.map { max($0, 0) }
      vectors = .left(eigen.vectors)
    }
    (self.problem, self.free, projectedTarget) = (problem, free, free.projected(problem.target))
  }

  /// d² below this is rounding error of a matrix without full rank.
  var rankLimit: Double {
    let largest = squares.max() ?? 0
    let size = Double(max(problem.design.rowCount, problem.design.columnCount)) * Double.ulpOfOne
    return solver == .singularValues ? largest * size * size : largest * size
  }

  /// 1 / (d² + λ), and 0 for a direction that has neither spread nor penalty.
  func inverse(_ lambda: Double) -> [Double] {
    let limit = rankLimit
    return squares.map { $0 + lambda > 0 && ($0 > limit || lambda > 0) ? 1 / ($0 + lambda) : 0 }
  }

  /// The condition of the system at a lambda: (smallest d² + λ) / (largest d² + λ).
  func reciprocalCondition(_ lambda: Double) -> Double {
    guard let largest = squares.max(), let smallest = squares.min(), largest + lambda > 0 else { return 1 }
    return (smallest + lambda) / (largest + lambda)
  }

  /// The fit at a lambda on the scale of the residual sum of squares, certified.
  func fit(_ lambda: Double, tolerance: Double, pool: ThreadPool) -> LinearFit {
    problem.certifiedFit(
      coefficients(lambda, pool: pool), CoordinatePenalty(l1: 0, l2: lambda, factors: problem.factors), iterations: 2,
      tolerance: tolerance, solver: SolverReport(solver: solver, reciprocalCondition: reciprocalCondition(lambda)),
      pool: pool)
  }

  /// The coefficients of a lambda; of the smallest norm if it is 0 and the columns are dependent.
  func coefficients(_ lambda: Double, pool: ThreadPool) -> [Double] {
    let inverse = inverse(lambda)
    let design = problem.design
    let scales = Self.scales(problem)
    let columns = Array(scales.indices)
    var b = [Double](repeating: 0, count: scales.count)
    // The first pass solves from b = 0; the other takes off what rounding left.
    for _ in 0..<2 {
      let residual = free.projected(problem.residual(columns, b))
      var step: [Double]
      switch vectors {
      case .right(let w), .both(let w, _):
        var gradient = design.correlations(residual, pool: pool)
        for j in columns { gradient[j] = scales[j] * (gradient[j] - lambda * problem.factors[j] * b[j]) }
        let rotated = matrixVectorMultiply(w, gradient, transposeA: true, pool: pool)
        step = matrixVectorMultiply(w, zip(rotated, inverse).map { $0 * $1 }, pool: pool)
      case .left(let u):
        // (A'A + λ)⁻¹ (A'r − λ b) = A' (AA' + λ)⁻¹ (r − λ (AA')⁺ A b), and A b = t − r.
        let fitted = zip(projectedTarget, residual).map { $0 - $1 }
        let limit = rankLimit
        let ofResidual = matrixVectorMultiply(u, residual, transposeA: true, pool: pool)
        let ofFitted = matrixVectorMultiply(u, fitted, transposeA: true, pool: pool)
        let weights = squares.indices.map { k in
          inverse[k] * (ofResidual[k] - (squares[k] > limit ? lambda * ofFitted[k] / squares[k] : 0))
        }
        step = design.correlations(free.projected(matrixVectorMultiply(u, weights, pool: pool)), pool: pool)
        for j in columns { step[j] *= scales[j] }
      }
      for j in columns { b[j] += step[j] * scales[j] }
      free.fit(&b, problem)
    }
    return b
  }

  /// The coefficients for another target of the same design.
  func coefficients(_ lambda: Double, of other: RegressionProblem, pool: ThreadPool) -> [Double] {
    var spectrum = self
    spectrum.problem = other
    spectrum.projectedTarget = free.projected(other.target)
    return spectrum.coefficients(lambda, pool: pool)
  }

  /// U', r x n: the left singular vectors as rows; a direction without spread gets zeros.
  func leftVectors(pool: ThreadPool) -> Matrix<Double> {
    let design = problem.design
    let n = design.rowCount
    let scales = Self.scales(problem)
    switch vectors {
    case .both(_, let ut): return ut
    case .left(let u): return u.transposed()
    case .right(let w):
      let limit = rankLimit
      var right = w.transposed()
      right.withUnsafeMutableElements { right in
        for k in squares.indices {
          let inverse = squares[k] > limit ? 1 / squares[k].squareRoot() : 0
          for column in scales.indices { right[k * scales.count + column] *= scales[column] * inverse }
        }
      }
      var left: Matrix<Double>
      switch design.columns {
      case .dense(let dense): left = matrixMultiply(right, dense.matrix, pool: pool)
      case .sparse:
        left = Matrix(rows: squares.count, columns: n)
        let columns = Array(scales.indices)
        for k in squares.indices {
          var vector = [Double](repeating: 0, count: n)
          design.add(columns, Array(right.elements[k * scales.count..<(k + 1) * scales.count]), to: &vector)
          left.withUnsafeMutableElements { ($0 + k * n).update(from: vector, count: n) }
        }
      }
      left.withUnsafeMutableElements { left in
        for k in squares.indices { free.project(left + k * n) }
      }
      return left
    }
  }
}
