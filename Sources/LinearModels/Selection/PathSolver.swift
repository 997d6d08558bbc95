import BLAS

/// Solves one lambda after the other: by descent from the last coefficients where the penalty has an L1 part, and from one
/// factorisation for all of them where it has none.
struct PathSolver: Sendable {
  private let model: ElasticNet
  private(set) var descent: CoordinateDescent
  /// Made at the first lambda that needs it.
  private var spectrum: RidgeSpectrum?
  private var isSpectrumWorthwhile = false
  private let pool: ThreadPool

  /// From so many lambdas on, one eigendecomposition is cheaper than a Cholesky factor for each.
  private static let smallestCount = 12

  /// Prepares; `wantsGram` as in ``CoordinateDescent``.
  init(_ model: ElasticNet, _ problem: RegressionProblem, wantsGram: Bool = false, pool: ThreadPool) {
    (self.model, self.pool) = (model, pool)
    descent = CoordinateDescent(problem, settings: model.settings, wantsGram: wantsGram, pool: pool)
  }

  /// Says which strengths are to come, in descending order.
  mutating func expects(_ penalties: [(l1: Double, l2: Double)]) {
    isSpectrumWorthwhile = penalties.count >= Self.smallestCount
    descent.expect(penalties)
  }

  mutating func fit(_ lambda: Lambda) throws(LinearModelError) -> LinearFit {
    let (l1, l2) = try model.parts(lambda, descent.problem.lambdaContext)
    return try fit(l1: l1, l2: l2)
  }

  /// The same with a strength on the scale ``LambdaScale/rss``.
  mutating func fit(l1: Double, l2: Double) throws(LinearModelError) -> LinearFit {
    let problem = descent.problem
    if l1 > 0 { return descent.fit(l1: l1, l2: l2) }
    if isSpectrumWorthwhile, l2 > 0 {
      if spectrum == nil { spectrum = try RidgeSpectrum(problem, singularValues: false, pool: pool) }
      if let spectrum, spectrum.reciprocalCondition(l2) >= Ridge.smallestCondition {
        let fit = spectrum.fit(l2, tolerance: model.settings.tolerance, pool: pool)
        if fit.isCertified { return fit }
      }
    }
    return try Ridge(lambda: .rss(l2), settings: model.settings).fit(problem)
  }
}
