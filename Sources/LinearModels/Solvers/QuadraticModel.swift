import BLAS

/// −q_0'(b − b_0) + ½ (b − b_0)'H (b − b_0): a datafit near b_0, over a few columns.
///
/// q = q_0 − H (b − b_0) is kept beside b, so that a changed coefficient costs one pass over a row of H.
struct QuadraticModel: Sendable {
  /// H, m x m.
  let hessian: Matrix<Double>
  /// b_0 and q_0.
  let start: [Double]
  let startDescent: [Double]
  /// b.
  var coefficients: [Double]
  /// q, minus the gradient.
  var descent: [Double]

  init(hessian: Matrix<Double>, coefficients: [Double], descent: [Double]) {
    self.hessian = hessian
    (start, startDescent) = (coefficients, descent)
    (self.coefficients, self.descent) = (coefficients, descent)
  }

  /// m.
  var count: Int { coefficients.count }

  /// Changes one coefficient.
  mutating func change(_ position: Int, to value: Double) {
    let change = value - coefficients[position]
    guard change != 0 else { return }
    coefficients[position] = value
    let m = count
    hessian.withUnsafeElements { Double.axpy(m, -change, $0 + position * m, 1, &descent, 1) }
  }

  /// q anew from b, which takes off the rounding errors of many small steps.
  mutating func refresh() {
    descent = startDescent
    let m = count
    hessian.withUnsafeElements { hessian in
      for position in 0..<m where coefficients[position] != start[position] {
        Double.axpy(m, start[position] - coefficients[position], hessian + position * m, 1, &descent, 1)
      }
    }
  }

  /// H restricted to some positions.
  func block(_ positions: [Int]) -> Matrix<Double> {
    let (size, m) = (positions.count, count)
    var block = Matrix<Double>(rows: size, columns: size)
    block.withUnsafeMutableElements { block in
      hessian.withUnsafeElements { hessian in
        for (i, row) in positions.enumerated() {
          for (j, column) in positions.enumerated() { block[i * size + j] = hessian[row * m + column] }
        }
      }
    }
    return block
  }
}

/// The solution of a symmetric positive semidefinite system, with as much added to its diagonal as it takes to factor it.
///
/// With anything added the step is shorter than the exact one, and still one downhill.
func regularisedSolve(_ system: Matrix<Double>, _ right: [Double]) -> [Double]? {
  var system = system
  let largest = (0..<system.rows).reduce(0) { max($0, system[$1, $1]) }
  guard largest > 0, largest.isFinite else { return nil }
  var added = 0.0
  for _ in 0..<6 {
    if let factor = try? Cholesky(system) {
      let solution = factor.solve(right)
      if solution.allSatisfy(\.isFinite) { return solution }
    }
    let next = added == 0 ? 1e-14 * largest * Double(system.rows) : 100 * added
    for i in 0..<system.rows { system[i, i] += next - added }
    added = next
  }
  return nil
}
