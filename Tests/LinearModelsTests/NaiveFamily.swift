import BLAS
import Foundation
import LinearModels
import Tensors

/// The families by their definitions, in plain formulas.
struct NaiveFamily {
  let family: Family

  func mean(_ eta: Double) -> Double {
    switch family {
    case .gaussian: eta
    case .binomial: 1 / (1 + exp(-eta))
    case .poisson: exp(eta)
    }
  }

  private func xlogx(_ x: Double) -> Double { x > 0 ? x * log(x) : 0 }

  /// Half of the unit deviance.
  func loss(_ y: Double, _ eta: Double) -> Double {
    switch family {
    case .gaussian: 0.5 * (y - eta) * (y - eta)
    case .binomial: log(1 + exp(eta)) - y * eta + xlogx(y) + xlogx(1 - y)
    case .poisson: exp(eta) - y * eta - y + xlogx(y)
    }
  }

  /// f*(v) = sup_η (vη − f(η)).
  func conjugate(_ y: Double, _ v: Double) -> Double {
    switch family {
    case .gaussian: return 0.5 * v * v + v * y
    case .binomial:
      let m = v + y
      guard m >= 0, m <= 1 else { return .infinity }
      return xlogx(m) + xlogx(1 - m) - xlogx(y) - xlogx(1 - y)
    case .poisson:
      let m = v + y
      return m >= 0 ? xlogx(m) - m + y - xlogx(y) : .infinity
    }
  }
}

/// A problem of any family with everything that a fit can be judged by, from the original data.
struct NaiveProblem {
  let family: NaiveFamily
  let x: Matrix<Double>
  let y: [Double]
  let weights: [Double]
  let offsets: [Double]
  let intercept: Bool
  let standardised: NaiveStandardisation

  init(
    _ family: Family, _ x: Matrix<Double>, _ y: [Double], weights: [Double]?, offsets: [Double]?, intercept: Bool,
    _ standardisation: Standardisation = .population
  ) {
    self.family = NaiveFamily(family: family)
    (self.x, self.y, self.intercept) = (x, y, intercept)
    self.weights = weights ?? [Double](repeating: 1, count: y.count)
    self.offsets = offsets ?? [Double](repeating: 0, count: y.count)
    standardised = NaiveStandardisation(x, y, weights: weights, offsets: offsets, standardisation, intercept: intercept)
  }

  func predictors(_ beta: [Double], _ intercept: Double) -> [Double] {
    (0..<x.rows).map { row in
      var eta = offsets[row] + intercept
      for j in 0..<x.columns { eta += x[row, j] * beta[j] }
      return eta
    }
  }

  func halfDeviance(_ beta: [Double], _ intercept: Double) -> Double {
    let eta = predictors(beta, intercept)
    return y.indices.reduce(0) { $0 + weights[$1] * family.loss(y[$1], eta[$1]) }
  }

  /// y − μ.
  func residuals(_ beta: [Double], _ intercept: Double) -> [Double] {
    zip(y, predictors(beta, intercept)).map { $0 - family.mean($1) }
  }

  /// u_j = Σ w (x_ij − mean_j) / scale_j · v_i.
  func scores(_ v: [Double]) -> [Double] {
    (0..<x.columns).map { j in
      let (mean, scale) = (standardised.means[j], standardised.scales[j])
      return y.indices.reduce(0) { $0 + weights[$1] * (x[$1, j] - mean) / scale * v[$1] }
    }
  }

  /// Coefficients on the standardised scale.
  func standardise(_ beta: [Double]) -> [Double] { zip(beta, standardised.scales).map { $0 * $1 } }

  /// −Σ w (θ offset + f*(−θ)): the dual without its penalty.
  func dual(_ theta: [Double]) -> Double {
    y.indices.reduce(0) { $0 - weights[$1] * (theta[$1] * offsets[$1] + family.conjugate(y[$1], -theta[$1])) }
  }
}

/// A penalty in half scale, α_j |b| + ½ β_j b² within bounds, or α_G ‖b_G‖ of groups.
struct NaivePenalty {
  var alpha: [Double]
  var beta: [Double]
  /// On the standardised scale.
  var lower: [Double]
  var upper: [Double]
  /// Groups of columns; empty without.
  var groups: [[Int]] = []
  var groupAlpha: [Double] = []

