import BLAS
import Tensors
import Testing

@testable import LinearModels

@Suite struct FenchelBoundTests {
  let problem = TestProblem(24, 6, seed: 71, density: 0.8)
  let columns = 6

  /// A naive penalty, and the same one of the package.
  private func penalties(
    _ kind: String, _ general: GeneralizedProblem, _ naive: NaiveProblem
  ) throws -> (NaivePenalty, any ProximalPenalty) {
    let factors: [Double] = [1, 2, 0.5, 1, 1, 3]
    var plain = NaivePenalty(columns, l1: 4, l2: kind == "lasso" || kind == "box" ? 0 : 1.5, factors: factors)
    if kind == "group" {
      let groups = ColumnGroups([0, 1, 1, 0, 2, 2], weights: [1, 2, 0.7])
      plain.groups = [[0, 3], [1, 2], [4, 5]]
      plain.groupAlpha = [2, 4, 1.4]
      return (plain, try GroupPenalty(groups, columns: columns, l1: 4))
    }
    if kind.hasSuffix("box") {
      let bounds = CoefficientBounds.each(
        lower: [-0.2, 0, -.infinity, 0.1, -1, -0.1], upper: [0.3, .infinity, 0.1, 0.4, -0.2, 0.1])
      let (low, high) = try bounds.values(general.names)
      plain.lower = zip(low, naive.standardised.scales).map { $0 * $1 }
      plain.upper = zip(high, naive.standardised.scales).map { $0 * $1 }
      let l2 = kind == "box" ? 0 : 1.5
      return (plain, try BoxPenalty(problem: general, l1: 4, l2: l2, factors: factors, bounds: bounds))
    }
    return (
      plain,
      try BoxPenalty(problem: general, l1: 4, l2: kind == "lasso" ? 0 : 1.5, factors: factors, bounds: nil)
    )
  }

  /// At random coefficients the primal is its definition, the dual is that of its point by the definition of every conjugate,
  /// and no dual lies above any primal.
  @Test(arguments: Family.allCases, ["lasso", "elasticNet", "box", "curvedbox", "group"])
  func weakDuality(_ family: Family, _ kind: String) throws {
    let y = target(family, problem, seed: 72)
    for (weights, intercept) in [(nil, true), (problem.weights, true), (problem.weights, false)] {
      let offsets = problem.offsets.map { 0.3 * $0 }
      let general = try GeneralizedProblem(
        family, problem.dense, y, weights: weights, offsets: offsets,
        settings: RegressionSettings(intercept: intercept), pool: .shared)
      let naive = NaiveProblem(family, problem.x, y, weights: weights, offsets: offsets, intercept: intercept)
      let (plain, penalty) = try penalties(kind, general, naive)
      var solver = ProximalNewton(general, settings: RegressionSettings(tolerance: 1e-12), pool: .shared)
      let optimum = solver.fit(penalty)
      let comment = Comment(rawValue: "\(family), \(kind), weighted \(weights != nil), intercept \(intercept)")
      #expect(optimum.certificate.isCertified, "\(comment.rawValue): \(optimum.certificate)")
      var random = RandomGenerator(seed: 73)
      var largest = -Double.infinity
      for trial in 0..<100 {
        let size = [0.001, 0.03, 0.2, 1][trial % 4]
        var b = (0..<columns).map { optimum.coefficients[$0] + (random.uniform() < 0.3 ? 0 : size * random.normal()) }
        b = penalty.start(b)
        let margins = general.margins(Array(b.indices), b)
        let constant = general.optimalIntercept(margins, from: 0)
        let point = general.point(margins, constant)
        let u = general.design.correlations(point.residual, pool: .shared)
        let bound = FenchelBound(general, penalty, point, margins: margins, intercept: constant, b, u)
        let beta = zip(b, naive.standardised.scales).map { $0 / $1 }
        let original = general.design.statistics.intercept(
          Coefficients(names: general.names, values: beta), targetMean: constant + general.targetShift)
        let residuals = naive.residuals(beta, original)
        let primal = naive.halfDeviance(beta, original) + plain.value(b)
        #expect(close(bound.primal, primal, 1e-10), comment)
        #expect(close(0.5 * bound.kktViolation, violation(plain, b, naive.scores(residuals)), 1e-8), comment)
        let theta = residuals.map { bound.scaling * $0 }
        let dual = naive.dual(theta) - plain.conjugate(naive.scores(theta))
        #expect(close(bound.dual, dual, 1e-9), "\(comment.rawValue): \(bound.dual) and \(dual), s \(bound.scaling)")
        #expect(bound.dual <= optimum.certificate.primal * (1 + 1e-12) + 1e-12, comment)
        largest = max(largest, bound.dual)
        // The sphere proves only what is true.
        for column in bound.provedZero(general, penalty, u).columns {
          #expect(optimum.coefficients[column] == 0 && family != .poisson, comment)
        }
      }
      #expect(largest > -.infinity)
      #expect(close(optimum.certificate.primal, optimum.certificate.dual, 1e-10), comment)
      if family == .poisson { #expect(optimum.certificate.provedZero.count == 0) }
    }
  }

  private func violation(_ penalty: NaivePenalty, _ b: [Double], _ u: [Double]) -> Double {
    penalty.steepestDescent(
      b, u, atLower: { b[$0] <= penalty.lower[$0] }, atUpper: { b[$0] >= penalty.upper[$0] })
  }

  /// At the optimum every zero of a lasso is proved, where the datafit allows it.
  @Test(arguments: [Family.gaussian, .binomial])
  func provedZeros(_ family: Family) throws {
    let y = target(family, problem, seed: 72)
    for penalty: RegressionPenalty in [.lasso(8), .groupLasso(8, ColumnGroups([0, 1, 1, 0, 2, 2]))] {
      let fit = try GeneralizedLinearModel(family, penalty: penalty, settings: RegressionSettings(tolerance: 1e-13))
        .fit(problem.dense, y)
      #expect(!fit.coefficients.support.isEmpty && fit.coefficients.support.count < columns)
      #expect(fit.certificate.provedZero.columns == (0..<columns).filter { fit.coefficients[$0] == 0 })
    }
  }

  /// The divergences are the differences of conjugates that they stand for.
  @Test(arguments: Family.allCases)
  func divergences(_ family: Family) {
    let naive = NaiveFamily(family: family)
    for y in [0, 0.25, 1] {
      for eta in [-3, -0.2, 0, 1.7] {
        for s in [0, 0.3, 0.999, 1] {
          let theta = s * (y - naive.mean(eta))
          let expected = naive.loss(y, eta) + naive.conjugate(y, -theta) + theta * eta
          #expect(abs(family.datafit.divergence(y, eta, scaling: s) - expected) < 1e-14)
          #expect(abs(family.datafit.loss(y, eta) - naive.loss(y, eta)) < 1e-14)
          #expect(abs(family.datafit.residual(y, eta) - (y - naive.mean(eta))) < 1e-15)
        }
        let step = 1e-5
        let slope = (naive.mean(eta + step) - naive.mean(eta - step)) / (2 * step)
        #expect(abs(family.datafit.curvature(eta) - slope) < 1e-8)
      }
    }
  }
}

extension BoxPenalty {
  /// With factors of its own.
  init(
    problem: GeneralizedProblem, l1: Double, l2: Double, factors: [Double], bounds: CoefficientBounds?
  ) throws {
    let plain = try BoxPenalty(problem, l1: l1, l2: l2, bounds: bounds)
    self.init(
      penalty: CoordinatePenalty(l1: l1, l2: l2, factors: factors), lower: plain.lower, upper: plain.upper)
  }
}
