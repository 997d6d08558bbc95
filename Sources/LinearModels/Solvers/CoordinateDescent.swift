import BLAS

/// Lasso and elastic net by coordinate descent, along a path of penalties or for a single one.
///
/// With few columns against rows the Gram matrix of all of them is made once, and no later step touches the rows. Else
/// the columns that matter are collected as they show themselves, by the sequential strong rule (Tibshirani et al.,
/// "Strong rules for discarding predictors in lasso-type problems", JRSS B 74, 2012) and by violated conditions, in a
/// Gram matrix that grows; each penalty ends with one pass over all columns, which is also its certificate.
///
/// On the collected columns, sweeps find the support and the signs; a Cholesky factorisation of the sign-fixed support
/// then gives the rest of the digits at once.
struct CoordinateDescent: Sendable {
  let problem: RegressionProblem
  private var gram: GramProblem
  /// Z_W, a row a column of W, of a dense design without the Gram matrix of all columns.
  private var panel: [Double] = []
  /// Z'r at the last coefficients.
  private(set) var correlations: [Double]
  private let usesAllColumns: Bool
  /// The columns that are not penalised; nil without any.
  private let free: FreeColumns?
  private var previousL1: Double?
  private let settings: RegressionSettings
  private let pool: ThreadPool

  /// Columns that come in at once, at least, where more than that ask to.
  private static let smallestBatch = 64

  /// Whether the Gram matrix of all columns is made: a few columns anyway, up to half as many as rows otherwise.
  static func usesAllColumns(rows: Int, columns: Int) -> Bool { columns <= max(rows / 2, 64) && columns <= 4096 }

  /// Prepares a problem; with the Gram matrix of all columns this is most of the work.
  init(_ problem: RegressionProblem, settings: RegressionSettings, pool: ThreadPool) {
    let design = problem.design
    let p = design.columnCount
    self.problem = problem
    self.settings = settings
    self.pool = pool
    let free = try? FreeColumns(problem)
    self.free = free?.isEmpty == false ? free : nil
    correlations = design.correlations(problem.target, pool: pool)
    gram = GramProblem(
      columnCount: p, targetSquares: problem.targetSquares,
      penalty: CoordinatePenalty(l1: 0, l2: 0, factors: problem.factors))
    usesAllColumns = Self.usesAllColumns(rows: design.rowCount, columns: p)
    if usesAllColumns {
      gram.append(Array(0..<p), products: design.gram(pool: pool), correlations: correlations)
    } else {
      // A free column is in every support.
      append(problem.factors.indices.filter { problem.factors[$0] == 0 && design.statistics.squaredNorms[$0] > 0 })
    }
    gram.minimiseOverFree()
    updateCorrelations(finalResidual())
  }

  /// Which solver this is, for the report.
  var report: SolverReport {
    SolverReport(
      solver: usesAllColumns ? .coordinateDescentGram : .coordinateDescentWorkingSet, reciprocalCondition: nil)
  }

  /// Z'Z and Z't, if they were made for all columns.
  var gramOfAllColumns: (matrix: Matrix<Double>, correlations: [Double])? {
    let p = problem.design.columnCount
    guard usesAllColumns, gram.capacity == p else { return nil }
    return (Matrix(rows: p, columns: p, elements: gram.gram), gram.targetCorrelations)
  }

  /// The smallest l1 at which every penalised coefficient is 0: 2 max |z_j'r| / v_j, r being the residual of the free
  /// columns. Only meaningful before the first fit.
  var largestL1: Double {
    var largest = 0.0
    for (column, correlation) in correlations.enumerated() where problem.factors[column] > 0 {
      // A column that the free ones determine is left with rounding errors.
      let noise =
        DualityBound.orthogonality
        * (problem.design.statistics.squaredNorms[column] * problem.targetSquares).squareRoot()
      guard correlation.magnitude > noise else { continue }
      largest = max(largest, 2 * correlation.magnitude / problem.factors[column])
    }
    return largest
  }

  /// Solves for a penalty, starting from the coefficients of the last one.
  mutating func fit(l1: Double, l2: Double) -> LinearFit {
    let penalty = CoordinatePenalty(l1: l1, l2: l2, factors: problem.factors)
    gram.setPenalty(penalty)
    if !usesAllColumns { append(strongColumns(penalty)) }
    previousL1 = l1
    var iterations = 0
    var tolerance = 0.25 * settings.tolerance
    while true {
      let isSolved = gram.solve(tolerance, maximumIterations: settings.maximumIterations, iterations: &iterations)
      let residual = finalResidual()
      let products = updateCorrelations(residual)
      let (support, values) = ascendingSupport()
      let bound = DualityBound(
        penalty, support: support, values: values, correlations: correlations, residualSquares: products.squares,
        residualTarget: products.target, targetSquares: problem.targetSquares,
        squaredNorms: problem.design.statistics.squaredNorms)
      let isExhausted = iterations >= settings.maximumIterations
      var isFinished = bound.relativeGap <= settings.tolerance || isExhausted
      if !isFinished {
        let violators = usesAllColumns ? [] : violatingColumns(penalty)
        if !violators.isEmpty {
          append(violators)
        } else if isSolved, tolerance > 1e-3 * settings.tolerance {
          tolerance *= 0.1
        } else {
          isFinished = true
        }
      }
      if isFinished {
        return LinearFit(
          problem, penalty, standardized: Coefficients(names: problem.names, support: support, nonzero: values),
          rss: rss(products.squares, support, values),
          certificate: Certificate(
            bound, iterations: iterations, tolerance: settings.tolerance, exhausted: isExhausted,
            provedZero: bound.provedZero(
              penalty, correlations: correlations, squaredNorms: problem.design.statistics.squaredNorms)),
          solver: report)
      }
    }
  }

