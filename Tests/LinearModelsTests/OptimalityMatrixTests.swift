import BLAS
import LinearModels
import Testing

/// Every datafit with every penalty, dense or sparse, weighted or not, with an intercept or not: the optimality conditions of
/// what comes back are checked on the original data by an oracle of its own, and a combination that is not supported must be
/// refused by name.
@Suite struct OptimalityMatrixTests {
  /// A fit that claims to be optimal for a cell.
  struct Claim {
    let coefficients: [Double]
    let intercept: Double
    let deviance: Double
    let certificate: Certificate
    var cell: Cell
    /// The columns that it is a fit of; nil for all of them.
    var columns: [Int]?

    init(_ fit: LinearFit, _ cell: Cell) {
      (coefficients, intercept, deviance) = (fit.coefficients.values, fit.intercept, fit.rss)
      (certificate, self.cell) = (fit.certificate, cell)
    }

    init(_ fit: GeneralizedLinearFit, _ cell: Cell, columns: [Int]? = nil) {
      (coefficients, intercept, deviance) = (fit.coefficients.values, fit.intercept, fit.deviance)
      (certificate, self.cell, self.columns) = (fit.certificate, cell, columns)
    }
  }

  private func fit(
    _ datafit: Datafit, _ cell: Cell, _ settings: RegressionSettings, _ x: DesignMatrix, _ y: [Double],
    _ weights: [Double]?, _ offsets: [Double]?
  ) throws -> [Claim] {
    let lambda = Lambda.rss(cell.lambda)
    switch cell.steps {
    case .one: break
    case .adaptive:
      let fit = try AdaptiveLasso(lambda: lambda, pilot: .ridge(lambda), family: datafit.family, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
      var (pilot, second) = (cell, cell)
      pilot.mixing = 0
      second.factors = fit.pilot.standardizedCoefficients.values.map { 1 / abs($0) }
      return [Claim(fit.pilot, pilot), Claim(fit.fit, second)]
    case .relaxed:
      let fit = try RelaxedLasso(lambda: lambda, blend: 0.5, family: datafit.family, settings: settings)
        .fit(x, y, weights: weights, offsets: offsets)
      return [Claim(fit.lasso, cell), Claim(fit.refit, Cell(), columns: fit.lasso.coefficients.support)]
    }
    if datafit == .squared, let groups = cell.groups {
      let model = GroupLasso(lambda: lambda, groups: groups, settings: settings)
      return [Claim(try model.fit(x, y, weights: weights, offsets: offsets), cell)]
    }
    if datafit == .squared {
      let fit: LinearFit
      if cell.mixing == 1 {
        fit = try Lasso(lambda: lambda, settings: settings).fit(x, y, weights: weights, offsets: offsets)
      } else if cell.mixing == 0 {
        fit = try Ridge(lambda: lambda, settings: settings).fit(x, y, weights: weights, offsets: offsets)
      } else {
        fit = try ElasticNet(lambda: lambda, mixing: cell.mixing, settings: settings)
          .fit(x, y, weights: weights, offsets: offsets)
      }
      return [Claim(fit, cell)]
    }
    let model = GeneralizedLinearModel(datafit.family, penalty: Self.penalty(cell), settings: settings)
    return [Claim(try model.fit(x, y, weights: weights, offsets: offsets), cell)]
  }

  private static func penalty(_ cell: Cell) -> RegressionPenalty {
    let lambda = Lambda.rss(cell.lambda)
    if let groups = cell.groups { return .groupLasso(lambda, groups) }
    if cell.lambda == 0 { return .none }
    if cell.mixing == 1 { return .lasso(lambda) }
    return cell.mixing == 0 ? .ridge(lambda) : .elasticNet(lambda, mixing: cell.mixing)
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
      if datafit == .severalResponses {
        // The models in two steps take one target: there is no way to write them with several.
        if cell.steps != .one { continue }
        try severalResponses(problem, y, x, cell, settings, weights, offsets, intercept, scale, comment)
        continue
      }
      if let refusal = cell.refusal {
        try expectRefusal(refusal, comment) { _ = try fit(datafit, cell, settings, x, y, weights, offsets) }
        continue
      }
      for claim in try fit(datafit, cell, settings, x, y, weights, offsets) {
        guard let columns = claim.columns else {
          check(claim, naive, scale: scale, comment)
          continue
        }
        let selected = Matrix(
          rows: y.count, columns: columns.count,
          elements: y.indices.flatMap { row in columns.map { problem.x[row, $0] } })
        let restricted = NaiveProblem(
          datafit.family, selected, y, weights: weights, offsets: offsets, intercept: intercept)
        #expect(!columns.isEmpty, comment)
        check(claim, restricted, scale: scale, comment)
      }
    }
    #expect(visited == 8)
  }

