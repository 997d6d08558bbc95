import LinearModels

/// The cells of the matrix: datafits, penalties, and what each penalty is in numbers.
extension OptimalityMatrixTests {
  enum Datafit: String, CaseIterable, Sendable {
    /// The models of the squared loss with solvers of their own.
    case squared
    /// The squared loss as a family.
    case gaussian, binomial, poisson
    /// The squared loss of three targets.
    case severalResponses

    var family: Family { Family(rawValue: rawValue) ?? .gaussian }
  }

  enum Penalty: String, CaseIterable, Sendable {
    case none, ridge, lasso, elasticNet, penaltyFactors, freeColumns
    case nonNegative, nonNegativeLasso, boxedLasso, boxedRidge, boxedElasticNet, boxWithoutZero, halfOpen
    case group, weightedGroup, groupWithFactors, groupWithBounds
    /// Penalties in two steps; each step is checked.
    case adaptive, relaxed
  }

  struct Cell {
    var lambda = 0.0
    var mixing = 1.0
    var factors: [Double]?
    var bounds: (lower: [Double], upper: [Double])?
    var groups: ColumnGroups?
    /// A word of the refusal; nil where the cell is supported.
    var refusal: String?
    var steps: Steps = .one

    enum Steps { case one, adaptive, relaxed }

    /// Why there is no way to write the cell with several targets, or a word of its refusal.
    var refusalOfSeveralResponses: String? { bounds != nil ? "bounds" : (groups != nil ? "group lasso" : nil) }
  }

  static let p = 9

  /// - Parameter scale: The largest score of the null model, in half scale.
  static func cell(_ penalty: Penalty, scale: Double) -> Cell {
    var cell = Cell(lambda: 0.2 * scale)
    func bounds(_ lower: Double, _ upper: Double) -> (lower: [Double], upper: [Double]) {
      ([Double](repeating: lower, count: p), [Double](repeating: upper, count: p))
    }
    let assignment = [0, 0, 0, 1, 2, 2, 1, 3, 3]
    switch penalty {
    case .none: cell.lambda = 0
    case .ridge: (cell.lambda, cell.mixing) = (0.1 * scale, 0)
    case .lasso: break
    case .elasticNet: cell.mixing = 0.6
    case .penaltyFactors: (cell.factors, cell.mixing) = ([1, 2, 0.5, 1, 3, 1, 0.1, 1, 1], 0.8)
    case .freeColumns: cell.factors = [0, 1, 1, 0, 1, 1, 1, 2, 1]
    case .nonNegative: (cell.lambda, cell.bounds) = (0, bounds(0, .infinity))
    case .nonNegativeLasso: cell.bounds = bounds(0, .infinity)
    case .boxedLasso: cell.bounds = bounds(-0.05, 0.08)
    case .boxedRidge: (cell.mixing, cell.bounds) = (0, bounds(-0.05, 0.08))
    case .boxedElasticNet: (cell.mixing, cell.bounds) = (0.5, bounds(-.infinity, 0.08))
    case .boxWithoutZero:
      cell.bounds = bounds(-0.2, 0.2)
      (cell.bounds!.lower[1], cell.bounds!.upper[4], cell.bounds!.lower[7], cell.bounds!.upper[7]) = (
        0.05, -0.02, 0.1, 0.1
      )
    case .halfOpen:
      cell.bounds = bounds(-.infinity, .infinity)
      (cell.bounds!.lower[0], cell.bounds!.upper[1], cell.bounds!.lower[3]) = (0.1, 0, -0.01)
    case .group: cell.groups = ColumnGroups(assignment)
    case .weightedGroup: cell.groups = ColumnGroups(assignment, weights: [1, 0.5, 2, 0])
    case .groupWithFactors:
      (cell.groups, cell.factors) = (ColumnGroups(assignment), [Double](repeating: 2, count: p))
      cell.refusal = "penalty factors"
    case .groupWithBounds:
      (cell.groups, cell.bounds, cell.refusal) = (ColumnGroups(assignment), bounds(0, 1), "bounds")
    case .adaptive: (cell.lambda, cell.steps) = (0.02 * scale, .adaptive)
    case .relaxed: cell.steps = .relaxed
    }
    return cell
  }
}
