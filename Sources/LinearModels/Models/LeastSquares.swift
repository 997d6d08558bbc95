import BLAS

/// Ordinary (or weighted) least squares with its inference: standard errors, t and p values, R², intervals.
///
/// ```swift
/// let fit = try LeastSquares().fit(x, y)
/// print(fit)                                  // the table a statistician knows
/// fit.terms[1].standardError; try fit.confidenceIntervals(level: 0.95)
/// ```
///
/// Dense inputs go through the QR decomposition of the centred columns at unit norm, sparse ones through Cholesky of their
/// Gram matrix. The errors are taken as independent with variance σ² / w_i.
public struct LeastSquares: LinearModel {
  /// Whether there is an intercept; true by default.
  public var intercept: Bool
  /// The relative duality gap of the certificate; 1e-8 by default.
  public var tolerance: Double
  /// The scale of the standardised coefficients that are reported; nothing else depends on it. A constant column, which can
  /// stand here without an intercept, has the scale 1 where it has no other.
  public var standardisation: Standardisation

  /// A column whose part that is orthogonal to the columns before it is smaller than this, relative to its norm, counts as
  /// their combination; the value is that of R's `lm`.
  static let dependence = 1e-7

  /// Makes a model.
  public init(intercept: Bool = true, tolerance: Double = 1e-8, standardisation: Standardisation = .population) {
    self.intercept = intercept
    self.tolerance = tolerance
    self.standardisation = standardisation
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  ///
  /// - Throws: ``LinearModelError/dependentColumns(_:)`` naming every column that the ones before it (or the intercept)
  ///   determine, or ``LinearModelError/tooFewObservations(expectedMoreThan:found:)`` where no degree of freedom is left for
  ///   the errors. ``Ridge`` with a lambda of 0 answers such problems, without inference.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LeastSquaresFit {
    // A norm of 1 makes every column's dependence comparable; the answer does not depend on it.
    let settings = RegressionSettings(standardisation: .unitNorm, intercept: intercept, tolerance: tolerance)
    try settings.validate()
    let pool = ThreadPool.shared
    let problem = try RegressionProblem(x, y, weights: weights, offsets: offsets, settings: settings, pool: pool)
    let coefficients = x.columns + (intercept ? 1 : 0)
    guard problem.design.rows.positiveCount > coefficients else {
      throw .tooFewObservations(expectedMoreThan: coefficients, found: problem.design.rows.positiveCount)
    }
    let system = try TriangularSystem(problem, pool: pool)
    var b = [Double](repeating: 0, count: x.columns)
    let columns = Array(b.indices)
    // The first pass solves from b = 0; the other takes off what rounding left.
    for _ in 0..<2 {
      let step = try system.solve(problem.residual(columns, b), problem, pool: pool)
      for column in columns { b[column] += step[column] }
    }
    let penalty = CoordinatePenalty(l1: 0, l2: 0, factors: problem.factors)
    var fit = problem.certifiedFit(
      b, penalty, iterations: 2, tolerance: tolerance,
      solver: SolverReport(solver: system.solver, reciprocalCondition: system.reciprocalCondition), pool: pool)
    let inverse = try system.inverseSquare()
    if standardisation != .unitNorm {
      let choice = StandardisationChoice(standardisation: standardisation, centres: intercept)
      let reported = try StandardisedDesign(x, problem.design.rows, choice, leavesConstants: true, pool: pool)
      fit.restandardise(scales: reported.statistics.scales)
    }
    return LeastSquaresFit(problem, fit, inverse: inverse)
  }
}

/// The upper triangular R with R'R = Z'Z, and Q where there is one.
private struct TriangularSystem {
  /// Q, n x p; nil for a sparse design.
  let q: Matrix<Double>?
  let r: Matrix<Double>
  var solver: LinearSolver { q == nil ? .choleskyPrimal : .qr }

  init(_ problem: RegressionProblem, pool: ThreadPool) throws(LinearModelError) {
    switch problem.design.columns {
    case .dense(let dense):
      let matrix = dense.matrix.transposed()
      let qr = try withLinearAlgebra { try QRDecomposition(matrix) }
      (q, r) = (qr.q, qr.r)
    case .sparse:
      let gram = problem.design.gram(pool: pool)
      guard let (factor, _) = try factored(gram) else { throw Self.dependence(problem, pool) }
      (q, r) = (nil, factor.lower.transposed())
    }
    for column in 0..<r.columns where r[column, column].magnitude <= LeastSquares.dependence {
      throw Self.dependence(problem, pool)
    }
  }

  /// Every column that depends on those before it, by Gram–Schmidt on the Gram matrix, which is only for the message.
  private static func dependence(_ problem: RegressionProblem, _ pool: ThreadPool) -> LinearModelError {
    let gram = problem.design.gram(pool: pool)
    var (kept, dependent): ([Int], [Int]) = ([], [])
    // Rows of L with L L' = the Gram matrix of the kept columns.
    var rows: [[Double]] = []
    for column in 0..<gram.rows {
      var row: [Double] = []
      for (index, other) in kept.enumerated() {
        var value = gram[column, other]
        for k in 0..<index { value -= row[k] * rows[index][k] }
        row.append(value / rows[index][index])
      }
      let left = gram[column, column] - row.reduce(0) { $0 + $1 * $1 }
      // Squares lose half of the digits.
      if left <= 1e-12 {
        dependent.append(column)
      } else {
        kept.append(column)
        rows.append(row + [left.squareRoot()])
      }
    }
    return .dependentColumns(dependent.map { problem.names[$0] })
  }

  /// (R'R)⁻¹ Z'v.
  func solve(_ v: [Double], _ problem: RegressionProblem, pool: ThreadPool) throws(LinearModelError) -> [Double] {
    let p = r.columns
    guard p > 0 else { return [] }
    return try withLinearAlgebra {
      if let q {
        let right = Matrix(rows: p, columns: 1, elements: matrixVectorMultiply(q, v, transposeA: true, pool: pool))
        return try solveTriangular(r, right, triangle: .upper).elements
      }
      let right = Matrix(rows: p, columns: 1, elements: problem.design.correlations(v, pool: pool))
      let half = try solveTriangular(r, right, triangle: .upper, transposeA: true)
      return try solveTriangular(r, half, triangle: .upper).elements
    }
  }

  /// (R'R)⁻¹ = R⁻¹ R⁻¹'.
  func inverseSquare() throws(LinearModelError) -> Matrix<Double> {
    let inverse = try withLinearAlgebra { try solveTriangular(r, .identity(r.columns), triangle: .upper) }
    return symmetricRankK(inverse)
  }

  /// The square of the ratio of R's extreme diagonal entries: an upper bound of the reciprocal condition of Z'Z.
  var reciprocalCondition: Double {
    let diagonal = (0..<r.columns).map { r[$0, $0].magnitude }
    guard let smallest = diagonal.min(), let largest = diagonal.max(), largest > 0 else { return 1 }
    return (smallest / largest) * (smallest / largest)
  }
}
