import BLAS

/// Z'r of all columns for the residuals along a path, computed only where a bound does not settle what it is needed for.
///
/// The residuals of a path lie close to the span of the last few. With an orthonormal basis q_i of some of them, whose
/// products Z'q_i are known, r = Σ a_i q_i + e gives |z_j'r − Σ a_i z_j'q_i| ≤ ‖z_j‖‖e‖. A column for which that keeps
/// |z_j'r| below its threshold meets its optimality condition with a coefficient of 0, and its rows are not read. Where too
/// many columns are left, all are computed and the residual joins the basis.
struct CorrelationScreen: Sendable {
  /// z_j'r where it was computed, elsewhere a bound of its magnitude, below the threshold, with the likely sign.
  private(set) var correlations: [Double]
  /// z_j'r where it was computed, elsewhere Σ a_i z_j'q_i.
  private(set) var estimates: [Double]

  private var basis: [[Double]] = []
  private var products: [[Double]] = []
  /// How far each of the products may be off by rounding, in units of ‖z_j‖.
  private var errors: [Double] = []
  private let norms: [Double]

  private static let largestBasis = 8
  /// Below this many elements everything is computed.
  private static let smallestDesign = 1 << 15
  /// Beyond this share of the columns all are computed.
  private static let largestShare = 0.3

  init(_ design: StandardisedDesign) {
    norms = design.statistics.squaredNorms.map { $0.squareRoot() }
    correlations = [Double](repeating: 0, count: norms.count)
    estimates = correlations
  }

  /// Computes the correlations of a residual.
  ///
  /// - Parameters:
  ///   - penalty: The thresholds that decide which columns need no more than a bound.
  ///   - needed: Whether the value itself is needed of a column.
  mutating func update(
    _ residual: [Double], _ design: StandardisedDesign, _ penalty: CoordinatePenalty, needed: (Int) -> Bool,
    pool: ThreadPool
  ) {
    let (n, p) = (residual.count, norms.count)
    guard n * p >= Self.smallestDesign, !basis.isEmpty else {
      computeAll(residual, design, pool: pool)
      return
    }
    let (weights, rest) = projection(residual)
    let size = Double.sumOfSquares(n, residual).squareRoot()
    var slack = Double.sumOfSquares(n, rest).squareRoot() * (1 + 1e-12) + Double(n) * Double.ulpOfOne * size
    for (weight, error) in zip(weights, errors) { slack += weight.magnitude * (error + 1e-15) }
    var values = [Double](repeating: 0, count: p)
    for (weight, product) in zip(weights, products) { Double.axpy(p, weight, product, 1, &values, 1) }

    var open: [Int] = []
    let limit = Int(Self.largestShare * Double(p))
    var bounds = values
    for column in 0..<p {
      let bound = values[column].magnitude + norms[column] * slack
      if bound < penalty.threshold(column), !needed(column) {
        bounds[column] = values[column] < 0 ? -bound : bound
      } else if norms[column] > 0 {
        open.append(column)
      } else {
        (bounds[column], values[column]) = (0, 0)
      }
    }
    guard open.count <= limit else {
      computeAll(residual, design, pool: pool)
      return
    }
    (correlations, estimates) = (bounds, values)
    for (column, value) in zip(open, design.correlations(of: open, residual, pool: pool)) {
      correlations[column] = value
      estimates[column] = value
    }
  }

  private mutating func computeAll(_ residual: [Double], _ design: StandardisedDesign, pool: ThreadPool) {
    correlations = design.correlations(residual, pool: pool)
    estimates = correlations
    let (n, p) = (residual.count, norms.count)
    guard n * p >= Self.smallestDesign else { return }
    let (weights, rest) = projection(residual)
    let size = Double.sumOfSquares(n, residual).squareRoot()
    let left = Double.sumOfSquares(n, rest).squareRoot()
    // What is all but inside the span would bring its rounding errors along.
    guard left > 1e-7 * size, left.isFinite else { return }
    var error = Double(n) * Double.ulpOfOne * size
    var product = correlations
    for (index, weight) in weights.enumerated() {
      Double.axpy(p, -weight, products[index], 1, &product, 1)
      error += weight.magnitude * errors[index]
    }
    Double.scal(p, 1 / left, &product, 1)
    if basis.count == Self.largestBasis {
      basis.removeFirst()
      products.removeFirst()
      errors.removeFirst()
    }
    basis.append(rest.map { $0 / left })
    products.append(product)
    errors.append(error / left)
  }

  /// The coefficients of a vector in the basis, and what is left of it.
  private func projection(_ vector: [Double]) -> (weights: [Double], rest: [Double]) {
    let n = vector.count
    var weights = [Double](repeating: 0, count: basis.count)
    var rest = vector
    // Twice, since once leaves what rounding lost.
    for _ in 0..<2 {
      for (index, direction) in basis.enumerated() {
        let weight = Double.dot(n, direction, rest)
        weights[index] += weight
        Double.axpy(n, -weight, direction, 1, &rest, 1)
      }
    }
    return (weights, rest)
  }
}
