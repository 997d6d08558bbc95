public import BLAS

/// Ridge regression for every lambda from one factorisation: fits, degrees of freedom, leave-one-out errors.
///
/// ```swift
/// let analysis = try RidgeAnalysis(x, y)
/// let errors = try analysis.validate(lambdas)
/// let fit = try analysis.fit(errors.lambdas[errors.leaveOneOutMinimum])
/// ```
///
/// The eigenvalues of the smaller of Z'Z and ZZ' are used, or the singular values of Z on request (for dense inputs).
public struct RidgeAnalysis: Sendable {
  private let spectrum: RidgeSpectrum
  private let settings: RegressionSettings

  /// Factors the problem.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the target; none by default.
  ///   - settings: Standardisation, intercept, penalty factors, tolerance.
  ///   - singularValues: Whether to take the singular values of dense inputs, which costs more and is accurate for lambdas
  ///     below 1e-12 of the largest eigenvalue too.
  /// - Throws: ``LinearModelError``.
  public init(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    settings: RegressionSettings = RegressionSettings(), singularValues: Bool = false
  ) throws(LinearModelError) {
    try settings.validate()
    let problem = try RegressionProblem(
      x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared)
    spectrum = try RidgeSpectrum(problem, singularValues: singularValues, pool: .shared)
    self.settings = settings
  }

  /// What conversions of lambda depend on.
  public var lambdaContext: LambdaContext { spectrum.problem.lambdaContext }

  /// The eigenvalues d² of the standardised inputs' Z'Z (of the penalised columns, the free ones projected out).
  public var eigenvalues: [Double] { spectrum.squares.filter { $0 > spectrum.rankLimit }.sorted(by: >) }

  /// The effective degrees of freedom Σ d²/(d² + λ), plus one for each free column; the intercept is not counted.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite or cannot be converted.
  public func degreesOfFreedom(_ lambda: Lambda) throws(LinearModelError) -> Double {
    degrees(try lambda.rssValue(.l2, in: lambdaContext))
  }

  private func degrees(_ lambda: Double) -> Double {
    zip(spectrum.squares, spectrum.inverse(lambda)).reduce(Double(spectrum.free.basis.rows)) { $0 + $1.0 * $1.1 }
  }

  /// The lambda of given effective degrees of freedom, by bisection of its logarithm to the last bit.
  ///
  /// - Parameter degrees: Between the number of free columns and the rank, both excluded.
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)``.
  public func lambda(degreesOfFreedom degrees: Double) throws(LinearModelError) -> Lambda {
    let most = self.degrees(0)
    let least = Double(spectrum.free.basis.rows)
    guard degrees > least, degrees < most else {
      throw .invalidParameter(
        name: "the degrees of freedom", expected: "between \(least) and \(most), both excluded", found: degrees)
    }
    let largest = spectrum.squares.max() ?? 1
    var (low, high) = (0.0, largest)
    while self.degrees(high) > degrees { high *= 2 }
    for _ in 0..<2000 {
      let middle = low > 0 && high > 2 * low ? (low * high).squareRoot() : low + (high - low) / 2
      // From 0 the halving starts at the smallest numbers that matter.
      let next = low == 0 ? max(middle * 1e-3, .leastNormalMagnitude) : middle
      if next <= low || next >= high { break }
      if self.degrees(next) > degrees { low = next } else { high = next }
    }
    return .rss(low + (high - low) / 2)
  }

  /// The fit at a lambda, with its certificate.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite or cannot be converted.
  public func fit(_ lambda: Lambda) throws(LinearModelError) -> LinearFit {
    spectrum.fit(
      try lambda.rssValue(.l2, in: lambdaContext), tolerance: settings.tolerance, pool: .shared)
  }

  /// Leave-one-out and generalised cross-validation of many lambdas; see ``RidgeValidation``.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite or cannot be converted.
  public func validate(_ lambdas: [Lambda]) throws(LinearModelError) -> RidgeValidation {
    try validations(lambdas, [spectrum.problem])[0]
  }

  /// Likewise for other targets of the same inputs, a column each, from the same factorisation.
  ///
  /// - Parameters:
  ///   - lambdas: The grid; lambdas on a scale that depends on the target are those of the analysis' own.
  ///   - targets: n x T targets, without offsets.
  /// - Returns: One for each target.
  /// - Throws: ``LinearModelError`` for targets that do not fit, and as ``validate(_:)``.
  public func validate(_ lambdas: [Lambda], targets: Matrix<Double>) throws(LinearModelError) -> [RidgeValidation] {
    let rows = spectrum.problem.design.rowCount
    guard targets.rows == rows else {
      throw .wrongLength(of: "the rows of the targets", expected: rows, found: targets.rows)
    }
    var problems: [RegressionProblem] = []
    for column in 0..<targets.columns {
      problems.append(
        try RegressionProblem(spectrum.problem, (0..<rows).map { targets[$0, column] }, offsets: nil))
    }
    return try validations(lambdas, problems)
  }

  private func validations(
    _ lambdas: [Lambda], _ problems: [RegressionProblem]
  ) throws(LinearModelError) -> [RidgeValidation] {
    var values: [Double] = []
    for lambda in lambdas { values.append(try lambda.rssValue(.l2, in: lambdaContext)) }
    return RidgeValidation.all(
      spectrum, targets: problems.map { spectrum.free.projected($0.target) }, values, pool: .shared)
  }
}
