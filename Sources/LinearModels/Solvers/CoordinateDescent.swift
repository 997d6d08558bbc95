import BLAS

/// Lasso and elastic net by coordinate descent, along a path of penalties or for a single one.
///
/// With few columns against rows the Gram matrix of all of them is made once, and no later step touches the rows; of a large
/// design only those of its rows that are needed, while they are few: see ``GramRows``, or along a path not even those: see
/// ``SpannedCorrelations``. Else the columns that matter are collected as they show themselves, in a Gram matrix that grows. Along a path the correlations
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
  var gram: GramProblem
  /// Takes over from `gram` where a sparse design has too many columns in.
  var descent: ResidualDescent?
  /// Z_W without the free columns' part, a row a column of W, of a dense design without the Gram matrix of all columns.
  var panel: [Double] = []
  var screen: CorrelationScreen
  /// Z'r at the last coefficients, or bounds of it where that is enough.
  private(set) var correlations: [Double]
  /// Z'r at the end of the last penalty and of the one before, estimated where only bounded.
  var ends: [(l1: Double, estimates: [Double])] = []
  var usesAllColumns: Bool
  /// The rows of the Gram matrix that have been needed so far; nil where all are there, or none are wanted.
  var gramRows: GramRows?
  /// What a path knows of the columns outside instead.
  var spanned: SpannedCorrelations?
  /// The columns that are not penalised; nil without any.
  let free: FreeColumns?
  /// Their coefficients.
  private var freeCoefficients: [Double] = []
  /// Q'Z, a row a basis vector of the free columns.
  let freeProducts: Matrix<Double>
  /// The target without the free columns' part.
  let target: [Double]
  private let settings: RegressionSettings
  let pool: ThreadPool

  /// A column that the free ones leave less of its squares than this share is all but theirs, and keeps a coefficient of 0.
  private static let dependence = 1e-11

  /// From so many penalties on a path is prepared as one.
  private static let smallestPath = 8
  /// Columns of a design from which it is worth while not to multiply all with each other, and the share of them that is
  /// looked at first.
  private static let smallestWidth = 200
  private static let leadingShare = 0.125

  /// How many columns of a path's tall design are worth their products with each other before anything else is known.
  static func leadingColumns(_ columns: Int, _ settings: RegressionSettings) -> Int {
    let hasFree = settings.penaltyFactors?.contains(0) ?? false
    return !hasFree && columns >= smallestWidth ? Int(leadingShare * Double(columns)) : 0
  }

  /// Whether the Gram matrix of all columns is made: a few columns anyway, up to half as many as rows otherwise.
  static func usesAllColumns(rows: Int, columns: Int) -> Bool { columns <= max(rows / 2, 64) && columns <= 4096 }

  /// Prepares a problem; where the Gram matrix of all columns is made this is most of the work.
  ///
  /// - Parameter wantsGram: Whether ``gramOfAllColumns`` will be asked for, if there are few columns against rows.
  init(_ problem: RegressionProblem, settings: RegressionSettings, wantsGram: Bool = false, pool: ThreadPool) {
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
    if usesAllColumns, !wantsGram, free == nil,
      let rows = GramRows(design, target, known: problem.targetCorrelations, pool: pool)
    {
      (gramRows, usesAllColumns) = (rows, false)
    }
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
  func isDependent(_ column: Int, left squares: Double) -> Bool {
    problem.factors[column] == 0 || squares <= Self.dependence * problem.design.statistics.squaredNorms[column]
  }

  /// Which solver this is, for the report.
  var report: SolverReport {
    SolverReport(
      solver: usesGram ? .coordinateDescentGram : .coordinateDescentWorkingSet, reciprocalCondition: nil)
  }

  /// Whether a Gram matrix tells the correlations of all columns.
  var usesGram: Bool { usesAllColumns || gramRows != nil || spanned != nil }

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

  /// Says which penalties are to come, in descending order, so that what they need costs few passes over the observations.
  mutating func expect(_ penalties: [(l1: Double, l2: Double)]) {
    let penalties = penalties.filter { $0.l1 > 0 }
      .map { CoordinatePenalty(l1: $0.l1, l2: $0.l2, factors: problem.factors) }
    guard let last = penalties.last, let rows = gramRows else { return }
    if penalties.count >= Self.smallestPath,
      let spanned = SpannedCorrelations(problem, targetCorrelations: rows.targetCorrelations)
    {
      (self.spanned, gramRows) = (spanned, nil)
      gram.setPenalty(last)
      append(spanned.leading, last)
      expectPath(penalties)
    } else {
      expectEnd(last)
    }
    // The path begins at its beginning all the same.
    gram.coefficients = [Double](repeating: 0, count: gram.count)
    gram.refreshGradient()
    updateCorrelations(nil, last)
  }

  /// Takes in the columns that a penalty to come will need: in turns those that violate its conditions most while others are
  /// left out. With the signal in, what violates them is what belongs in.
  private mutating func expectEnd(_ penalty: CoordinatePenalty) {
    gram.setPenalty(penalty)
    var iterations = 0
    while gramRows != nil {
      _ = solve(settings.tolerance, &iterations)
      updateCorrelations(nil, penalty)
      let violators = violatingColumns(penalty)
      if violators.isEmpty { break }
      append(violators, penalty)
    }
  }

  /// The same for a path: those that violate the conditions of its end are all but those that it needs. With them it is solved,
  /// its residuals are prepared, and what they show to matter besides comes in.
  private mutating func expectPath(_ penalties: [CoordinatePenalty]) {
    let last = penalties[penalties.count - 1]
    var iterations = 0
    _ = solve(settings.tolerance, &iterations)
    updateCorrelations(nil, last)
    append(violatingColumns(last), last)
    guard spanned != nil else { return }
    gram.coefficients = [Double](repeating: 0, count: gram.count)
    gram.refreshGradient()
    var path: [SpannedCorrelations.Point] = []
    for penalty in penalties {
      gram.setPenalty(penalty)
      iterations = 0
      _ = solve(0.25 * settings.tolerance, &iterations)
      path.append(SpannedCorrelations.Point(gram, penalty))
    }
    append(spanned!.prepare(path, gram, pool: pool), last)
  }

  /// Solves for a penalty, starting from the coefficients of the last one.
  mutating func fit(l1: Double, l2: Double) -> LinearFit {
    let penalty = CoordinatePenalty(l1: l1, l2: l2, factors: problem.factors)
    gram.setPenalty(penalty)
    descent?.setPenalty(penalty)
    if !usesGram { append(expectedColumns(penalty), penalty) }
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
        let violators = violatingColumns(penalty)
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

  /// The columns that are in, their coefficients, and where each column is among them, -1 outside.
  var columns: [Int] { descent?.columns ?? gram.columns }
  var coefficients: [Double] { descent?.coefficients ?? gram.coefficients }
  var positions: [Int] { descent?.positions ?? gram.positions }

  // MARK: The whole problem

  /// t − Z b with the free coefficients that belong to the others, made orthogonal to the free columns; nil where the Gram
  /// matrix of all columns says all there is to say.
  private mutating func finalResidual() -> [Double]? {
    if usesGram, free == nil { return nil }
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
      if spanned != nil {
        correlations = spanned!.correlations(gram, penalty, pool: pool)
      } else {
        correlations = gramRows?.correlations(gram.coefficients) ?? gram.gradient
      }
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
    guard usesGram, squares < 1e-4 * problem.targetSquares else { return squares }
    let residual = problem.residual(support, values)
    return Double.sumOfSquares(residual.count, residual)
  }
}
