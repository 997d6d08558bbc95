import BLAS

/// Multi-task lasso and elastic net: block coordinate descent over rows of coefficients on the Gram matrix of a working set.
///
///     P(B) = ½‖T − Z B‖² + Σ_j α_j ‖B_j‖ + ½ β_j ‖B_j‖²
///
/// A row's minimum has a closed form, B_j = (1 − α_j/‖u‖)₊ u / (G_jj + β_j) with u the correlations without it. Newton steps
/// over the rows that are not 0 give the digits, where their number times that of the responses is small enough.
struct RowDescent: Sendable {
  private let problems: [RegressionProblem]
  private let settings: RegressionSettings
  private let pool: ThreadPool
  /// B, p for each response.
  private var coefficients: [[Double]]

  private var design: StandardisedDesign { problems[0].design }
  private var columnCount: Int { design.columnCount }

  /// Unknowns that a Newton step is made for.
  private static let largestSystem = 1500

  init(_ problems: [RegressionProblem], settings: RegressionSettings, pool: ThreadPool) {
    (self.problems, self.settings, self.pool) = (problems, settings, pool)
    coefficients = problems.map { [Double](repeating: 0, count: $0.design.columnCount) }
  }

  /// Minimises, starting from the last solution.
  mutating func fit(l1: Double, l2: Double) -> MultiResponseFit {
    let penalty = CoordinatePenalty(l1: l1, l2: l2, factors: problems[0].factors)
    var (iterations, stalls) = (0, 0)
    var best: (bound: RowBound, coefficients: [[Double]], correlations: [[Double]])?
    var previous = Double.infinity
    var (columns, gram): ([Int], Matrix<Double>) = ([], Matrix(rows: 0, columns: 0))
    while true {
      let residuals = zip(problems, coefficients).map { problem, b in
        let support = b.indices.filter { b[$0] != 0 }
        return problem.residual(support, support.map { b[$0] })
      }
      let correlations = residuals.map { design.correlations($0, pool: pool) }
      let bound = RowBound(problems, penalty, residuals, coefficients, correlations)
      let smallest = best?.bound.relativeGap ?? .infinity
      let isProgress =
        bound.relativeGap < 0.9 * smallest || bound.primal < previous - 1e-15 * (bound.primal + bound.reference)
      stalls = isProgress ? 0 : stalls + 1
      previous = bound.primal
      if best == nil || bound.relativeGap < smallest { best = (bound, coefficients, correlations) }
      let isExhausted = iterations >= settings.maximumIterations
      let set = workingSet(penalty, correlations)
      if bound.relativeGap <= settings.tolerance || stalls >= 4 || isExhausted || set.isEmpty { break }
      if set != columns {
        columns = set
        gram = design.curvatureGram(set, [Double](repeating: 1, count: design.rowCount), pool: pool)
      }
      iterations += minimise(columns, gram, penalty, correlations, tolerance: 1e-10 * bound.kktViolation)
    }
    let (bound, found, correlations) = best!
    coefficients = found
    return MultiResponseFit(
      problems, found, rss: bound.rss, l1: l1, l2: l2,
      certificate: bound.certificate(
        penalty, correlations, design.statistics, iterations: iterations, settings: settings),
      solver: SolverReport(solver: .coordinateDescentWorkingSet, reciprocalCondition: nil))
  }

  private func isZero(_ column: Int) -> Bool { coefficients.allSatisfy { $0[column] == 0 } }

  /// The rows that are not 0 or free, and the worst violators.
  private func workingSet(_ penalty: CoordinatePenalty, _ correlations: [[Double]]) -> [Int] {
    var (kept, violators): ([Int], [(column: Int, size: Double)]) = ([], [])
    for column in 0..<columnCount where design.statistics.squaredNorms[column] > 0 {
      if columnCount <= 64 || penalty.isFree(column) || !isZero(column) {
        kept.append(column)
      } else {
        let size = RowBound.norm(correlations, column) - penalty.threshold(column)
        if size > 0 { violators.append((column, size / design.statistics.squaredNorms[column].squareRoot())) }
      }
    }
    violators.sort { $0.size > $1.size }
    return (kept + violators.prefix(max(64, kept.count)).map(\.column)).sorted()
  }

