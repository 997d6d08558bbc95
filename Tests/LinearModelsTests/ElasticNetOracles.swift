import LinearModels

/// The elastic net by accelerated proximal gradient with restarts, in plain loops, run until its steps are rounding.
func proximalGradient(_ z: NaiveStandardisation, l1: Double, l2: Double, factors: [Double]) -> [Double] {
  let p = z.columns.count
  var gram: [[Double]] = []
  for i in 0..<p {
    gram.append(z.columns.map { column in zip(z.columns[i], column).reduce(0) { $0 + $1.0 * $1.1 } })
  }
  let c = z.correlations(z.target)
  // The largest eigenvalue, bounded by the largest row sum, plus the largest curvature.
  let lipschitz = (gram.map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 0) + l2 * (factors.max() ?? 0)
  guard lipschitz > 0 else { return [Double](repeating: 0, count: p) }
  var (b, point, momentum) = ([Double](repeating: 0, count: p), [Double](repeating: 0, count: p), 1.0)
  for _ in 0..<400_000 {
    var next = b
    var (change, size, uphill) = (0.0, 0.0, 0.0)
    for i in 0..<p {
      var gradient = -c[i] + l2 * factors[i] * point[i]
      for j in 0..<p where point[j] != 0 { gradient += gram[i][j] * point[j] }
      let moved = point[i] - gradient / lipschitz
      let threshold = 0.5 * l1 * factors[i] / lipschitz
      next[i] = moved > threshold ? moved - threshold : (moved < -threshold ? moved + threshold : 0)
      change = max(change, abs(next[i] - b[i]))
      size = max(size, abs(next[i]))
      uphill += (point[i] - next[i]) * (next[i] - b[i])
    }
    if uphill > 0 { momentum = 1 }
    let following = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
    for i in 0..<p { point[i] = next[i] + (momentum - 1) / following * (next[i] - b[i]) }
    (b, momentum) = (next, following)
    if change <= 1e-15 * size { break }
  }
  return b
}

/// P in half scale, by its definition.
func primal(_ z: NaiveStandardisation, _ b: [Double], l1: Double, l2: Double, factors: [Double]) -> Double {
  var value = 0.5 * squares(z.residual(b))
  for (b, v) in zip(b, factors) { value += 0.5 * v * (l1 * abs(b) + l2 * b * b) }
  return value
}

/// The largest violation of the optimality conditions, each case written out.
func violation(_ z: NaiveStandardisation, _ b: [Double], l1: Double, l2: Double, factors: [Double]) -> Double {
  var largest = 0.0
  for (j, u) in z.correlations(z.residual(b)).enumerated() {
    let (upper, lower) = (0.5 * l1 * factors[j], -0.5 * l1 * factors[j])
    let smooth = u - l2 * factors[j] * b[j]
    if b[j] > 0 {
      largest = max(largest, abs(smooth - upper))
    } else if b[j] < 0 {
      largest = max(largest, abs(smooth - lower))
    } else {
      largest = max(largest, smooth - upper, lower - smooth)
    }
  }
  return 2 * largest
}