  // MARK: Columns

  /// Takes columns in, with their Gram matrix against those that are in.
  private mutating func append(_ added: [Int]) {
    guard !added.isEmpty else { return }
    let design = problem.design
    let n = design.rowCount
    let total = gram.count + added.count
    var products = Matrix<Double>(rows: added.count, columns: total)
    switch design.columns {
    case .dense(let dense):
      for column in added { panel += dense.matrix.elements[column * n..<(column + 1) * n] }
      let product = MatrixProduct<Double>(m: added.count, n: total, k: n, transposeB: true)
      var workspace = [Double](repeating: 0, count: product.workspaceCount)
      products.withUnsafeMutableElements { products in
        panel.withUnsafeBufferPointer { panel in
          workspace.withUnsafeMutableBufferPointer { workspace in
            let (a, b) = (panel.baseAddress! + (total - added.count) * n, panel.baseAddress!)
            for (phase, tasks) in product.phases.enumerated() {
              pool.run(tasks) { task in
                product.run(
                  phase: phase, task: task, alpha: 1, a: a, b: b, beta: 0, c: products,
                  workspace: workspace.baseAddress)
              }
            }
          }
        }
      }
    case .sparse(let sparse):
      let others = gram.columns + added
      products.withUnsafeMutableElements { products in
        pool.run(added.count) { index in
          let row = sparse.gramRow(added[index], against: others[...])
          (products + index * total).update(from: row, count: total)
        }
      }
    }
    gram.append(added, products: products, correlations: targetCorrelations(added))
  }

  private func targetCorrelations(_ columns: [Int]) -> [Double] {
    let design = problem.design
    let n = design.rowCount
    switch design.columns {
    case .dense(let dense):
      return dense.matrix.withUnsafeElements { elements in
        columns.map { Double.dot(n, elements + $0 * n, problem.target) }
      }
    case .sparse(let sparse):
      // The target is centred wherever the columns are.
      return zip(columns, sparse.rawDots(columns[...], problem.target)).map { $1 * sparse.inverseScales[$0] }
    }
  }

  /// The columns that the strong rule keeps, those with the largest correlations first where they are many.
  private func strongColumns(_ penalty: CoordinatePenalty) -> [Int] {
    let previous = previousL1 ?? largestL1
    let keep = CoordinatePenalty(l1: max(2 * penalty.l1 - previous, 0), l2: 0, factors: penalty.factors)
    return limited(
      correlations.indices.filter {
        gram.positions[$0] < 0 && penalty.factors[$0] > 0 && correlations[$0].magnitude >= keep.threshold($0)
          && correlations[$0] != 0
      })
  }

  /// The columns outside whose optimality condition does not hold, limited likewise.
  private func violatingColumns(_ penalty: CoordinatePenalty) -> [Int] {
    limited(
      correlations.indices.filter {
        gram.positions[$0] < 0 && correlations[$0].magnitude > penalty.threshold($0)
      })
  }

  private func limited(_ columns: [Int]) -> [Int] {
    let limit = max(Self.smallestBatch, 2 * gram.coefficients.count { $0 != 0 })
    guard columns.count > limit else { return columns }
    func urgency(_ column: Int) -> Double { correlations[column].magnitude / problem.factors[column] }
    return columns.sorted { urgency($0) > urgency($1) }.prefix(limit).sorted()
  }

  // MARK: The whole problem

  /// t − Z b, made orthogonal to the free columns by a last correction of their coefficients; nil where the Gram matrix of
  /// all columns says all there is to say.
  private mutating func finalResidual() -> [Double]? {
    if usesAllColumns, free == nil { return nil }
    var residual = problem.target
    let support = gram.coefficients.indices.filter { gram.coefficients[$0] != 0 }
    if case .dense = problem.design.columns, !usesAllColumns {
      let n = residual.count
      panel.withUnsafeBufferPointer { panel in
        for position in support {
          Double.axpy(n, -gram.coefficients[position], panel.baseAddress! + position * n, 1, &residual, 1)
        }
      }
    } else {
      problem.design.add(
        support.map { gram.columns[$0] }, support.map { -gram.coefficients[$0] }, to: &residual)
    }
    if let free {
      for (column, change) in zip(free.columns, free.correction(of: residual)) {
        gram.coefficients[gram.positions[column]] += change
      }
      residual = free.projected(residual)
      gram.refreshGradient()
    }
    return residual
  }

  /// Sets Z'r and gives ‖r‖² and r't.
  @discardableResult
  private mutating func updateCorrelations(_ residual: [Double]?) -> (squares: Double, target: Double) {
    guard let residual else {
      correlations = gram.gradient
      return gram.residualProducts
    }
    correlations = problem.design.correlations(residual, pool: pool)
    return (
      Double.sumOfSquares(residual.count, residual), Double.dot(residual.count, residual, problem.target)
    )
  }

  private func ascendingSupport() -> ([Int], [Double]) {
    let support = gram.columns.enumerated().filter { gram.coefficients[$0.offset] != 0 }
      .sorted { $0.element < $1.element }
    return (support.map(\.element), support.map { gram.coefficients[$0.offset] })
  }

  /// ‖r‖², from the rows themselves where the Gram matrix has lost too many of its digits.
  private func rss(_ squares: Double, _ support: [Int], _ values: [Double]) -> Double {
    guard usesAllColumns, squares < 1e-4 * problem.targetSquares else { return squares }
    let residual = problem.residual(support, values)
    return Double.sumOfSquares(residual.count, residual)
  }
}
