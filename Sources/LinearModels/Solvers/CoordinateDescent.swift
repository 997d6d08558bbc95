import BLAS

/// Lasso and elastic net by coordinate descent, along a path of penalties or for a single one.
///
/// With few columns against rows the Gram matrix of all of them is made once, and no later step touches the rows. Else
/// the columns that matter are collected as they show themselves, in a Gram matrix that grows. Along a path the correlations
/// of the next penalty are extrapolated from the last two, which is nearly exact since the path is piecewise linear (the idea
/// of Larsson and Wallin, "The Hessian screening rule", NeurIPS 2022), and columns that still violate their condition come
/// in afterwards; the first penalty keeps to the sequential strong rule (Tibshirani et al., "Strong rules for discarding
/// predictors in lasso-type problems", JRSS B 74, 2012). Each penalty ends with the correlations of all columns, or a bound
/// where that is enough: see ``CorrelationScreen``. They are also its certificate.
///
/// On the collected columns, sweeps find the support and the signs; a Cholesky factorisation of the sign-fixed support
/// then gives the rest of the digits at once. A sparse design with more columns than their Gram matrix is worth goes on
/// without one: see ``ResidualDescent``.
///
/// Free columns are projected out of the others and of the target, so that their dependences do no harm; their coefficients
/// are fitted to what the others leave.
struct CoordinateDescent: Sendable {
  let problem: RegressionProblem
  private var gram: GramProblem
  /// Takes over from `gram` where a sparse design has too many columns in.
  private var descent: ResidualDescent?
  /// Z_W without the free columns' part, a row a column of W, of a dense design without the Gram matrix of all columns.
  private var panel: [Double] = []
  private var screen: CorrelationScreen
  /// Z'r at the last coefficients, or bounds of it where that is enough.
  private(set) var correlations: [Double]
  /// Z'r at the end of the last penalty and of the one before, estimated where only bounded.
  private var ends: [(l1: Double, estimates: [Double])] = []
  private let usesAllColumns: Bool
  /// The columns that are not penalised; nil without any.
  private let free: FreeColumns?
  /// Their coefficients.
  private var freeCoefficients: [Double] = []
  /// Q'Z, a row a basis vector of the free columns.
  private let freeProducts: Matrix<Double>
  /// The target without the free columns' part.
  private let target: [Double]
  private let settings: RegressionSettings
  private let pool: ThreadPool

  /// Columns that come in at once, at least, where more than that ask to.
  private static let smallestBatch = 64

  /// A column that the free ones leave less of its squares than this share is all but theirs, and keeps a coefficient of 0.
  private static let dependence = 1e-11

  /// Whether the Gram matrix of all columns is made: a few columns anyway, up to half as many as rows otherwise.
  static func usesAllColumns(rows: Int, columns: Int) -> Bool { columns <= max(rows / 2, 64) && columns <= 4096 }

  /// The most columns of a sparse design whose Gram matrix is kept: a sweep over it reads this many numbers a column, one over
  /// the columns themselves their entries twice.
  private static func largestSparseGram(_ sparse: SparseColumns) -> Int {
    min(max(512, 4 * sparse.matrix.values.count / max(sparse.matrix.columns, 1)), 2048)
  }

