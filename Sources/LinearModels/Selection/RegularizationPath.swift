import BLAS

/// The fits along a grid of lambdas, each with its own certificate.
public struct RegularizationPath: LambdaPath {
  /// The lambdas that were solved, descending.
  public let lambdas: [Lambda]
  /// The fit of each.
  public let fits: [LinearFit]
  /// Why the path ended before the grid did; nil if it did not.
  public let stopped: String?
  /// What conversions of lambda depend on.
  public let lambdaContext: LambdaContext

  private let solver: PathSolver

  /// Whether every fit has converged.
  public var isCertified: Bool { fits.allSatisfy(\.isCertified) }

  /// The fit at a lambda that need not be on the grid: it is solved, from where the path ended, not interpolated.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite or cannot be converted.
  public func fit(at lambda: Lambda) throws(LinearModelError) -> LinearFit {
    var solver = solver
    return try solver.fit(lambda)
  }

  /// Z'Z and Z't, if the path was solved with the Gram matrix of all columns.
  var gram: (matrix: Matrix<Double>, correlations: [Double])? { solver.descent.gramOfAllColumns }

  /// Solves a path; `wantsGram` says whether ``gram`` will be asked for.
  init(
    _ model: ElasticNet, _ problem: RegressionProblem, _ grid: LambdaGrid, _ stop: PathStop,
    wantsGram: Bool = false, pool: ThreadPool
  ) throws(LinearModelError) {
    var solver = PathSolver(model, problem, wantsGram: wantsGram, pool: pool)
    // glmnet's convention where nothing is ever 0: the grid of a mixing of 0.001.
    // A little above, so that rounding lets nothing in at the first lambda.
    let largest = solver.descent.largestL1 * (1 + 1e-13) / max(model.mixing, 1e-3)
    let candidates = try grid.lambdas(
      largest: largest, rows: problem.design.rows.positiveCount, columns: problem.design.columnCount)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in candidates { penalties.append(try model.parts(lambda, problem.lambdaContext)) }
    solver.expects(penalties)
    var (fits, reason): ([LinearFit], String?) = ([], nil)
    for (index, lambda) in candidates.enumerated() {
      let fit = try solver.fit(lambda)
      fits.append(fit)
      if let found = stop.reason(fit), index + 1 < candidates.count {
        reason = found
        break
      }
    }
    lambdas = Array(candidates.prefix(fits.count))
    self.fits = fits
    stopped = reason
    lambdaContext = problem.lambdaContext
    self.solver = solver
  }

  /// The degrees of freedom of each fit, without the intercept: the number of coefficients that are not 0 for the lasso
  /// (Zou, Hastie and Tibshirani, Annals of Statistics 35, 2007), tr (G_AA + diag β)⁻¹ G_AA with curvature.
  public var degreesOfFreedom: [Double] { fits.map { solver.descent.problem.degreesOfFreedom($0) } }

  /// An information criterion of each fit, m ln(RSS / Σw) + penalty with m observations and d degrees of freedom, the
  /// intercept counted; minus infinity for a perfect fit.
  ///
  /// - Parameters:
  ///   - criterion: The price of a degree of freedom.
  ///   - known: The degrees of freedom of the fits without the intercept; ``degreesOfFreedom`` by default.
  public func informationCriteria(
    _ criterion: InformationCriterion, degreesOfFreedom known: [Double]? = nil
  ) -> [Double] {
    let rows = solver.descent.problem.design.rows
    let columns = solver.descent.problem.design.columnCount
    let intercept = solver.descent.problem.design.choice.centres ? 1.0 : 0.0
    return zip(fits, known ?? degreesOfFreedom).map { fit, degrees in
      InformationCriterion.gaussian(fit.rss, rows.total, rows.positiveCount)
        + criterion.price(
          rows: rows.positiveCount, degreesOfFreedom: degrees + intercept, selected: fit.coefficients.support.count,
          columns: columns)
    }
  }
}

extension ElasticNet {
  /// Fits a whole path, from the largest lambda down, each fit starting from the one before.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the target; none by default.
  ///   - grid: The lambdas; ``lambda`` itself is not used.
  ///   - stop: When to end early; never by default.
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), stop: PathStop = PathStop()
  ) throws(LinearModelError) -> RegularizationPath {
    try settings.validate()
    let problem = try RegressionProblem(
      x, y, weights: weights, offsets: offsets, settings: settings,
      leading: mixing > 0 ? CoordinateDescent.leadingColumns(x.columns, settings) : 0, pool: .shared)
    return try RegularizationPath(self, problem, grid, stop, pool: .shared)
  }
}

extension Lasso {
  /// Fits a whole path; see ``ElasticNet/path(_:_:weights:offsets:grid:stop:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), stop: PathStop = PathStop()
  ) throws(LinearModelError) -> RegularizationPath {
    try ElasticNet(lambda: lambda, mixing: 1, settings: settings)
      .path(x, y, weights: weights, offsets: offsets, grid: grid, stop: stop)
  }
}

extension Ridge {
  /// Fits a whole path; see ``ElasticNet/path(_:_:weights:offsets:grid:stop:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), stop: PathStop = PathStop()
  ) throws(LinearModelError) -> RegularizationPath {
    try ElasticNet(lambda: lambda, mixing: 0, settings: settings)
      .path(x, y, weights: weights, offsets: offsets, grid: grid, stop: stop)
  }
}
