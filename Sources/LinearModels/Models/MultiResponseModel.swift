public import BLAS

/// Linear regression of several targets on the same inputs, `RSS + λ · penalty` summed over the targets.
///
/// ```swift
/// let fit = try MultiResponseModel(.lasso(10)).fit(x, y)       // y: n x responses
/// fit.coefficients[2]["age"]; fit.certificate
/// ```
///
/// - ``RegressionPenalty/none`` and ``RegressionPenalty/ridge(_:)`` (λ Σ v_j β_jk²) separate into one ridge regression for
///   each target, which share one standardisation and one factorisation.
/// - ``RegressionPenalty/lasso(_:)`` is the multi-task lasso, λ Σ_j v_j ‖β_j‖ with the Euclidean norm over the targets, so
///   that a column is in for all of them or for none (Obozinski, Taskar and Jordan, Statistics and Computing 20, 2010), and
///   ``RegressionPenalty/elasticNet(_:mixing:)`` has a ridge part beside it. With one target they are the lasso and the
///   elastic net. scikit-learn's `MultiTaskLasso` and glmnet's `mgaussian` minimise the same, at λ/(2n).
/// - ``RegressionPenalty/groupLasso(_:_:)`` and bounds are refused.
public struct MultiResponseModel: Sendable {
  /// What is added to the residual sum of squares.
  public var penalty: RegressionPenalty
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(_ penalty: RegressionPenalty = .none, settings: RegressionSettings = RegressionSettings()) {
    (self.penalty, self.settings) = (penalty, settings)
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: n x T targets.
  ///   - weights: The observation weights, not negative; all 1 by default.
  ///   - offsets: Known parts of the targets, n x T; none by default.
  /// - Throws: ``LinearModelError``.
  public func fit(
    _ x: DesignMatrix, _ y: Matrix<Double>, weights: [Double]? = nil, offsets: Matrix<Double>? = nil
  ) throws(LinearModelError) -> MultiResponseFit {
    try settings.validate()
    guard settings.bounds == nil else { throw .unsupported("bounds of the coefficients with several responses") }
    if case .groupLasso = penalty { throw .unsupported("the group lasso with several responses") }
    guard y.rows == x.rows else { throw .wrongLength(of: "the rows of the targets", expected: x.rows, found: y.rows) }
    guard y.columns > 0 else {
      throw .invalidParameter(name: "the number of responses", expected: "at least 1", found: 0)
    }
    if let offsets, offsets.rows != y.rows || offsets.columns != y.columns {
      throw .wrongLength(
        of: "the offsets", expected: y.rows * y.columns, found: offsets.rows * offsets.columns)
    }
    func column(_ matrix: Matrix<Double>, _ response: Int) -> [Double] {
      (0..<matrix.rows).map { matrix[$0, response] }
    }
    let pool = ThreadPool.shared
    let first = try RegressionProblem(
      x, column(y, 0), weights: weights, offsets: offsets.map { column($0, 0) }, settings: settings, pool: pool)
    var problems = [first]
    for response in 1..<max(y.columns, 1) {
      problems.append(
        try RegressionProblem(first, column(y, response), offsets: offsets.map { column($0, response) }))
    }
    // glmnet's L2 is divided by the deviation of the target, of which there are several here.
    let context = LambdaContext(
      observations: first.lambdaContext.observations, targetDeviation: y.columns == 1 ? first.targetDeviation : 0,
      standardisation: settings.standardisation, rows: first.lambdaContext.rows)
    let (l1, l2) = try penalty.parts(context)
    if l1 == 0 { return try ridge(problems, l2, pool) }
    var solver = RowDescent(problems, settings: settings, pool: pool)
    return solver.fit(l1: l1, l2: l2)
  }

  /// One factorisation for all targets.
  private func ridge(
    _ problems: [RegressionProblem], _ lambda: Double, _ pool: ThreadPool
  ) throws(LinearModelError) -> MultiResponseFit {
    let first = problems[0]
    let penalty = CoordinatePenalty(l1: 0, l2: lambda, factors: first.factors)
    func certified(_ fits: [([Double], Int)], _ solver: SolverReport) -> MultiResponseFit {
      var separate: [LinearFit] = []
      for (problem, (b, iterations)) in zip(problems, fits) {
        separate.append(
          problem.certifiedFit(
            b, penalty, iterations: iterations, tolerance: settings.tolerance, solver: solver, pool: pool))
      }
      return MultiResponseFit(separate: separate, tolerance: settings.tolerance)
    }
    var direct: MultiResponseFit?
    if lambda > 0, first.design.columnCount <= first.design.rowCount {
      let curvatures = first.factors.map { $0 * lambda }
      if var system = try RidgePrimalCholesky(first, curvatures: curvatures, pool: pool) {
        let fits = problems.map { (problem: RegressionProblem) -> ([Double], Int) in
          system.problem = problem
          let (b, refinements) = system.solve(pool: pool)
          return (b, 1 + refinements)
        }
        direct = certified(
          fits, SolverReport(solver: .choleskyPrimal, reciprocalCondition: system.reciprocalCondition))
      }
    } else if lambda > 0, var system = try RidgeDualCholesky(first, lambda: lambda, pool: pool) {
      let fits = problems.map { (problem: RegressionProblem) -> ([Double], Int) in
        system.problem = problem
        let (b, refinements) = system.solve(pool: pool)
        return (b, 1 + refinements)
      }
      direct = certified(fits, SolverReport(solver: .choleskyDual, reciprocalCondition: system.reciprocalCondition))
    }
    if let direct, direct.isCertified { return direct }
    let spectrum = try RidgeSpectrum(first, singularValues: true, pool: pool)
    let fits = problems.map { problem -> ([Double], Int) in (spectrum.coefficients(lambda, of: problem, pool: pool), 2)
    }
    let fit = certified(
      fits, SolverReport(solver: spectrum.solver, reciprocalCondition: spectrum.reciprocalCondition(lambda)))
    if let direct, !fit.isCertified, direct.certificate.dualityGap < fit.certificate.dualityGap { return direct }
    return fit
  }
}

/// Ridge regression of several targets from one factorisation; see ``MultiResponseModel``.
public struct MultiResponseRidge: Sendable {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, settings: RegressionSettings = RegressionSettings()) {
    (self.lambda, self.settings) = (lambda, settings)
  }

  /// Fits the model; see ``MultiResponseModel/fit(_:_:weights:offsets:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func fit(
    _ x: DesignMatrix, _ y: Matrix<Double>, weights: [Double]? = nil, offsets: Matrix<Double>? = nil
  ) throws(LinearModelError) -> MultiResponseFit {
    try MultiResponseModel(.ridge(lambda), settings: settings).fit(x, y, weights: weights, offsets: offsets)
  }
}

/// The multi-task lasso, `RSS + λ Σ_j v_j ‖β_j‖` over several targets; see ``MultiResponseModel``.
public struct MultiTaskLasso: Sendable {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// Standardisation, intercept, penalty factors, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, settings: RegressionSettings = RegressionSettings()) {
    (self.lambda, self.settings) = (lambda, settings)
  }

  /// Fits the model; see ``MultiResponseModel/fit(_:_:weights:offsets:)``.
  ///
  /// - Throws: ``LinearModelError``.
  public func fit(
    _ x: DesignMatrix, _ y: Matrix<Double>, weights: [Double]? = nil, offsets: Matrix<Double>? = nil
  ) throws(LinearModelError) -> MultiResponseFit {
    try MultiResponseModel(.lasso(lambda), settings: settings).fit(x, y, weights: weights, offsets: offsets)
  }
}
