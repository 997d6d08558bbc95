import BLAS

/// Anderson extrapolation of coordinate descent: the combination of the last iterates whose steps nearly cancel.
///
/// After Bertrand and Massias, "Anderson acceleration of coordinate descent" (AISTATS 2021), with five differences. An
/// extrapolated point is taken only where the objective is smaller there.
struct Extrapolation {
  private static let differences = 5
  private var iterates: [[Double]] = []

  /// Records the coefficients; after six of them tries the extrapolated point and begins anew.
  mutating func visit(_ problem: inout GramProblem) {
    if let first = iterates.first, first.count != problem.count { iterates = [] }
    iterates.append(problem.coefficients)
    guard iterates.count == Self.differences + 1 else { return }
    defer { iterates = [] }
    let (size, m) = (Self.differences, problem.count)
    var steps: [[Double]] = []
    for k in 0..<size { steps.append(zip(iterates[k + 1], iterates[k]).map { $0 - $1 }) }
    var system = Matrix<Double>(rows: size, columns: size)
    var trace = 0.0
    for i in 0..<size {
      for j in 0..<size { system[i, j] = Double.dot(m, steps[i], steps[j]) }
      trace += system[i, i]
    }
    guard trace > 0, trace.isFinite else { return }
    for i in 0..<size { system[i, i] += 1e-12 * trace }
    guard let factor = try? Cholesky(system) else { return }
    let weights = factor.solve([Double](repeating: 1, count: size))
    let sum = weights.reduce(0, +)
    guard sum != 0, sum.isFinite else { return }
    var point = [Double](repeating: 0, count: m)
    for k in 0..<size { Double.axpy(m, weights[k] / sum, iterates[k + 1], 1, &point, 1) }
    let (old, before) = (problem.coefficients, problem.objective)
    problem.coefficients = point
    problem.refreshGradient()
    if !(problem.objective < before) {
      problem.coefficients = old
      problem.refreshGradient()
    }
  }
}