  /// Prepares a problem; with the Gram matrix of all columns this is most of the work.
  init(_ problem: RegressionProblem, settings: RegressionSettings, pool: ThreadPool) {
    let design = problem.design
    let p = design.columnCount
    self.problem = problem
    self.settings = settings
    self.pool = pool
    let found = try? FreeColumns(problem)
    let free = found?.isEmpty == false ? found : nil
    self.free = free
    freeProducts = free?.products(design, pool: pool) ?? Matrix(rows: 0, columns: p)
    target = free?.projected(problem.target) ?? problem.target
    screen = CorrelationScreen(design)
    let none = CoordinatePenalty(l1: 0, l2: 0, factors: problem.factors)
    gram = GramProblem(
      columnCount: p, targetSquares: Double.sumOfSquares(target.count, target), penalty: none)
    correlations = []
    usesAllColumns = Self.usesAllColumns(rows: design.rowCount, columns: p)
    if usesAllColumns {
      var products = design.gram(pool: pool)
      var towardsTarget = design.correlations(target, pool: pool)
      if let free {
        free.subtractProjection(from: &products, freeProducts, pool: pool)
        for column in 0..<p where isDependent(column, left: products[column, column]) {
          towardsTarget[column] = 0
          products.withUnsafeMutableElements { products in
            for other in 0..<p {
              products[column * p + other] = 0
              products[other * p + column] = 0
            }
          }
        }
      }
      gram.append(Array(0..<p), products: products, correlations: towardsTarget)
    }
    let residual = finalResidual()
    updateCorrelations(residual, none)
  }

  /// Whether the free columns leave a column nothing but rounding errors.
  private func isDependent(_ column: Int, left squares: Double) -> Bool {
    problem.factors[column] == 0 || squares <= Self.dependence * problem.design.statistics.squaredNorms[column]
  }

  /// Which solver this is, for the report.
  var report: SolverReport {
    SolverReport(
      solver: usesAllColumns ? .coordinateDescentGram : .coordinateDescentWorkingSet, reciprocalCondition: nil)
  }

