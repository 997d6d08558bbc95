import BLAS

/// The fits of any family along a grid of lambdas, each with its own certificate.
public struct GeneralizedPath: LambdaPath {
  /// The lambdas that were solved, descending.
  public let lambdas: [Lambda]
  /// The fit of each.
  public let fits: [GeneralizedLinearFit]
  /// Why the path ended before the grid did; nil if it did not.
  public let stopped: String?
  /// What conversions of lambda depend on.
  public let lambdaContext: LambdaContext

  let model: GeneralizedLinearModel
  private let solver: ProximalNewton

  /// What the fits belong to.
  var problem: GeneralizedProblem { solver.problem }

  /// Whether every fit has converged.
  public var isCertified: Bool { fits.allSatisfy(\.isCertified) }

  /// The fit at a lambda that need not be on the grid: it is solved, from where the path ended, not interpolated.
  ///
  /// - Throws: ``LinearModelError`` for a lambda that is negative, not finite or cannot be converted.
  public func fit(at lambda: Lambda) throws(LinearModelError) -> GeneralizedLinearFit {
    var solver = solver
    var model = model
    model.penalty = model.penalty.with(lambda)
    return try model.fit(&solver)
  }

  init(
    _ model: GeneralizedLinearModel, _ problem: GeneralizedProblem, _ grid: LambdaGrid, _ stop: PathStop
  ) throws(LinearModelError) {
    if case .none = model.penalty { throw .unsupported("a path without a penalty") }
    var solver = ProximalNewton(problem, settings: model.settings, pool: .shared)
    let candidates = try Self.lambdas(model, &solver, grid)
    var (fits, reason): ([GeneralizedLinearFit], String?) = ([], nil)
    for (index, lambda) in candidates.enumerated() {
      var single = model
      single.penalty = model.penalty.with(lambda)
      let fit = try single.fit(&solver)
      fits.append(fit)
      if let found = stop.reason(fit), index + 1 < candidates.count {
        reason = found
        break
      }
    }
    lambdas = Array(candidates.prefix(fits.count))
    (self.fits, stopped) = (fits, reason)
    lambdaContext = problem.lambdaContext
    (self.model, self.solver) = (model, solver)
  }

  /// The lambdas of a grid for a problem; the solver stands at the first of an automatic one then.
  static func lambdas(
    _ model: GeneralizedLinearModel, _ solver: inout ProximalNewton, _ grid: LambdaGrid
  ) throws(LinearModelError) -> [Lambda] {
    let design = solver.problem.design
    // glmnet's convention where nothing is ever 0: the grid of a mixing of 0.001.
    // A little above, so that rounding lets nothing in at the first lambda.
    let largest = try model.largestL1(&solver) * (1 + 1e-13) / max(model.penalty.mixing, 1e-3)
    return try grid.lambdas(largest: largest, rows: design.rows.positiveCount, columns: design.columnCount)
  }
}

extension FamilyModel where Fit == GeneralizedLinearFit {
  /// Fits a whole path, from the largest lambda down, each fit starting from the one before.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas; that of the penalty is not used.
  ///   - stop: When to end early; never by default.
  /// - Throws: ``LinearModelError``.
  public func path(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), stop: PathStop = PathStop()
  ) throws(LinearModelError) -> GeneralizedPath {
    let model = general
    try model.settings.validate()
    let problem = try GeneralizedProblem(
      model.family, x, y, weights: weights, offsets: offsets, settings: model.settings, pool: .shared)
    return try GeneralizedPath(model, problem, grid, stop)
  }
}

extension GeneralizedLinearModel {
  /// The smallest l1 at which every penalised coefficient (or group) is 0, up to bounds: 2 max |u_j| / v_j, or
  /// 2 max ‖u_G‖ / weight_G, where only what has no penalty is fitted.
  func largestL1(_ solver: inout ProximalNewton) throws(LinearModelError) -> Double {
    let problem = solver.problem
    if let groups = try penalty.groups(settings) {
      // With a huge strength only the groups of weight 0 are fitted.
      _ = solver.fit(try GroupPenalty(groups, columns: problem.names.count, l1: 1e150))
      let u = solver.descent()
      let (members, weights) = try groups.resolved(columns: problem.names.count)
      return zip(members, weights).reduce(0) { largest, group in
        guard group.1 > 0 else { return largest }
        return max(largest, 2 * group.0.reduce(0) { $0 + u[$1] * u[$1] }.squareRoot() / group.1)
      }
    }
    _ = solver.fit(try BoxPenalty(problem, l1: 1e150, l2: 0, bounds: nil))
    let norms = problem.design.statistics.squaredNorms
    let size = problem.targetNorm
    return solver.descent().enumerated().reduce(0) { largest, entry in
      let (column, u) = entry
      // A column that the free ones determine is left with rounding errors.
      let noise = DualityBound.orthogonality * norms[column].squareRoot() * size
      guard problem.factors[column] > 0, u.magnitude > noise else { return largest }
      return max(largest, 2 * u.magnitude / problem.factors[column])
    }
  }
}
