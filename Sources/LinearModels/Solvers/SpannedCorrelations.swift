import BLAS

/// Z'r of all columns along the path of a tall design, from the products of a few of its residuals with the observations.
///
/// The residuals of a path lie close to the span of some of them. With the columns that matter and their Gram matrix at hand
/// their inner products are known without the observations, r = t − Z_W b being known by b, so that those whose span holds
/// all the others are chosen first and multiplied with all columns in one pass. With an orthonormal basis q_i of them,
/// r = Σ a_i q_i + e gives |z_j'r − Σ a_i z_j'q_i| ≤ ‖z_j‖‖e‖, which settles that a column outside keeps its coefficient of 0
/// wherever it stays below the threshold. Where it does not, that residual joins the basis.
///
/// ``CorrelationScreen`` has the same bound for designs whose residuals are written out.
struct SpannedCorrelations: Sendable {
  /// One residual: its coefficients b and the slopes c − G b, by the positions of the columns that are in.
  struct Point: Sendable {
    let coefficients: [Double]
    let slopes: [Double]
    /// c'b.
    let fitted: Double
    let penalty: CoordinatePenalty

    init(_ gram: GramProblem, _ penalty: CoordinatePenalty) {
      (coefficients, slopes) = (gram.coefficients, gram.gradient)
      fitted = Double.dot(gram.count, gram.targetCorrelations, gram.coefficients)
      self.penalty = penalty
    }
  }

  /// Z't.
  let targetCorrelations: [Double]
  /// The columns that came with the design and belong in first.
  let leading: [Int]
  private let streamed: StreamedRows
  private let target: [Double]
  private let targetSquares: Double
  private let norms: [Double]
  /// The coefficients of the residuals in the basis, by position; the first is the target itself.
  private var basis: [[Double]] = []
  /// Row i: the i-th residual in terms of the orthonormal basis.
  private var factor: [[Double]] = []
  /// Z'q_i.
  private var products: [[Double]] = []
  /// How far each of the products may be off by rounding, in units of ‖z_j‖.
  private var errors: [Double] = []

  /// The largest ‖z_j‖‖e‖ in terms of the threshold that is left to the bound.
  private static let largestSlack = 0.08
  /// Residuals that one pass over the observations takes.
  private static let largestBatch = 32
  /// Of ‖t‖: what rounding may hide of a residual's distance from the span.
  private static let rounding = 4e-7
  /// Beyond this share of the columns the whole matrix costs no more.
  private static let largestShare = 0.5
  /// Beyond as many residuals too.
  private static let largestBasis = 96

  /// Nil where no columns came with the design, or with a target that is 0.
  init?(_ problem: RegressionProblem, targetCorrelations: [Double]) {
    guard case .dense(let dense) = problem.design.columns, let streamed = dense.streamed,
      !streamed.leading.columns.isEmpty, problem.targetSquares > 0
    else { return nil }
    self.streamed = streamed
    self.targetCorrelations = targetCorrelations
    leading = streamed.leading.columns
    (target, targetSquares) = (problem.target, problem.targetSquares)
    norms = problem.design.statistics.squaredNorms.map { $0.squareRoot() }
    insert([], coordinates: [], rest: targetSquares, targetCorrelations)
  }

  /// Whether so many columns are worth less than the whole matrix.
  func isWorthwhile(_ count: Int) -> Bool {
    Double(count) <= Self.largestShare * Double(norms.count) && basis.count <= Self.largestBasis
  }

  /// The products of columns that come in with all that are then in.
  func append(_ added: [Int], to columns: [Int], pool: ThreadPool) -> Matrix<Double> {
    if columns.isEmpty, added == leading { return streamed.leading.products }
    return streamed.products(of: added, with: columns, pool: pool)
  }

  /// Z'Z of all columns.
  func whole(pool: ThreadPool) -> Matrix<Double> { streamed.gram(pool: pool) }

  /// Z'r at the coefficients of a problem: exact in its columns and wherever a bound below the threshold would not do.
  mutating func correlations(_ gram: GramProblem, _ penalty: CoordinatePenalty, pool: ThreadPool) -> [Double] {
    guard gram.coefficients.contains(where: { $0 != 0 }) else { return targetCorrelations }
    let point = Point(gram, penalty)
    let (coordinates, rest) = projection(point)
    var (result, slack) = estimates(coordinates, rest)
    var isOpen = false
    for column in norms.indices where gram.positions[column] < 0 {
      let bound = result[column].magnitude + norms[column] * slack
      if bound >= penalty.threshold(column), norms[column] > 0 { isOpen = true }
      result[column] = result[column] < 0 ? -bound : bound
    }
    if isOpen {
      result = streamed.correlations(
        ofResiduals: [point.coefficients], columns: gram.columns, target: target, pool: pool)
      if rest > 0 { insert(point.coefficients, coordinates: coordinates, rest: rest, result) }
    }
    for (position, column) in gram.columns.enumerated() { result[column] = gram.gradient[position] }
    return result
  }

