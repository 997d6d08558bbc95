import BLAS

/// Penalised regression of any family: each step minimises the quadratic model of the datafit at the present point plus the
/// penalty over a working set, and goes along the way there as far as the objective falls.
///
/// Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions" (SIAM Journal on Optimization
/// 24, 2014); with a quadratic model it is iteratively reweighted least squares. The intercept is at its optimum in every
/// point, and eliminated from every model. The working set holds what moves and the worst violators of the optimality
/// conditions; every step ends with one pass over all columns, which is also its certificate.
struct ProximalNewton: Sendable {
  let problem: GeneralizedProblem
  private let settings: RegressionSettings
  private let pool: ThreadPool
  /// The present point, from which the next fit starts.
  private(set) var coefficients: [Double]
  private(set) var intercept: Double
  private var margins: [Double]

  /// What a fit has found.
  struct Solution: Sendable {
    let coefficients: [Double]
    let intercept: Double
    let halfDeviance: Double
    let certificate: Certificate
  }

  init(_ problem: GeneralizedProblem, settings: RegressionSettings, pool: ThreadPool) {
    (self.problem, self.settings, self.pool) = (problem, settings, pool)
    coefficients = [Double](repeating: 0, count: problem.design.columnCount)
    intercept = problem.nullIntercept
    margins = [Double](repeating: 0, count: problem.design.rowCount)
  }

  /// A certified place.
  private struct Visit {
    let point: GeneralizedProblem.Point
    let descent: [Double]
    let bound: FenchelBound
    let coefficients: [Double]
    let intercept: Double
    let margins: [Double]
  }

  /// u = Z'(√w (y − μ)) at the present point, its intercept optimal; how the first lambda of a path is found.
  mutating func descent() -> [Double] {
    intercept = problem.optimalIntercept(margins, from: intercept)
    return problem.design.correlations(problem.point(margins, intercept).residual, pool: pool)
  }

  /// Minimises, starting from the last solution.
  mutating func fit(_ penalty: some ProximalPenalty) -> Solution {
    coefficients = penalty.start(coefficients)
    let support = coefficients.indices.filter { coefficients[$0] != 0 }
    margins = problem.margins(support, support.map { coefficients[$0] })
    var best: Visit?
    var (iterations, stalls) = (0, 0)
    var previous = Double.infinity
    var isPolished = false
    while true {
      let visit = visit(penalty)
      let smallest = best?.bound.relativeGap ?? .infinity
      let isProgress =
        visit.bound.relativeGap < 0.9 * smallest
        || visit.bound.primal < previous - 1e-15 * (visit.bound.primal.magnitude + visit.bound.reference)
      stalls = isProgress ? 0 : stalls + 1
      if isBetter(visit, than: best) { best = visit }
      previous = visit.bound.primal
      // A gap is the square of what the coefficients are off: one step more, which squares it again, gives their digits.
      let isReached = visit.bound.relativeGap <= settings.tolerance && (isPolished || visit.bound.relativeGap <= 1e-24)
      if visit.bound.relativeGap <= settings.tolerance { isPolished = true }
      if isReached || stalls >= 4 || iterations >= settings.maximumIterations
        || !step(from: visit, penalty, &iterations)
      {
        return finish(best ?? visit, penalty, iterations)
      }
    }
  }

  /// Below the tolerance gaps are rounding, and the optimality conditions say which place is the better one.
  private func isBetter(_ visit: Visit, than best: Visit?) -> Bool {
    guard let best else { return true }
    if max(visit.bound.relativeGap, best.bound.relativeGap) <= settings.tolerance {
      return visit.bound.kktViolation < best.bound.kktViolation
    }
    return visit.bound.relativeGap < best.bound.relativeGap
  }

  private mutating func visit(_ penalty: some ProximalPenalty) -> Visit {
    intercept = problem.optimalIntercept(margins, from: intercept)
    let point = problem.point(margins, intercept)
    let descent = problem.design.correlations(point.residual, pool: pool)
    let bound = FenchelBound(
      problem, penalty, point, margins: margins, intercept: intercept, coefficients, descent)
    return Visit(
      point: point, descent: descent, bound: bound, coefficients: coefficients, intercept: intercept, margins: margins)
  }

