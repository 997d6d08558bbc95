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
    let problem = try MultiResponseProblem(self, x, y, weights, offsets)
    let (l1, l2) = try penalty.parts(problem.lambdaContext)
    var solver = RowDescent(problem.problems, settings: settings, pool: .shared)
    return try fit(problem, &solver, l1: l1, l2: l2)
  }

  /// Fits with a strength on the scale ``LambdaScale/rss``, from where the solver has come to.
  func fit(
    _ problem: MultiResponseProblem, _ solver: inout RowDescent, l1: Double, l2: Double
  ) throws(LinearModelError) -> MultiResponseFit {
    l1 == 0 ? try ridge(problem.problems, l2, .shared) : solver.fit(l1: l1, l2: l2)
  }

  /// One factorisation for all targets.
  private func ridge(
    _ problems: [RegressionProblem], _ lambda: Double, _ pool: ThreadPool
  ) throws(LinearModelError) -> MultiResponseFit {
    let first = problems[0]
    let penalty = CoordinatePenalty(l1: 0, l2: lambda, factors: first.factors)
    func certified(_ fits: [(b: [Double], iterations: Int)], _ solver: SolverReport) -> MultiResponseFit {
      let separate = zip(problems, fits).map { problem, fit in
        problem.certifiedFit(
          fit.b, penalty, iterations: fit.iterations, tolerance: settings.tolerance, solver: solver, pool: pool)
      }
      return MultiResponseFit(separate: separate, tolerance: settings.tolerance)
    }
    func solved(_ system: (some RidgeSystem)?, _ solver: LinearSolver) -> MultiResponseFit? {
      guard var system else { return nil }
      let fits = problems.map { problem -> (b: [Double], iterations: Int) in
        system.problem = problem
        let (b, refinements) = system.solve(pool: pool)
        return (b, 1 + refinements)
      }
      return certified(fits, SolverReport(solver: solver, reciprocalCondition: system.reciprocalCondition))
    }
    var direct: MultiResponseFit?
    if lambda > 0 {
      direct =
        first.design.columnCount <= first.design.rowCount
        ? solved(
          try RidgePrimalCholesky(first, curvatures: first.factors.map { $0 * lambda }, pool: pool), .choleskyPrimal)
        : solved(try RidgeDualCholesky(first, lambda: lambda, pool: pool), .choleskyDual)
    }
    if let direct, direct.isCertified { return direct }
    let spectrum = try RidgeSpectrum(first, singularValues: true, pool: pool)
    let fit = certified(
      problems.map { (spectrum.coefficients(lambda, of: $0, pool: pool), 2) },
      SolverReport(solver: spectrum.solver, reciprocalCondition: spectrum.reciprocalCondition(lambda)))
    if let direct, !fit.isCertified, direct.certificate.dualityGap < fit.certificate.dualityGap { return direct }
    return fit
  }
}

/// A factorised ridge system whose target can change.
private protocol RidgeSystem {
  var problem: RegressionProblem { get set }
  var reciprocalCondition: Double { get }
  func solve(pool: ThreadPool) -> (coefficients: [Double], refinements: Int)
}

extension RidgePrimalCholesky: RidgeSystem {}
extension RidgeDualCholesky: RidgeSystem {}

/// A validated problem of several targets, which share one standardisation.
struct MultiResponseProblem: Sendable {
  /// One for each target.
  let problems: [RegressionProblem]
  /// What conversions of lambda depend on.
  let lambdaContext: LambdaContext

  init(
    _ model: MultiResponseModel, _ x: DesignMatrix, _ y: Matrix<Double>, _ weights: [Double]?,
    _ offsets: Matrix<Double>?
  ) throws(LinearModelError) {
    let settings = model.settings
    try settings.validate()
    guard settings.bounds == nil else { throw .unsupported("bounds of the coefficients with several responses") }
    if case .groupLasso = model.penalty { throw .unsupported("the group lasso with several responses") }
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
    let first = try RegressionProblem(
      x, column(y, 0), weights: weights, offsets: offsets.map { column($0, 0) }, settings: settings, pool: .shared)
    var problems = [first]
    for response in 1..<max(y.columns, 1) {
      problems.append(
        try RegressionProblem(first, column(y, response), offsets: offsets.map { column($0, response) }))
    }
    self.problems = problems
    // glmnet's L2 is divided by the deviation of the target, of which there are several here.
    lambdaContext = LambdaContext(
      observations: first.lambdaContext.observations, targetDeviation: y.columns == 1 ? first.targetDeviation : 0,
      standardisation: settings.standardisation, rows: first.lambdaContext.rows)
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
