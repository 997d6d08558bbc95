/// The observation weights of a fit, validated, with what the solvers need of them.
struct RowWeights: Sendable {
  /// The weights; nil when all are 1.
  let weights: [Double]?
  /// Their square roots.
  let roots: [Double]?
  /// Their sum; the number of rows without weights.
  let total: Double
  /// The number of rows of positive weight.
  let positiveCount: Int
  /// The number of rows.
  let count: Int

  /// Validates weights.
  ///
  /// - Throws: A ``LinearModelError`` for a wrong length, a weight that is negative or not finite, or only zeros.
  init(_ weights: [Double]?, rows: Int) throws(LinearModelError) {
    guard rows > 0 else { throw .noObservations }
    count = rows
    guard let weights else {
      (self.weights, roots, total, positiveCount) = (nil, nil, Double(rows), rows)
      return
    }
    try requireEntries(weights, "the observation weights", count: rows, negative: false)
    total = weights.reduce(0, +)
    guard total > 0 else { throw .noWeight }
    guard total.isFinite else { throw .overflow(of: "the observation weights") }
    positiveCount = weights.count { $0 > 0 }
    self.weights = weights
    roots = weights.map { $0.squareRoot() }
  }

  /// The weight of a row.
  func weight(_ row: Int) -> Double { weights?[row] ?? 1 }

  /// The weighted mean, refined once so that a large common part costs no accuracy.
  func mean(_ values: [Double]) -> Double {
    func sum(_ shift: Double) -> Double {
      var sum = 0.0
      if let weights {
        for (weight, value) in zip(weights, values) { sum += weight * (value - shift) }
      } else {
        for value in values { sum += value - shift }
      }
      return sum / total
    }
    let first = sum(0)
    return first + sum(first)
  }
}

/// Checks a list that has one entry per row or column: its length, that it is finite and, if asked, not negative.
func requireEntries(
  _ values: [Double], _ name: String, count: Int, negative: Bool = true
) throws(LinearModelError) {
  guard values.count == count else { throw .wrongLength(of: name, expected: count, found: values.count) }
  for (index, value) in values.enumerated() {
    guard value.isFinite else { throw .entryNotFinite(of: name, index: index) }
    if !negative, value < 0 { throw .negativeEntry(of: name, index: index, value: value) }
  }
}