  private func expectRefusal(_ word: String, _ comment: Comment, _ body: () throws -> Void) throws {
    do {
      try body()
      Issue.record("not refused: \(comment.rawValue)")
    } catch let error as LinearModelError {
      guard case .unsupported = error else { throw error }
      #expect(error.description.contains(word), comment)
    }
  }

  private func check(_ found: Claim, _ naive: NaiveProblem, scale: Double, _ comment: Comment) {
    let cell = found.cell
    #expect(found.certificate.isCertified, "\(comment.rawValue): \(found.certificate)")
    let beta = found.coefficients
    let b = naive.standardise(beta)
    var penalty = NaivePenalty(
      found.coefficients.count, l1: cell.lambda * cell.mixing, l2: cell.lambda * (1 - cell.mixing),
      factors: cell.factors)
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

  /// Three targets: the conditions of every row of coefficients, the objective as a sum.
  private func severalResponses(
    _ problem: TestProblem, _ y: [Double], _ x: DesignMatrix, _ cell: Cell, _ settings: RegressionSettings,
    _ weights: [Double]?, _ offsets: [Double]?, _ intercept: Bool, _ scale: Double, _ comment: Comment
  ) throws {
    let targets = [y, target(.gaussian, problem, seed: 63), zip(y, problem.y).map { 0.5 * $0 - 0.1 * $1 }]
    let shifts = offsets ?? [Double](repeating: 0, count: y.count)
    func matrix(_ columns: [[Double]]) -> Matrix<Double> {
      Matrix(rows: y.count, columns: 3, elements: y.indices.flatMap { row in columns.map { $0[row] } })
    }
    func fit() throws -> MultiResponseFit {
      try MultiResponseModel(Self.penalty(cell), settings: settings).fit(
        x, matrix(targets), weights: weights, offsets: offsets.map { matrix([$0, $0, $0]) })
    }
    if let refusal = cell.refusalOfSeveralResponses {
      try expectRefusal(refusal, comment) { _ = try fit() }
      return
    }
    let found = try fit()
    #expect(found.isCertified, "\(comment.rawValue): \(found.certificate)")
    let naives = targets.map {
      NaiveProblem(.gaussian, problem.x, $0, weights: weights, offsets: shifts, intercept: intercept)
    }
    let b = zip(naives, found.coefficients).map { $0.standardise($1.values) }
    var (scores, primal): ([[Double]], Double) = ([], 0)
    for (k, naive) in naives.enumerated() {
      let residuals = naive.residuals(found.coefficients[k].values, found.intercepts[k])
      scores.append(naive.scores(residuals))
      let half = naive.halfDeviance(found.coefficients[k].values, found.intercepts[k])
      #expect(close(2 * half, found.rss[k], 1e-9), comment)
      primal += half
      let sum = zip(naive.weights, residuals).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(intercept ? abs(sum) < 1e-8 * scale : found.intercepts[k] == 0, comment)
    }
    var (worstRow, worst) = (0.0, 0.0)
    for j in 0..<Self.p {
      let factor = cell.factors?[j] ?? 1
      let (alpha, beta) = (0.5 * cell.lambda * cell.mixing * factor, cell.lambda * (1 - cell.mixing) * factor)
      let row = b.map { $0[j] }
      let size = squares(row).squareRoot()
      let smooth = zip(scores, row).map { $0[j] - beta * $1 }
      primal += alpha * size + 0.5 * beta * size * size
      worst = max(worst, smooth.map(abs).max()!)
      if size == 0 {
        worstRow = max(worstRow, squares(smooth).squareRoot() - alpha)
      } else {
        worstRow = max(worstRow, squares(zip(smooth, row).map { $0 - alpha * $1 / size }).squareRoot())
      }
    }
    // Without an L1 part every response is a problem of its own.
    if cell.lambda == 0 || cell.mixing == 0 { worstRow = worst }
    #expect(worstRow < 1e-5 * scale, "\(comment.rawValue): violation \(worstRow) of \(scale)")
    #expect(abs(2 * worstRow - found.certificate.kktViolation) < 1e-8 * scale, comment)
    #expect(close(primal, found.certificate.primal, 1e-9), comment)
    for column in found.certificate.provedZero.columns { #expect(b.allSatisfy { $0[column] == 0 }, comment) }
  }
}