  init(_ p: Int, l1: Double, l2: Double, factors: [Double]? = nil) {
    let factors = factors ?? [Double](repeating: 1, count: p)
    alpha = factors.map { 0.5 * l1 * $0 }
    beta = factors.map { l2 * $0 }
    lower = [Double](repeating: -.infinity, count: p)
    upper = [Double](repeating: .infinity, count: p)
  }

  func value(_ b: [Double]) -> Double {
    if !groups.isEmpty {
      return zip(groups, groupAlpha).reduce(0) { $0 + $1.1 * squares($1.0.map { b[$0] }).squareRoot() }
    }
    return b.indices.reduce(0) { $0 + alpha[$1] * abs(b[$1]) + 0.5 * beta[$1] * b[$1] * b[$1] }
  }

  /// The steepest descent of −u'b + g(b) along any coordinate (or any group), 0 at an optimum.
  func steepestDescent(_ b: [Double], _ u: [Double], atLower: (Int) -> Bool, atUpper: (Int) -> Bool) -> Double {
    var worst = 0.0
    if !groups.isEmpty {
      for (columns, alpha) in zip(groups, groupAlpha) {
        let size = squares(columns.map { b[$0] }).squareRoot()
        if size == 0 {
          worst = max(worst, squares(columns.map { u[$0] }).squareRoot() - alpha)
        } else {
          worst = max(worst, squares(columns.map { u[$0] - alpha * b[$0] / size }).squareRoot())
        }
      }
      return worst
    }
    for j in b.indices {
      // One-sided derivatives of g, in the directions that the bounds allow.
      let right = beta[j] * b[j] + (b[j] >= 0 ? alpha[j] : -alpha[j])
      let left = beta[j] * b[j] + (b[j] > 0 ? alpha[j] : -alpha[j])
      if !atUpper(j) { worst = max(worst, u[j] - right) }
      if !atLower(j) { worst = max(worst, left - u[j]) }
    }
    return worst
  }

  /// Σ g*(u), by the supremum's three candidates: the stationary point of each sign and the ends.
  func conjugate(_ u: [Double]) -> Double {
    if !groups.isEmpty {
      let isFeasible = zip(groups, groupAlpha).allSatisfy { columns, alpha in
        squares(columns.map { u[$0] }).squareRoot() <= alpha * (1 + 1e-12)
      }
      return isFeasible ? 0 : .infinity
    }
    return u.indices.reduce(0) { sum, j in
      var candidates = [0.0, lower[j], upper[j]]
      if beta[j] > 0 { candidates += [(u[j] - alpha[j]) / beta[j], (u[j] + alpha[j]) / beta[j]] }
      var best = -Double.infinity
      for b in candidates where b.isFinite && b >= lower[j] && b <= upper[j] {
        best = max(best, u[j] * b - alpha[j] * abs(b) - 0.5 * beta[j] * b * b)
      }
      // Rounding in a constraint that is met with equality.
      let slack = 1e-10 * (1 + alpha[j])
      if beta[j] == 0, upper[j] == .infinity, u[j] > alpha[j] + slack { best = .infinity }
      if beta[j] == 0, lower[j] == -.infinity, u[j] < -alpha[j] - slack { best = .infinity }
      return sum + best
    }
  }
}

/// Targets of a family for the inputs of a test problem, with signals of moderate size.
func target(_ family: Family, _ problem: TestProblem, seed: UInt64) -> [Double] {
  var random = RandomGenerator(seed: seed)
  let z = NaiveStandardisation(problem.x, problem.y)
  return (0..<problem.x.rows).map { row in
    var eta = 0.3
    for (j, column) in z.columns.enumerated() {
      eta += column[row] * [0.9, -0.6, 0, 0.4, 0][j % 5] / (1 + Double(j / 5))
    }
    switch family {
    case .gaussian: return 4 + eta + random.normal()
    case .binomial: return random.uniform() < 1 / (1 + exp(-eta)) ? 1 : 0
    case .poisson:
      // Counts by multiplying uniforms until they fall below e^−μ.
      let limit = exp(-exp(min(eta, 3)))
      var (count, product) = (-1.0, 1.0)
      repeat {
        product *= random.uniform()
        count += 1
      } while product > limit
      return count
    }
  }
}
