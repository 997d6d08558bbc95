import BLAS

/// The active columns of the homotopy with the factor of their Gram matrix.
///
/// While the active set A and its signs s stay, the lasso's coefficients are linear in the correlation level C = λ / 2:
/// b_A(C) = u − C w with u = G_AA⁻¹ Z_A't and w = G_AA⁻¹ (v s)_A.
struct HomotopySystem {
  let problem: RegressionProblem
  /// A, in the order of entry.
  private(set) var active: [Int] = []
  /// The sign of each active coefficient; 0 for a free one.
  private(set) var signs: [Double] = []
  private var gram: [[Double]] = []
  private var columns: [[Double]] = []
  private var factor: Cholesky<Double>?

  /// A column whose part orthogonal to the active ones has squares below this share of its own counts as dependent.
  private static let dependence = 1e-11

  init(_ problem: RegressionProblem) {
    self.problem = problem
  }

  /// Takes a column in; false, and nothing changes, if it depends on those that are in.
  mutating func enter(_ column: Int, sign: Double) throws(LinearModelError) -> Bool {
    var next = self
    let values = problem.design.column(column)
    var row = columns.map { Double.dot(values.count, $0, values) }
    for (index, value) in row.enumerated() { next.gram[index].append(value) }
    row.append(Double.sumOfSquares(values.count, values))
    next.gram.append(row)
    next.columns.append(values)
    next.active.append(column)
    next.signs.append(sign)
    guard try next.refactor() else { return false }
    self = next
    return true
  }

  /// Takes the column at an index of `active` out.
  mutating func leave(_ index: Int) throws(LinearModelError) {
    gram.remove(at: index)
    for row in gram.indices { gram[row].remove(at: index) }
    columns.remove(at: index)
    active.remove(at: index)
    signs.remove(at: index)
    _ = try refactor()
  }

  private mutating func refactor() throws(LinearModelError) -> Bool {
    let size = active.count
    let matrix = Matrix(rows: size, columns: size, elements: gram.flatMap { $0 })
    guard let (found, _) = try factored(matrix) else { return false }
    if size > 0 {
      let pivot = found.lower[size - 1, size - 1]
      guard pivot * pivot > Self.dependence * gram[size - 1][size - 1] else { return false }
    }
    factor = found
    return true
  }

  /// u and w.
  func line() -> (constant: [Double], slope: [Double]) {
    guard let factor, !active.isEmpty else { return ([], []) }
    let n = problem.target.count
    func refined(_ right: [Double]) -> [Double] {
      var solution = factor.solve(right)
      var defect = right
      for (i, row) in gram.enumerated() { defect[i] -= Double.dot(row.count, row, solution) }
      for (i, change) in factor.solve(defect).enumerated() { solution[i] += change }
      return solution
    }
    return (
      refined(columns.map { Double.dot(n, $0, problem.target) }),
      refined(zip(active, signs).map { problem.factors[$0] * $1 })
    )
  }
}