  /// One proximal Newton step; false if there is none that goes downhill.
  private mutating func step(from visit: Visit, _ penalty: some ProximalPenalty, _ iterations: inout Int) -> Bool {
    let design = problem.design
    let columns = penalty.workingSet(coefficients, visit.descent, design.statistics)
    guard !columns.isEmpty else { return false }
    let hessian = design.curvatureGram(columns, visit.point.curvature, pool: pool)
    guard hessian.elements.allSatisfy(\.isFinite) else { return false }
    var model = QuadraticModel(
      hessian: hessian, coefficients: columns.map { coefficients[$0] }, descent: columns.map { visit.descent[$0] })
    let scale = visit.descent.reduce(0) { max($0, $1.magnitude) }
    iterations += penalty.minimise(
      &model, columns, tolerance: max(1e-10 * 0.5 * visit.bound.kktViolation, 1e-16 * scale))

    let change = zip(model.coefficients, model.start).map { $0 - $1 }
    var slope = -zip(change, model.startDescent).reduce(0) { $0 + $1.0 * $1.1 }
    var target = coefficients
    for (column, value) in zip(columns, model.coefficients) { target[column] = value }
    slope += penalty.value(target) - penalty.value(coefficients)
    let moved = zip(columns, change).filter { $0.1 != 0 }
    guard !moved.isEmpty else { return false }
    let marginChange = problem.margins(moved.map(\.0), moved.map(\.1))
    let interceptChange = interceptChange(marginChange, visit.point.curvature)

    // Armijo's rule; what rounding does to the objective does not count.
    let rounding = 4e-15 * (visit.bound.primal.magnitude + visit.bound.reference)
    var length = 1.0
    while length > 1e-10 {
      var trial = coefficients
      for (column, value) in zip(columns, model.coefficients) {
        trial[column] = length == 1 ? value : coefficients[column] + length * (value - coefficients[column])
      }
      var trialMargins = margins
      Double.axpy(trialMargins.count, length, marginChange, 1, &trialMargins, 1)
      let trialIntercept = intercept + length * interceptChange
      let objective = problem.halfDeviance(trialMargins, trialIntercept) + penalty.value(trial)
      if objective <= visit.bound.primal + 1e-4 * length * min(slope, 0) + rounding {
        (coefficients, intercept) = (trial, trialIntercept)
        // From the coefficients themselves now and then would cost as much as a step; errors are those of a few additions.
        margins = trialMargins
        return true
      }
      length *= 0.5
    }
    return false
  }

  /// How the intercept of the quadratic model follows the margins.
  private func interceptChange(_ marginChange: [Double], _ curvature: [Double]) -> Double {
    guard problem.hasIntercept else { return 0 }
    var (sum, total) = (0.0, 0.0)
    for row in marginChange.indices {
      let weight = problem.design.rows.weight(row) * curvature[row]
      sum += weight * marginChange[row]
      total += weight
    }
    return total > 0 ? -sum / total : 0
  }

  /// The solution at the best place, from margins made anew of its coefficients, so that the certificate is theirs.
  private mutating func finish(_ best: Visit, _ penalty: some ProximalPenalty, _ iterations: Int) -> Solution {
    (coefficients, intercept) = (best.coefficients, best.intercept)
    let support = coefficients.indices.filter { coefficients[$0] != 0 }
    margins = problem.margins(support, support.map { coefficients[$0] })
    let last = visit(penalty)
    let state: Certificate.State
    if runsAway(last, penalty) {
      state = .noFiniteSolution
    } else if last.bound.relativeGap <= settings.tolerance {
      state = .converged
    } else {
      state = iterations >= settings.maximumIterations ? .iterationLimit : .precisionLimit
    }
    return Solution(
      coefficients: coefficients, intercept: intercept, halfDeviance: last.point.halfDeviance,
      certificate: Certificate(
        last.bound, iterations: iterations, tolerance: settings.tolerance, state: state,
        provedZero: last.bound.provedZero(problem, penalty, last.descent)))
  }

  /// Whether the coefficients that nothing holds back are on their way to infinity, as with separable classes.
  ///
  /// With a finite solution the next Newton step over them has become a rounding error. Without one, every step still moves
  /// the linear predictor of the rows that hold on by about 1, or their curvature has vanished where their columns have not.
  private func runsAway(_ visit: Visit, _ penalty: some ProximalPenalty) -> Bool {
    guard problem.family != .gaussian else { return false }
    if problem.hasIntercept, !problem.hasFiniteIntercept { return true }
    let columns = penalty.unheld(coefficients, problem.design.statistics)
    guard !columns.isEmpty else { return false }
    let curved = problem.design.curvatureGram(columns, visit.point.curvature, pool: pool)
    let flat = problem.design.curvatureGram(
      columns, [Double](repeating: 1, count: problem.design.rowCount), pool: pool)
    let total = problem.design.rows.total
    let curvature = visit.point.curvature.indices.reduce(0) {
      $0 + problem.design.rows.weight($1) * visit.point.curvature[$1]
    }
    guard curvature > 0, let basis = try? SymmetricEigen(flat), let largest = basis.values.last, largest > 0 else {
      return true
    }
    // The columns turned and scaled so that they are orthonormal without curvatures.
    let kept = basis.values.indices.filter { basis.values[$0] > 1e-10 * largest }
    var turned = Matrix<Double>(rows: columns.count, columns: kept.count)
    for (index, k) in kept.enumerated() {
      for row in columns.indices { turned[row, index] = basis.vectors[row, k] / basis.values[k].squareRoot() }
    }
    let pencil = matrixMultiply(turned, matrixMultiply(curved, turned), transposeA: true)
    guard let eigen = try? SymmetricEigen(pencil), let least = eigen.values.first else { return true }
    if least < 1e-10 * curvature / total { return true }
    let descent = matrixVectorMultiply(turned, columns.map { visit.descent[$0] }, transposeA: true)
    var inDirections = matrixVectorMultiply(eigen.vectors, descent, transposeA: true)
    for (k, value) in eigen.values.enumerated() { inDirections[k] /= value }
    let step = matrixVectorMultiply(turned, matrixVectorMultiply(eigen.vectors, inDirections))
    return problem.margins(columns, step).contains { $0.magnitude > 0.05 }
  }
}
