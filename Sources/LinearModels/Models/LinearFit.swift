import BLAS

/// Which algorithm made a fit.
public enum LinearSolver: String, Sendable, Hashable, Codable, CaseIterable {
  /// Cholesky of Z'Z + λV, p x p.
  case choleskyPrimal = "Cholesky (primal)"
  /// Cholesky of Z V⁻¹ Z' + λI, n x n.
  case choleskyDual = "Cholesky (dual)"
  /// The eigenvalues of Z'Z or of ZZ', whichever is smaller.
  case eigen = "eigenvalues"
  /// The singular values of Z.
  case singularValues = "singular values"
  /// The QR decomposition of Z.
  case qr = "QR"
  /// Coordinate descent on the Gram matrix of all columns, finished by a factorisation.
  case coordinateDescentGram = "coordinate descent (Gram)"
  /// Coordinate descent on the Gram matrix of a growing set of columns, finished by a factorisation.
  case coordinateDescentWorkingSet = "coordinate descent (working set)"
  /// Quadratic models of the datafit, each minimised with its penalty by coordinate descent and Newton steps.
  case proximalNewton = "proximal Newton"
  /// The exact homotopy in lambda.
  case homotopy
}

/// How a fit was made.
public struct SolverReport: Sendable, Hashable {
  /// The algorithm that ran.
  public let solver: LinearSolver
  /// An estimate of 1 / condition number of the system that was solved: near 1 good, 1e-16 hopeless. Nil for an
  /// iterative solver.
  public let reciprocalCondition: Double?
}

/// A fitted linear model with its certificate.
public struct LinearFit: Sendable {
  /// The coefficients on the scale of the inputs as they were given.
  public let coefficients: Coefficients
  /// The coefficients of the standardised columns, which are the ones the penalty sees.
  public internal(set) var standardizedCoefficients: Coefficients
  /// The intercept on the original scale; 0 without one.
  public let intercept: Double
  /// The weight of `Σ v_j |b_j|` beside the residual sum of squares.
  public let l1: Double
  /// The weight of `Σ v_j b_j²` beside the residual sum of squares.
  public let l2: Double
  /// `Σ w_i (y_i − offset_i − intercept − x_i β)²`.
  public let rss: Double
  /// `Σ w_i (y_i − offset_i − mean)²`, without an intercept with mean 0.
  public let totalSumOfSquares: Double
  /// The proof of how good the coefficients are.
  public let certificate: Certificate
  /// Which algorithm made them.
  public let solver: SolverReport
  /// The means and scales of the columns.
  public internal(set) var statistics: ColumnStatistics

  /// (P − D) / ½‖t‖²: see ``Certificate/dualityGap``.
  public var dualityGap: Double { certificate.dualityGap }
  /// Whether the gap is at most the tolerance.
  public var isCertified: Bool { certificate.isCertified }
  /// 1 − RSS / total sum of squares; 0 for a target without spread.
  public var rSquared: Double { totalSumOfSquares > 0 ? 1 - rss / totalSumOfSquares : 0 }

  /// The predictions `intercept + X β + offset`.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the fit, in their order.
  ///   - offsets: One for each row; none by default.
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)``.
  public func predict(_ x: DesignMatrix, offsets: [Double]? = nil) throws(LinearModelError) -> [Double] {
    guard x.columns == coefficients.count else {
      throw .wrongLength(of: "a row of the inputs", expected: coefficients.count, found: x.columns)
    }
    if let offsets { try requireEntries(offsets, "the offsets", count: x.rows) }
    var predictions = [Double](repeating: intercept, count: x.rows)
    x.addProduct(coefficients, to: &predictions)
    if let offsets { for row in predictions.indices { predictions[row] += offsets[row] } }
    return predictions
  }
}

extension LinearFit {
  /// Reports the standardised coefficients on another scale, which is right where no penalty depends on it.
  mutating func restandardise(scales: [Double]) {
    statistics = statistics.rescaled(to: scales)
    standardizedCoefficients = statistics.standardisedScale(coefficients)
  }

  /// Puts a fit together from standardised coefficients that have been certified.
  init(
    _ problem: RegressionProblem, _ penalty: CoordinatePenalty, standardized: Coefficients, rss: Double,
    certificate: Certificate, solver: SolverReport
  ) {
    standardizedCoefficients = standardized
    coefficients = problem.design.statistics.originalScale(standardized)
    intercept = problem.design.statistics.intercept(coefficients, targetMean: problem.targetMean)
    (l1, l2) = (penalty.l1, penalty.l2)
    self.rss = rss
    totalSumOfSquares = problem.targetSquares
    self.certificate = certificate
    self.solver = solver
    statistics = problem.design.statistics
  }
}

extension DesignMatrix {
  /// result += X β.
  func addProduct(_ coefficients: Coefficients, to result: inout [Double]) {
    switch storage {
    case .dense(let matrix):
      for row in 0..<matrix.rows {
        var sum = 0.0
        for (column, value) in zip(coefficients.support, coefficients.nonzero) {
          sum += matrix.elements[row * matrix.columns + column] * value
        }
        result[row] += sum
      }
    case .sparse(let matrix):
      for (column, value) in zip(coefficients.support, coefficients.nonzero) {
        for entry in matrix.columnStarts[column]..<matrix.columnStarts[column + 1] {
          result[Int(matrix.rowIndices[entry])] += matrix.values[entry] * value
        }
      }
    }
  }
}