  /// Takes in residuals until their span all but holds those of a path.
  ///
  /// - Parameter path: Its points, solved in the columns that are in.
  /// - Returns: The columns outside that may matter at some of them.
  mutating func prepare(_ path: [Point], _ gram: GramProblem, pool: ThreadPool) -> [Int] {
    let outside = norms.indices.filter { gram.positions[$0] < 0 && norms[$0] > 0 }
    // ‖z_j‖ / threshold at its largest, which a residual's distance from the span is to be multiplied by.
    let weights = path.map { point in
      outside.reduce(0) { max($0, norms[$1] / point.penalty.threshold($1)) }
    }
    var (coordinates, rests): ([[Double]], [Double]) = ([], [])
    for point in path {
      let (found, rest) = projection(point)
      coordinates.append(found)
      rests.append(rest)
    }
    var chosen: [(index: Int, coordinates: [Double], rest: Double)] = []
    while chosen.count < Self.largestBatch {
      var (next, largest) = (-1, Self.largestSlack)
      for (index, rest) in rests.enumerated() {
        let size = rest.squareRoot() * weights[index]
        if isOutside(rest), size > largest { (next, largest) = (index, size) }
      }
      guard next >= 0 else { break }
      chosen.append((next, coordinates[next], rests[next]))
      let (pivot, size) = (path[next], rests[next].squareRoot())
      let row = coordinates[next]
      for index in path.indices {
        let product = inner(path[index], pivot.coefficients)
        let along = (product - Double.dot(row.count, row, coordinates[index])) / size
        coordinates[index].append(along)
        rests[index] = max(rests[index] - along * along, 0)
      }
    }
    let found = streamed.correlations(
      ofResiduals: chosen.map { path[$0.index].coefficients }, columns: gram.columns, target: target, pool: pool)
    let p = norms.count
    for (index, residual) in chosen.enumerated() {
      insert(
        path[residual.index].coefficients, coordinates: residual.coordinates, rest: residual.rest,
        Array(found[index * p..<(index + 1) * p]))
    }
    var isOpen = [Bool](repeating: false, count: p)
    for (index, point) in path.enumerated() {
      let (values, slack) = estimates(coordinates[index], rests[index])
      for column in outside where values[column].magnitude + norms[column] * slack >= point.penalty.threshold(column) {
        isOpen[column] = true
      }
    }
    return outside.filter { isOpen[$0] }
  }

  /// r'r_i for a residual of the basis: ‖t‖² − c'b − b_i'(c − G b).
  private func inner(_ point: Point, _ other: [Double]) -> Double {
    targetSquares - point.fitted - Double.dot(min(other.count, point.slopes.count), other, point.slopes)
  }

  /// A residual in terms of the basis, and the squares of what is outside its span.
  private func projection(_ point: Point) -> (coordinates: [Double], rest: Double) {
    var coordinates: [Double] = []
    for (index, other) in basis.enumerated() {
      let row = factor[index]
      coordinates.append((inner(point, other) - Double.dot(index, row, coordinates)) / row[index])
    }
    let square = inner(point, point.coefficients)
    return (coordinates, max(square - Double.sumOfSquares(coordinates.count, coordinates), 0))
  }

  /// Whether the squares of a residual's distance from the span are more than rounding.
  private func isOutside(_ rest: Double) -> Bool { rest > Self.rounding * Self.rounding * targetSquares }

  /// Σ a_i Z'q_i and the bound of ‖e‖.
  private func estimates(_ coordinates: [Double], _ rest: Double) -> (values: [Double], slack: Double) {
    var values = [Double](repeating: 0, count: norms.count)
    var slack = rest.squareRoot() + Self.rounding * targetSquares.squareRoot()
    for (index, weight) in coordinates.enumerated() {
      Double.axpy(norms.count, weight, products[index], 1, &values, 1)
      slack += weight.magnitude * errors[index]
    }
    return (values, slack)
  }

  private mutating func insert(_ coefficients: [Double], coordinates: [Double], rest: Double, _ found: [Double]) {
    let size = rest.squareRoot()
    guard isOutside(rest) else { return }
    var product = found
    var error = Double(target.count).squareRoot() * Double.ulpOfOne * targetSquares.squareRoot()
    for (index, weight) in coordinates.enumerated() {
      Double.axpy(norms.count, -weight, products[index], 1, &product, 1)
      error += weight.magnitude * errors[index]
    }
    Double.scal(norms.count, 1 / size, &product, 1)
    basis.append(coefficients)
    factor.append(coordinates + [size])
    products.append(product)
    errors.append(error / size)
  }
}
