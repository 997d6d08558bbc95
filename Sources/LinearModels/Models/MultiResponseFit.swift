public import BLAS

/// A linear fit of several targets, with one certificate for all of them together.
public struct MultiResponseFit: Sendable {
  /// The coefficients of each response on the original scale.
  public let coefficients: [Coefficients]
  /// The coefficients of each response on the standardised scale.
  public let standardizedCoefficients: [Coefficients]
  /// The intercept of each response; 0 without one.
  public let intercepts: [Double]
  /// The weight of `Σ v_j ‖b_j‖` beside the residual sums of squares.
  public let l1: Double
  /// The weight of `Σ v_j ‖b_j‖²`.
  public let l2: Double
  /// The residual sum of squares of each response.
  public let rss: [Double]
  /// The total sum of squares of each response, around 0 without an intercept.
  public let totalSumsOfSquares: [Double]
  /// The proof of how good all coefficients are together, relative to half of the total sums of squares.
  public let certificate: Certificate
  /// Which algorithm made them.
  public let solver: SolverReport
  /// The means and scales of the columns.
  public let statistics: ColumnStatistics

  /// The number of responses.
  public var responseCount: Int { coefficients.count }
  /// The names of the columns.
  public var names: ColumnNames { coefficients[0].names }
  /// (P − D) / ½ Σ total sums of squares.
  public var dualityGap: Double { certificate.dualityGap }
  /// Whether the gap is at most the tolerance.
  public var isCertified: Bool { certificate.isCertified }

  /// The predictions, a row for each row of the inputs and a column for each response.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the fit, in their order.
  ///   - offsets: Of the same shape as the predictions; none by default.
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)``.
  public func predict(_ x: DesignMatrix, offsets: Matrix<Double>? = nil) throws(LinearModelError) -> Matrix<Double> {
    guard x.columns == names.count else {
      throw .wrongLength(of: "a row of the inputs", expected: names.count, found: x.columns)
    }
    var predictions = Matrix<Double>(rows: x.rows, columns: responseCount)
    if let offsets {
      guard offsets.rows == x.rows, offsets.columns == responseCount else {
        throw .wrongLength(
          of: "the offsets", expected: x.rows * responseCount, found: offsets.rows * offsets.columns)
      }
      predictions = offsets
    }
    for response in 0..<responseCount {
      var column = [Double](repeating: intercepts[response], count: x.rows)
      x.addProduct(coefficients[response], to: &column)
      for row in column.indices { predictions[row, response] += column[row] }
    }
    return predictions
  }
}

extension MultiResponseFit {
  /// Puts fits of single responses together, whose objectives add up.
  init(separate fits: [LinearFit], tolerance: Double) {
    let parts = fits.map(\.certificate)
    let (primal, dual) = (parts.reduce(0) { $0 + $1.primal }, parts.reduce(0) { $0 + $1.dual })
    let reference = parts.reduce(0) { $0 + $1.reference }
    let gap = reference > 0 ? max(parts.reduce(0) { $0 + $1.dualityGap * $1.reference } / reference, 0) : 0
    let isSmall = reference > 0 ? gap <= tolerance : parts.allSatisfy(\.isCertified)
    certificate = Certificate(
      primal: primal, dual: dual, reference: reference, dualityGap: gap.isNaN ? .infinity : gap,
      kktViolation: parts.reduce(0) { max($0, $1.kktViolation) },
      iterations: parts.reduce(0) { max($0, $1.iterations) }, tolerance: tolerance,
      state: isSmall ? .converged : .precisionLimit, provedZero: ColumnSet(columnCount: fits[0].coefficients.count))
    coefficients = fits.map(\.coefficients)
    standardizedCoefficients = fits.map(\.standardizedCoefficients)
    intercepts = fits.map(\.intercept)
    (l1, l2) = (fits[0].l1, fits[0].l2)
    rss = fits.map(\.rss)
    totalSumsOfSquares = fits.map(\.totalSumOfSquares)
    solver = fits[0].solver
    statistics = fits[0].statistics
  }

  /// Puts a fit together from certified coefficients.
  ///
  /// - Parameter b: The standardised coefficients, p for each response.
  init(
    _ problems: [RegressionProblem], _ b: [[Double]], rss: [Double], l1: Double, l2: Double, certificate: Certificate,
    solver: SolverReport
  ) {
    let (statistics, names) = (problems[0].design.statistics, problems[0].names)
    standardizedCoefficients = b.map { Coefficients(names: names, values: $0) }
    coefficients = standardizedCoefficients.map { statistics.originalScale($0) }
    intercepts = zip(coefficients, problems).map { statistics.intercept($0, targetMean: $1.targetMean) }
    (self.l1, self.l2, self.rss) = (l1, l2, rss)
    totalSumsOfSquares = problems.map(\.targetSquares)
    self.certificate = certificate
    self.solver = solver
    self.statistics = statistics
  }
}

extension MultiResponseFit: CustomStringConvertible {
  /// A table of the columns that are not 0, a column for each response, and the fit's summary below it.
  public var description: String {
    let support = names.indices.filter { column in coefficients.contains { $0[column] != 0 } }
    var lines = [[""] + (0..<responseCount).map { "y\($0 + 1)" }]
    lines.append(["(Intercept)"] + intercepts.map(TextTable.number))
    for column in support { lines.append([names[column]] + coefficients.map { TextTable.number($0[column]) }) }
    var text = TextTable.lines(lines)
    text.append("---")
    text.append(
      "\(support.count) of \(names.count) columns are not 0; l1 \(TextTable.number(l1)), l2 \(TextTable.number(l2))")
    let (residual, total) = (rss.reduce(0, +), totalSumsOfSquares.reduce(0, +))
    text.append("RSS: \(TextTable.number(residual)) of \(TextTable.number(total))")
    text.append(TextTable.summary(certificate, solver))
    return text.joined(separator: "\n")
  }
}
