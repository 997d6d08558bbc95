/// What is added to the deviance, on standardised inputs and with the penalty factors v_j of the settings.
public enum RegressionPenalty: Sendable, Hashable {
  /// Nothing: maximum likelihood.
  case none
  /// λ Σ v_j β_j².
  case ridge(Lambda)
  /// λ Σ v_j |β_j|.
  case lasso(Lambda)
  /// Σ v_j (l1 |β_j| + l2 β_j²) with l1 = λ m and l2 = λ (1 − m); see ``ElasticNet``.
  case elasticNet(Lambda, mixing: Double)
  /// λ Σ_G weight_G ‖β_G‖ over groups of columns, which are standardised but not made orthonormal within their group.
  case groupLasso(Lambda, ColumnGroups)

  /// The share of the L1 norm.
  var mixing: Double {
    switch self {
    case .none, .ridge: 0
    case .lasso, .groupLasso: 1
    case .elasticNet(_, let mixing): mixing
    }
  }

  /// The strength; 0 for no penalty.
  var lambda: Lambda {
    switch self {
    case .none: 0
    case .ridge(let lambda), .lasso(let lambda), .elasticNet(let lambda, _), .groupLasso(let lambda, _): lambda
    }
  }

  /// The same kind of penalty with another strength.
  func with(_ lambda: Lambda) -> RegressionPenalty {
    switch self {
    case .none: .none
    case .ridge: .ridge(lambda)
    case .lasso: .lasso(lambda)
    case .elasticNet(_, let mixing): .elasticNet(lambda, mixing: mixing)
    case .groupLasso(_, let groups): .groupLasso(lambda, groups)
    }
  }

  /// The groups of a group lasso, which has neither penalty factors nor bounds.
  func groups(_ settings: RegressionSettings) throws(LinearModelError) -> ColumnGroups? {
    guard case .groupLasso(_, let groups) = self else { return nil }
    guard settings.penaltyFactors == nil else {
      throw .unsupported("penalty factors of single columns with the group lasso; its groups have weights")
    }
    guard settings.bounds == nil else { throw .unsupported("bounds of the coefficients with the group lasso") }
    return groups
  }

  /// l1 and l2 on the scale ``LambdaScale/rss``.
  func parts(_ context: LambdaContext) throws(LinearModelError) -> (l1: Double, l2: Double) {
    try ElasticNet(lambda: lambda, mixing: mixing).parts(lambda, context)
  }
}

extension BoxPenalty {
  /// The penalty of a problem, its bounds brought to the standardised scale.
  init(
    _ problem: GeneralizedProblem, l1: Double, l2: Double, bounds: CoefficientBounds?
  ) throws(LinearModelError) {
    penalty = CoordinatePenalty(l1: l1, l2: l2, factors: problem.factors)
    guard let bounds else {
      (lower, upper) = (nil, nil)
      return
    }
    let (low, high) = try bounds.values(problem.names)
    let scales = problem.design.statistics.scales
    lower = zip(low, scales).map { $0 * $1 }
    upper = zip(high, scales).map { $0 * $1 }
  }
}