  /// Z'Z and Z't, if they were made for all columns.
  var gramOfAllColumns: (matrix: Matrix<Double>, correlations: [Double])? {
    let p = problem.design.columnCount
    guard usesAllColumns, free == nil, gram.capacity == p else { return nil }
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
    descent?.setPenalty(penalty)
    if !usesAllColumns { append(expectedColumns(penalty), penalty) }
    var iterations = 0
    var tolerance = 0.25 * settings.tolerance
    while true {
      let isSolved = solve(tolerance, &iterations)
      let residual = finalResidual()
      let products = updateCorrelations(residual, penalty)
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
          append(violators, penalty)
        } else if isSolved, tolerance > 1e-3 * settings.tolerance {
          tolerance *= 0.1
        } else {
          isFinished = true
        }
      }
      if isFinished {
        rememberEnd(l1)
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

  private mutating func solve(_ tolerance: Double, _ iterations: inout Int) -> Bool {
    let limit = settings.maximumIterations
    if descent != nil {
      return descent!.solve(tolerance, maximumIterations: limit, iterations: &iterations, pool: pool)
    }
    // The solver's gap is relative to what the free columns have left of the target.
    guard gram.targetSquares > 0 else { return true }
    return gram.solve(
      tolerance * problem.targetSquares / gram.targetSquares, maximumIterations: limit, iterations: &iterations)
  }

  // MARK: Columns

  /// The columns that are in, their coefficients, and where each column is among them, -1 outside.
  private var columns: [Int] { descent?.columns ?? gram.columns }
  private var coefficients: [Double] { descent?.coefficients ?? gram.coefficients }
  private var positions: [Int] { descent?.positions ?? gram.positions }

  /// Takes columns in, with their Gram matrix against those that are in.
  private mutating func append(_ added: [Int], _ penalty: CoordinatePenalty) {
    guard !added.isEmpty else { return }
    let total = gram.count + added.count
    var products = Matrix<Double>(rows: 0, columns: 0)
    switch problem.design.columns {
    case .dense(let dense):
      appendToPanel(added, dense)
      products = panelProducts(added.count, total)
    case .sparse(let sparse):
      if descent == nil, free == nil, total > Self.largestSparseGram(sparse) {
        var descent = ResidualDescent(sparse, problem, penalty: penalty)
        descent.append(gram.columns, coefficients: gram.coefficients)
        self.descent = descent
        gram = GramProblem(columnCount: 0, targetSquares: gram.targetSquares, penalty: penalty)
      }
      if descent != nil {
        descent!.append(added)
        return
      }
      products = sparseProducts(added, sparse)
    }
    var towardsTarget = targetCorrelations(added)
    for (index, column) in added.enumerated()
    where free != nil && isDependent(column, left: products[index, total - added.count + index]) {
      towardsTarget[index] = 0
      for other in 0..<total { products[index, other] = 0 }
      for other in 0..<added.count { products[other, total - added.count + index] = 0 }
    }
    gram.append(added, products: products, correlations: towardsTarget)
  }

  private mutating func appendToPanel(_ added: [Int], _ dense: DenseColumns) {
    let n = problem.design.rowCount
    let first = panel.count
    for column in added { panel += dense.matrix.elements[column * n..<(column + 1) * n] }
    guard let free else { return }
    panel.withUnsafeMutableBufferPointer { panel in
      for index in added.indices { free.project(panel.baseAddress! + first + index * n) }
    }
  }

  /// The products of the last columns of the panel with all of it.
  private func panelProducts(_ count: Int, _ total: Int) -> Matrix<Double> {
    let n = problem.design.rowCount
    var products = Matrix<Double>(rows: count, columns: total)
    let product = MatrixProduct<Double>(m: count, n: total, k: n, transposeB: true)
    var workspace = [Double](repeating: 0, count: product.workspaceCount)
    products.withUnsafeMutableElements { products in
      panel.withUnsafeBufferPointer { panel in
        workspace.withUnsafeMutableBufferPointer { workspace in
          let (a, b) = (panel.baseAddress! + (total - count) * n, panel.baseAddress!)
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
    return products
  }

  private func sparseProducts(_ added: [Int], _ sparse: SparseColumns) -> Matrix<Double> {
    let others = gram.columns + added
    var products = Matrix<Double>(rows: added.count, columns: others.count)
    products.withUnsafeMutableElements { products in
      pool.run(added.count) { index in
        let row = sparse.gramRow(added[index], against: others[...])
        (products + index * others.count).update(from: row, count: others.count)
      }
    }
    guard freeProducts.rows > 0 else { return products }
    func selected(_ columns: [Int]) -> Matrix<Double> {
      let p = freeProducts.columns
      let elements = (0..<freeProducts.rows).flatMap { k in columns.map { freeProducts.elements[k * p + $0] } }
      return Matrix(rows: freeProducts.rows, columns: columns.count, elements: elements)
    }
    matrixMultiply(
      selected(added), selected(others), into: &products, transposeA: true, alpha: -1, beta: 1, pool: pool)
    return products
  }

  private func targetCorrelations(_ columns: [Int]) -> [Double] {
    let design = problem.design
    let n = design.rowCount
    switch design.columns {
    case .dense(let dense):
      return dense.matrix.withUnsafeElements { elements in
        columns.map { Double.dot(n, elements + $0 * n, target) }
      }
    case .sparse(let sparse):
      // The target is centred wherever the columns are.
      return zip(columns, sparse.rawDots(columns[...], target)).map { $1 * sparse.inverseScales[$0] }
    }
  }

  private mutating func rememberEnd(_ l1: Double) {
    guard !usesAllColumns else { return }
    ends.append((l1, screen.estimates))
    if ends.count > 2 { ends.removeFirst() }
  }

  /// The columns outside that are likely to come in at a penalty, the most urgent ones where they are many.
  private func expectedColumns(_ penalty: CoordinatePenalty) -> [Int] {
    let positions = positions
    guard let last = ends.last else {
      // The sequential strong rule.
      let keep = CoordinatePenalty(l1: max(2 * penalty.l1 - largestL1, 0), l2: 0, factors: penalty.factors)
      return limited(
        correlations.indices.filter {
          positions[$0] < 0 && penalty.factors[$0] > 0 && correlations[$0].magnitude >= keep.threshold($0)
            && correlations[$0] != 0
        })
    }
    let step = last.l1 - penalty.l1
    let before = ends[0]
    let ratio = before.l1 > last.l1 && step > 0 ? min(step / (before.l1 - last.l1), 4) : 0
    let keep = CoordinatePenalty(l1: penalty.l1 - 0.1 * max(step, 0), l2: 0, factors: penalty.factors)
    return limited(
      last.estimates.indices.filter { column in
        guard positions[column] < 0, penalty.factors[column] > 0 else { return false }
        let now = last.estimates[column]
        let expected = now + ratio * (now - before.estimates[column])
        return now != 0 && max(now.magnitude, expected.magnitude) >= keep.threshold(column)
      })
  }

  /// The columns outside whose optimality condition does not hold, limited likewise.
  private func violatingColumns(_ penalty: CoordinatePenalty) -> [Int] {
    let positions = positions
    return limited(
      correlations.indices.filter {
        positions[$0] < 0 && penalty.factors[$0] > 0 && correlations[$0].magnitude > penalty.threshold($0)
      })
  }

  private func limited(_ columns: [Int]) -> [Int] {
    let limit = max(Self.smallestBatch, 2 * coefficients.count { $0 != 0 })
    guard columns.count > limit else { return columns }
    func urgency(_ column: Int) -> Double { screen.estimates[column].magnitude / problem.factors[column] }
    return columns.sorted { urgency($0) > urgency($1) }.prefix(limit).sorted()
  }

  // MARK: The whole problem

  /// t − Z b with the free coefficients that belong to the others, made orthogonal to the free columns; nil where the Gram
  /// matrix of all columns says all there is to say.
  private mutating func finalResidual() -> [Double]? {
    if usesAllColumns, free == nil { return nil }
    var residual = problem.target
    let (columns, coefficients) = (columns, coefficients)
    let support = coefficients.indices.filter { coefficients[$0] != 0 }
    if case .dense = problem.design.columns, !usesAllColumns, free == nil {
      let n = residual.count
      panel.withUnsafeBufferPointer { panel in
        for position in support {
          Double.axpy(n, -coefficients[position], panel.baseAddress! + position * n, 1, &residual, 1)
        }
      }
    } else {
      problem.design.add(support.map { columns[$0] }, support.map { -coefficients[$0] }, to: &residual)
    }
    guard let free else { return residual }
    freeCoefficients = free.correction(of: residual)
    var left = residual
    problem.design.add(free.columns, freeCoefficients.map { -$0 }, to: &left)
    for (index, change) in free.correction(of: left).enumerated() { freeCoefficients[index] += change }
    return free.projected(residual)
  }

  /// Sets Z'r and gives ‖r‖² and r't.
  @discardableResult
  private mutating func updateCorrelations(
    _ residual: [Double]?, _ penalty: CoordinatePenalty
  ) -> (squares: Double, target: Double) {
    guard let residual else {
      correlations = gram.gradient
      return gram.residualProducts
    }
    let positions = positions
    screen.update(residual, problem.design, penalty, needed: { positions[$0] >= 0 }, pool: pool)
    correlations = screen.correlations
    return (
      Double.sumOfSquares(residual.count, residual), Double.dot(residual.count, residual, problem.target)
    )
  }

  private func ascendingSupport() -> ([Int], [Double]) {
    let (columns, coefficients) = (columns, coefficients)
    var entries = columns.indices.filter { coefficients[$0] != 0 }.map { (columns[$0], coefficients[$0]) }
    if let free { entries += zip(free.columns, freeCoefficients).filter { $0.1 != 0 } }
    entries.sort { $0.0 < $1.0 }
    return (entries.map(\.0), entries.map(\.1))
  }

  /// ‖r‖², from the rows themselves where the Gram matrix has lost too many of its digits.
  private func rss(_ squares: Double, _ support: [Int], _ values: [Double]) -> Double {
    guard usesAllColumns, squares < 1e-4 * problem.targetSquares else { return squares }
    let residual = problem.residual(support, values)
    return Double.sumOfSquares(residual.count, residual)
  }
}
