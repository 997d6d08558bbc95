import BLAS
import LinearModels
import Testing

/// Every datafit with every penalty, dense or sparse, weighted or not, with an intercept or not: the optimality conditions of
/// what comes back are checked on the original data by an oracle of its own, and a combination that is not supported must be
/// refused by name.
@Suite struct OptimalityMatrixTests {
  enum Datafit: String, CaseIterable, Sendable {
    /// The models of the squared loss with solvers of their own.
    case squared
    /// The squared loss as a family.
    case gaussian, binomial, poisson

    var family: Family { Family(rawValue: rawValue) ?? .gaussian }
  }

  enum Penalty: String, CaseIterable, Sendable {
    case none, ridge, lasso, elasticNet, penaltyFactors, freeColumns
    case nonNegative, nonNegativeLasso, boxedLasso, boxedRidge, boxedElasticNet, boxWithoutZero, halfOpen
    case group, weightedGroup, groupWithFactors, groupWithBounds
  }

  struct Cell {
    var lambda = 0.0
    var mixing = 1.0
    var factors: [Double]?
    var bounds: (lower: [Double], upper: [Double])?
    var groups: ColumnGroups?
    /// A word of the refusal; nil where the cell is supported.
    var refusal: String?
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
    }
    return cell
  }

  struct Result {
    let coefficients: [Double]
    let intercept: Double
    let deviance: Double
    let certificate: Certificate
  }

  private func fit(
    _ datafit: Datafit, _ cell: Cell, _ settings: RegressionSettings, _ x: DesignMatrix, _ y: [Double],
    _ weights: [Double]?, _ offsets: [Double]?
  ) throws -> Result {
    let lambda = Lambda.rss(cell.lambda)
    if datafit == .squared, cell.groups == nil {
      let fit: LinearFit
      if cell.mixing == 1 {
        fit = try Lasso(lambda: lambda, settings: settings).fit(x, y, weights: weights, offsets: offsets)
      } else if cell.mixing == 0 {
        fit = try Ridge(lambda: lambda, settings: settings).fit(x, y, weights: weights, offsets: offsets)
      } else {
        fit = try ElasticNet(lambda: lambda, mixing: cell.mixing, settings: settings)
          .fit(x, y, weights: weights, offsets: offsets)
      }
      return Result(
        coefficients: fit.coefficients.values, intercept: fit.intercept, deviance: fit.rss,
        certificate: fit.certificate)
    }
    let fit: GeneralizedLinearFit
    if datafit == .squared, let groups = cell.groups {
      fit = try GroupLasso(lambda: lambda, groups: groups, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
    } else {
      let penalty: RegressionPenalty
      if let groups = cell.groups {
        penalty = .groupLasso(lambda, groups)
      } else if cell.lambda == 0 {
        penalty = .none
      } else if cell.mixing == 1 {
        penalty = .lasso(lambda)
      } else {
        penalty = cell.mixing == 0 ? .ridge(lambda) : .elasticNet(lambda, mixing: cell.mixing)
      }
      fit = try GeneralizedLinearModel(datafit.family, penalty: penalty, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
    }
    return Result(
      coefficients: fit.coefficients.values, intercept: fit.intercept, deviance: fit.deviance,
      certificate: fit.certificate)
  }

  @Test(arguments: Datafit.allCases, Penalty.allCases)
  func optimality(_ datafit: Datafit, _ penalty: Penalty) throws {
    let problem = TestProblem(70, Self.p, seed: 61, density: 0.8)
    let y = target(datafit.family, problem, seed: 62)
    var visited = 0
    for (isSparse, isWeighted, intercept) in [
      (false, false, false), (false, false, true), (false, true, false), (false, true, true), (true, false, false),
      (true, false, true), (true, true, false), (true, true, true),
    ] {
      visited += 1
      let weights = isWeighted ? problem.weights.enumerated().map { $0 % 11 == 3 ? 0 : $1 } : nil
      let offsets = isWeighted ? problem.offsets.map { 0.3 * $0 } : nil
      let naive = NaiveProblem(datafit.family, problem.x, y, weights: weights, offsets: offsets, intercept: intercept)
      let zero = [Double](repeating: 0, count: Self.p)
      let scale = naive.scores(naive.residuals(zero, intercept ? naive.standardised.targetMean * 0.1 : 0)).map(abs)
        .max()!
      let cell = Self.cell(penalty, scale: scale)
      let comment = Comment(
        rawValue: "\(datafit), \(penalty), sparse \(isSparse), weighted \(isWeighted), intercept \(intercept)")
      let settings = RegressionSettings(
        intercept: intercept, penaltyFactors: cell.factors,
        bounds: cell.bounds.map { .each(lower: $0.lower, upper: $0.upper) }, tolerance: 1e-10)
      let x = isSparse ? try problem.sparse : try problem.dense
      if let refusal = cell.refusal {
        do {
          _ = try fit(datafit, cell, settings, x, y, weights, offsets)
          Issue.record("not refused: \(comment.rawValue)")
        } catch let error as LinearModelError {
          guard case .unsupported = error else { throw error }
          #expect(error.description.contains(refusal), comment)
        }
        continue
      }
      let found = try fit(datafit, cell, settings, x, y, weights, offsets)
      check(found, cell, naive, scale: scale, comment)
    }
    #expect(visited == 8)
  }

  private func check(_ found: Result, _ cell: Cell, _ naive: NaiveProblem, scale: Double, _ comment: Comment) {
    #expect(found.certificate.isCertified, "\(comment.rawValue): \(found.certificate)")
    let beta = found.coefficients
    let b = naive.standardise(beta)
    var penalty = NaivePenalty(
      Self.p, l1: cell.lambda * cell.mixing, l2: cell.lambda * (1 - cell.mixing), factors: cell.factors)
    if let bounds = cell.bounds {
      penalty.lower = zip(bounds.lower, naive.standardised.scales).map { $0 * $1 }
      penalty.upper = zip(bounds.upper, naive.standardised.scales).map { $0 * $1 }
      for j in beta.indices { #expect(beta[j] >= bounds.lower[j] && beta[j] <= bounds.upper[j], comment) }
    }
    if let groups = cell.groups {
      for group in 0...groups.assignment.max()! {
        let columns = groups.assignment.indices.filter { groups.assignment[$0] == group }
        penalty.groups.append(columns)
        let weight = groups.weights?[group] ?? Double(columns.count).squareRoot()
        penalty.groupAlpha.append(0.5 * cell.lambda * weight)
      }
    }
    let residuals = naive.residuals(beta, found.intercept)
    if naive.intercept {
      let sum = zip(naive.weights, residuals).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(sum) < 1e-9 * scale, "\(comment.rawValue): the intercept's score is \(sum)")
    } else {
      #expect(found.intercept == 0, comment)
    }
    let steepest = penalty.steepestDescent(
      b, naive.scores(residuals), atLower: { beta[$0] == cell.bounds?.lower[$0] },
      atUpper: { beta[$0] == cell.bounds?.upper[$0] })
    #expect(steepest < 1e-5 * scale, "\(comment.rawValue): violation \(steepest) of \(scale)")
    #expect(abs(2 * steepest - found.certificate.kktViolation) < 1e-8 * scale, "\(comment.rawValue): \(steepest)")
    let half = naive.halfDeviance(beta, found.intercept)
    #expect(close(2 * half, found.deviance, 1e-9), comment)
    #expect(close(half + penalty.value(b), found.certificate.primal, 1e-9), comment)
    let rounding = 1e-14 * (found.certificate.primal + found.certificate.reference)
    #expect(found.certificate.dual <= found.certificate.primal + rounding, comment)
    for column in found.certificate.provedZero.columns { #expect(beta[column] == 0, comment) }
  }
}
