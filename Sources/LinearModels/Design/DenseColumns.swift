import BLAS
import Synchronization

/// A dense standardised design, one contiguous row of memory a variable; of a tall one that memory is only filled when
/// something asks for it.
struct DenseColumns: Sendable {
  /// The rows as they came, where Gram matrix and correlations need no copy.
  let streamed: StreamedRows?
  private let copy: StandardisedCopy

  /// p x n: row j is √w ∘ (x_j − mean_j) / scale_j.
  var matrix: Matrix<Double> { copy.matrix }

  /// Variables that one task copies and standardises.
  private static let columnsPerTask = 16
  private static let rowsPerTile = 64

  /// Standardises a row-major n x p matrix; `target` and `leading` as in ``StreamedRows``.
  static func make(
    _ source: Matrix<Double>, _ rows: RowWeights, _ choice: StandardisationChoice, target: [Double]? = nil,
    leading: Int = 0, pool: ThreadPool
  ) -> (DenseColumns, [ColumnSummary]) {
    let made = StreamedRows.make(source, rows, choice, target: target, leading: leading, pool: pool)
    if let (streamed, summaries) = made {
      let copy = StandardisedCopy { Self.copied(source, rows, choice, pool: pool).0 }
      return (DenseColumns(streamed: streamed, copy: copy), summaries)
    }
    let (matrix, summaries) = copied(source, rows, choice, pool: pool)
    return (DenseColumns(streamed: nil, copy: StandardisedCopy { matrix }), summaries)
  }

  /// Copies, centres, scales and weights a row-major n x p matrix.
  private static func copied(
    _ source: Matrix<Double>, _ rows: RowWeights, _ choice: StandardisationChoice, pool: ThreadPool
  ) -> (Matrix<Double>, [ColumnSummary]) {
    let (n, p) = (source.rows, source.columns)
    var summaries = [ColumnSummary](repeating: ColumnSummary(), count: p)
    guard p > 0, n > 0 else { return (Matrix(rows: p, columns: n), summaries) }
    // Not filled with zeros first: the memory is touched once, by the threads that fill it.
    let elements = [Double](unsafeUninitializedCapacity: n * p) { buffer, initialized in
      let target = buffer.baseAddress!
      source.withUnsafeElements { source in
        summaries.withUnsafeMutableBufferPointer { summaries in
          pool.run((p + columnsPerTask - 1) / columnsPerTask) { task in
            let first = task * columnsPerTask
            let end = min(first + columnsPerTask, p)
            // Tiles that stay in the first-level cache, since one side of a transposition is read with long strides.
            for top in stride(from: 0, to: n, by: rowsPerTile) {
              for column in first..<end {
                for row in top..<min(top + rowsPerTile, n) { target[column * n + row] = source[row * p + column] }
              }
            }
            for column in first..<end {
              summaries[column] = standardise(target + column * n, rows, choice)
            }
          }
        }
      }
      initialized = n * p
    }
    return (Matrix(rows: p, columns: n, elements: elements), summaries)
  }

  /// Standardises one column in place.
  private static func standardise(
    _ x: UnsafeMutablePointer<Double>, _ rows: RowWeights, _ choice: StandardisationChoice
  ) -> ColumnSummary {
    let n = rows.count
    var summary = ColumnSummary()
    func weightedSum() -> Double {
      guard let weights = rows.weights else {
        var sum = 0.0
        Double.sumRows(rows: 1, columns: n, x, stride: n, &sum)
        return sum
      }
      return Double.dot(n, weights, x)
    }
    func weightedSquares() -> Double {
      guard let weights = rows.weights else { return Double.sumOfSquares(n, x) }
      var sum = 0.0
      for row in 0..<n { sum += weights[row] * x[row] * x[row] }
      return sum
    }
    let sum = weightedSum()
    let square = weightedSquares()
    guard sum.isFinite, square.isFinite else {
      summary.failure = Double.firstNonFinite(n, x).map { .notFinite(row: $0) } ?? .overflow
      return summary
    }
    if let value = constant(x, rows) {
      if choice.centres {
        summary.mean = value
        x.update(repeating: 0, count: n)
      }
      summary.setScale(spread: 0, square: square, constant: value, rows, choice)
    } else if choice.centres {
      let mean = sum / rows.total
      Double.elementwise(.affine, n, x, nil, nil, x, 1, -mean)
      // The sum of the centred column is the rounding error of its mean.
      let correction = weightedSum() / rows.total
      Double.elementwise(.affine, n, x, nil, nil, x, 1, -correction)
      summary.mean = mean + correction
      summary.setScale(spread: weightedSquares(), square: square, constant: nil, rows, choice)
    } else {
      let mean = sum / rows.total
      var (spread, correction) = (0.0, 0.0)
      for row in 0..<n {
        let weight = rows.weight(row)
        spread += weight * (x[row] - mean) * (x[row] - mean)
        correction += weight * (x[row] - mean)
      }
      spread = max(spread - correction * correction / rows.total, 0)
      summary.setScale(spread: spread, square: square, constant: nil, rows, choice)
    }
    if summary.scale != 1 { Double.scal(n, 1 / summary.scale, x, 1) }
    if let roots = rows.roots { Double.elementwise(.multiply, n, x, roots, nil, x, 0, 0) }
    return summary
  }

  /// The one value of all rows of positive weight; most columns answer after a few rows.
  private static func constant(_ x: UnsafePointer<Double>, _ rows: RowWeights) -> Double? {
    var value: Double?
    for row in 0..<rows.count where rows.weight(row) > 0 {
      if let value, x[row] != value { return nil }
      value = x[row]
    }
    return value
  }
}

/// A standardised copy that is made when it is first asked for.
private final class StandardisedCopy: Sendable {
  private let made = Mutex<Matrix<Double>?>(nil)
  private let make: @Sendable () -> Matrix<Double>

  init(_ make: @escaping @Sendable () -> Matrix<Double>) { self.make = make }

  var matrix: Matrix<Double> {
    made.withLock { made in
      if let made { return made }
      let matrix = make()
      made = matrix
      return matrix
    }
  }
}
