import BLAS

/// A sparse standardised design: the entries as they came (times √w), with means and scales beside them.
///
/// Column j stands for (√w ∘ x_j − mean_j √w) / scale_j, and is never written out. With zeros among its rows its mean is at
/// most √n deviations, so that the subtraction costs few digits. A column without zeros has no such bound, but nothing to
/// save either: its entries are centred as they are stored.
struct SparseColumns: Sendable {
  let matrix: SparseMatrix
  /// The entries times √w; the matrix' own array without weights and without columns that are centred as stored.
  let values: [Double]
  /// √w; nil when all weights are 1.
  let roots: [Double]?
  let totalWeight: Double
  /// What is still to be subtracted from each column; 0 without an intercept.
  let means: [Double]
  let inverseScales: [Double]

  /// Columns that one task handles.
  private static let columnsPerTask = 512

  static func make(
    _ matrix: SparseMatrix, _ rows: RowWeights, _ choice: StandardisationChoice, pool: ThreadPool
  ) -> (SparseColumns, [ColumnSummary]) {
    var summaries = [ColumnSummary](repeating: ColumnSummary(), count: matrix.columns)
    summaries.withUnsafeMutableBufferPointer { summaries in
      forEachBlock(matrix.columns, pool) { block in
        for column in block { summaries[column] = summarise(matrix, column, rows, choice) }
      }
    }
    var values = matrix.values
    var means = summaries.map(\.mean)
    for column in 0..<matrix.columns where choice.centres && means[column] != 0 {
      let entries = matrix.columnStarts[column]..<matrix.columnStarts[column + 1]
      // Rows of weight 0 may be missing: they count for nothing.
      let stored = entries.count { rows.weight(Int(matrix.rowIndices[$0])) > 0 }
      guard stored == rows.positiveCount else { continue }
      for entry in entries { values[entry] -= means[column] }
      means[column] = 0
      // What the rounding of the mean has left.
      let left = entries.reduce(0) { $0 + rows.weight(Int(matrix.rowIndices[$1])) * values[$1] } / rows.total
      for entry in entries { values[entry] -= left }
    }
    if let roots = rows.roots {
      for entry in values.indices { values[entry] *= roots[Int(matrix.rowIndices[entry])] }
    }
    let columns = SparseColumns(
      matrix: matrix, values: values, roots: rows.roots, totalWeight: rows.total, means: means,
      inverseScales: summaries.map { 1 / $0.scale })
    return (columns, summaries)
  }

  private static func forEachBlock(_ columns: Int, _ pool: ThreadPool, _ body: (Range<Int>) -> Void) {
    pool.run((columns + columnsPerTask - 1) / columnsPerTask) { task in
      body(task * columnsPerTask..<min((task + 1) * columnsPerTask, columns))
    }
  }

  /// Mean and scale of one column, in two passes over its entries; the zeros are counted, not visited.
  private static func summarise(
    _ matrix: SparseMatrix, _ column: Int, _ rows: RowWeights, _ choice: StandardisationChoice
  ) -> ColumnSummary {
    var summary = ColumnSummary()
    let entries = matrix.columnStarts[column]..<matrix.columnStarts[column + 1]
    func weight(_ entry: Int) -> Double { rows.weights?[Int(matrix.rowIndices[entry])] ?? 1 }
    var (sum, square, stored, positive) = (0.0, 0.0, 0.0, 0)
    var (low, high) = (Double.infinity, -Double.infinity)
    for entry in entries {
      let (weight, value) = (weight(entry), matrix.values[entry])
      guard value.isFinite else {
        summary.failure = .notFinite(row: Int(matrix.rowIndices[entry]))
        return summary
      }
      sum += weight * value
      square += weight * value * value
      guard weight > 0 else { continue }
      stored += weight
      positive += 1
      (low, high) = (min(low, value), max(high, value))
    }
    if positive < rows.positiveCount { (low, high) = (min(low, 0), max(high, 0)) }
    let zeros = positive < rows.positiveCount ? max(rows.total - stored, 0) : 0
    let mean = low == high ? low : sum / rows.total
    var (spread, correction) = (0.0, 0.0)
    if low != high {
      for entry in entries {
        let (weight, difference) = (weight(entry), matrix.values[entry] - mean)
        spread += weight * difference * difference
        correction += weight * difference
      }
      spread += zeros * mean * mean
      correction -= zeros * mean
      spread = max(spread - correction * correction / rows.total, 0)
    }
    summary.setScale(spread: spread, square: square, constant: low == high ? low : nil, rows, choice)
    if choice.centres { summary.mean = mean + correction / rows.total }
    return summary
  }

