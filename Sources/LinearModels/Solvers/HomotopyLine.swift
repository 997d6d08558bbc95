import BLAS

/// The coefficients and correlations of one active set as functions of the level C: b = u − C w and z_j'r = p_j + C q_j.
struct HomotopyLine: Sendable {
  let constant: [Double]
  let slope: [Double]
  private let offsets: [Double]
  private let slopes: [Double]
  private let problem: RegressionProblem

  enum Kind {
    case enters(Int, sign: Double)
    case leaves(Int)
  }

  init(_ problem: RegressionProblem, _ system: HomotopySystem) {
    self.problem = problem
    (constant, slope) = system.line()
    offsets = problem.design.correlations(problem.residual(system.active, constant), pool: .shared)
    var fitted = [Double](repeating: 0, count: problem.target.count)
    problem.design.add(system.active, slope, to: &fitted)
    slopes = problem.design.correlations(fitted, pool: .shared)
  }

  /// Whether every correlation keeps to its bound and every coefficient to its sign at a level, but for rounding. Where not, an
  /// event has been missed: nearly dependent columns can hide one.
  func isOptimal(at level: Double, _ system: HomotopySystem) -> Bool {
    let norms = problem.design.statistics.squaredNorms
    let keepsBounds = offsets.indices.allSatisfy { column in
      let noise = 1e-9 * (norms[column] * problem.targetSquares).squareRoot()
      return (offsets[column] + level * slopes[column]).magnitude
        <= level * problem.factors[column] * (1 + 1e-6) + noise
    }
    let largest = zip(constant, slope).reduce(0) { max($0, ($1.0 - level * $1.1).magnitude) }
    return keepsBounds
      && system.signs.indices.allSatisfy { index in
        system.signs[index] * (constant[index] - level * slope[index]) >= -1e-7 * largest
      }
  }

  /// The first event when C falls from a level: a correlation meets its bound ± C v_j, or a coefficient meets 0.
  func next(
    below level: Double, _ system: HomotopySystem, lastDropped: (column: Int, sign: Double)?, ignored: Set<Int>
  ) -> (level: Double, kind: Kind)? {
    var best: (level: Double, kind: Kind)?
    func consider(_ candidate: Double, _ kind: Kind) {
      guard candidate > 0, candidate.isFinite, candidate > (best?.level ?? 0) else { return }
      best = (candidate, kind)
    }
    let active = Set(system.active)
    for column in offsets.indices where problem.factors[column] > 0 && !active.contains(column) {
      guard problem.design.statistics.squaredNorms[column] > 0, !ignored.contains(column) else { continue }
      let factor = problem.factors[column]
      for sign in [1.0, -1.0] {
        // What has just left stands on its bound and moves away from it.
        if let lastDropped, lastDropped == (column, sign) { continue }
        let approach = factor - sign * slopes[column]
        guard approach > 1e-12 * factor else { continue }
        consider(sign * offsets[column] / approach, .enters(column, sign: sign))
      }
    }
    for (index, sign) in system.signs.enumerated() where sign != 0 && slope[index] != 0 {
      // The coefficient's sign times its change as C falls: only one that goes towards 0 can meet it.
      guard sign * slope[index] < 0 else { continue }
      let crossing = constant[index] / slope[index]
      consider(min(crossing, level), .leaves(index))
    }
    return best
  }
}