  /// Minimises over the rows of a working set.
  ///
  /// - Returns: The number of sweeps.
  private mutating func minimise(
    _ columns: [Int], _ gram: Matrix<Double>, _ penalty: CoordinatePenalty, _ correlations: [[Double]],
    tolerance: Double
  ) -> Int {
    let responses = problems.count
    let thresholds = columns.map(penalty.threshold)
    // The ridge part belongs to the quadratic one: H = G + diag β, and the descent loses β b.
    var hessian = gram
    for (position, column) in columns.enumerated() { hessian[position, position] += penalty.curvature(column) }
    var models = (0..<responses).map { response in
      QuadraticModel(
        hessian: hessian, coefficients: columns.map { coefficients[response][$0] },
        descent: columns.map { correlations[response][$0] - penalty.curvature($0) * coefficients[response][$0] })
    }
    func sweep(_ positions: [Int]) {
      for a in positions where hessian[a, a] > 0 {
        let point = models.map { $0.descent[a] + hessian[a, a] * $0.coefficients[a] }
        let size = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let shrink = size > thresholds[a] ? (1 - thresholds[a] / size) / hessian[a, a] : 0
        for response in 0..<responses { models[response].change(a, to: shrink * point[response]) }
      }
    }
    func active() -> [Int] {
      columns.indices.filter { a in thresholds[a] == 0 || models.contains { $0.coefficients[a] != 0 } }
    }
    func violation() -> Double {
      columns.indices.reduce(0) { largest, a in
        let u = models.map { $0.descent[a] }
        let b = models.map { $0.coefficients[a] }
        return max(largest, RowBound.violation(b, u, threshold: thresholds[a]))
      }
    }
    var (sweeps, stalls, smallest) = (0, 0, Double.infinity)
    for _ in 0..<500 {
      sweep(Array(columns.indices))
      sweeps += 1
      for _ in 0..<4 {
        sweep(active())
        sweeps += 1
      }
      let rows = active()
      if !rows.isEmpty, rows.count * responses <= Self.largestSystem { newtonSteps(&models, rows, thresholds) }
      for response in 0..<responses { models[response].refresh() }
      let found = violation()
      if found <= tolerance { break }
      stalls = found < 0.5 * smallest ? 0 : stalls + 1
      smallest = min(smallest, found)
      if stalls >= 40 { break }
    }
    for response in 0..<responses {
      for (position, column) in columns.enumerated() {
        coefficients[response][column] = models[response].coefficients[position]
      }
    }
    return sweeps
  }

  /// Newton steps over some rows, as groups of the model whose Hessian is H ⊗ I.
  private func newtonSteps(_ models: inout [QuadraticModel], _ rows: [Int], _ thresholds: [Double]) {
    let responses = models.count
    let size = rows.count * responses
    var hessian = Matrix<Double>(rows: size, columns: size)
    for (i, a) in rows.enumerated() {
      for (j, b) in rows.enumerated() {
        for response in 0..<responses {
          hessian[i * responses + response, j * responses + response] = models[0].hessian[a, b]
        }
      }
    }
    var joint = QuadraticModel(
      hessian: hessian, coefficients: rows.flatMap { a in models.map { $0.coefficients[a] } },
      descent: rows.flatMap { a in models.map { $0.descent[a] } })
    let blocks = rows.enumerated().map { index, a in
      GroupBlock(
        group: a, threshold: thresholds[a], positions: Array(index * responses..<(index + 1) * responses))
    }
    for _ in 0..<8 where !GroupBlock.newtonStep(&joint, blocks) { break }
    for (index, a) in rows.enumerated() {
      for response in 0..<responses {
        models[response].change(a, to: joint.coefficients[index * responses + response])
      }
    }
  }
}