  /// x_j' v / scale_j − mean_j · (√w' v) / scale_j for every column.
  ///
  /// - Parameter rootSum: Σ √w_i v_i.
  func correlations(_ vector: [Double], rootSum: Double, into result: inout [Double], pool: ThreadPool) {
    result.withUnsafeMutableBufferPointer { result in
      vector.withUnsafeBufferPointer { vector in
        withUnsafeParts { starts, rowIndices, values in
          Self.forEachBlock(matrix.columns, pool) { block in
            for column in block {
              let raw = Self.dot(starts[column]..<starts[column + 1], rowIndices, values, vector)
              result[column] = (raw - means[column] * rootSum) * inverseScales[column]
            }
          }
        }
      }
    }
  }

  /// The same of some columns.
  func correlations(of columns: [Int], _ vector: [Double], rootSum: Double, pool: ThreadPool) -> [Double] {
    var result = [Double](repeating: 0, count: columns.count)
    result.withUnsafeMutableBufferPointer { result in
      vector.withUnsafeBufferPointer { vector in
        withUnsafeParts { starts, rowIndices, values in
          Self.forEachBlock(columns.count, pool) { block in
            for index in block {
              let column = columns[index]
              let raw = Self.dot(starts[column]..<starts[column + 1], rowIndices, values, vector)
              result[index] = (raw - means[column] * rootSum) * inverseScales[column]
            }
          }
        }
      }
    }
    return result
  }

  /// The entries of some columns against a vector of n: x_j' v, neither centred nor scaled.
  func rawDots(_ columns: ArraySlice<Int>, _ vector: [Double]) -> [Double] {
    vector.withUnsafeBufferPointer { vector in
      withUnsafeParts { starts, rowIndices, values in
        columns.map { Self.dot(starts[$0]..<starts[$0 + 1], rowIndices, values, vector) }
      }
    }
  }

  /// result += factor · column j, centred and scaled but for its centring, which is returned as a multiple of √w to add.
  func add(_ column: Int, factor: Double, to result: inout [Double]) -> Double {
    let factor = factor * inverseScales[column]
    result.withUnsafeMutableBufferPointer { result in
      withUnsafeParts { starts, rowIndices, values in
        for entry in starts[column]..<starts[column + 1] { result[Int(rowIndices[entry])] += factor * values[entry] }
      }
    }
    return -factor * means[column]
  }

  /// The entries of one column against a vector.
  static func dot(
    _ entries: Range<Int>, _ rowIndices: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Double>,
    _ vector: UnsafeBufferPointer<Double>
  ) -> Double {
    // Two sums, because one chain of additions waits for itself.
    var (even, odd) = (0.0, 0.0)
    var entry = entries.lowerBound
    while entry + 1 < entries.upperBound {
      even += values[entry] * vector[Int(rowIndices[entry])]
      odd += values[entry + 1] * vector[Int(rowIndices[entry + 1])]
      entry += 2
    }
    if entry < entries.upperBound { even += values[entry] * vector[Int(rowIndices[entry])] }
    return even + odd
  }

  /// The starts, row indices and values, for loops.
  func withUnsafeParts<R>(
    _ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>) -> R
  ) -> R {
    matrix.columnStarts.withUnsafeBufferPointer { starts in
      matrix.rowIndices.withUnsafeBufferPointer { rowIndices in
        values.withUnsafeBufferPointer { body(starts, rowIndices, $0) }
      }
    }
  }
}
