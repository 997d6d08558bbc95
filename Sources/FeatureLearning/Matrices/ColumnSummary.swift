import BLAS
import Tensors

/// The means of a matrix's columns, and which columns hold more than one number.
struct ColumnSummary<S: Scalar> {
  /// The means, summed in double precision in an order that the shape alone decides; of a column that holds one number,
  /// that number.
  let mean: [S]
  /// The columns that do not hold one finite number in every row, in ascending order.
  let varying: [Int]

  /// Rows in one task.
  private static var blockRows: Int { 1024 }
  /// How many rows, spread over all, rule most columns out before all rows are read.
  private static var probedRows: Int { 512 }

  init(_ x: Tensor<S>, pool: ThreadPool) {
    let (rows, columns, height) = (x.shape[0], x.shape[1], Self.blockRows)
    let blocks = (rows + height - 1) / height
    var partial = [S](repeating: 0, count: blocks * columns)
    let (constant, values) = x.withUnsafeBufferPointer { source in
      let source = source.baseAddress!
      let candidates = constantColumns(
        (0..<columns).filter { source[$0].isFinite },
        rows: stride(from: 0, to: rows, by: max(1, rows / Self.probedRows)),
        columns, source)
      var found = [[Int]](repeating: [], count: blocks)
      partial.withUnsafeMutableBufferPointer { partial in
        found.withUnsafeMutableBufferPointer { found in
          let (partial, found) = (partial.baseAddress!, found.baseAddress!)
          pool.run(blocks) { block in
            let first = block * height
            let count = min(height, rows - first)
            S.sumColumns(
              rows: count, columns: columns, source + first * columns, stride: columns, partial + block * columns,
              accumulate: false)
            found[block] = constantColumns(
              candidates, rows: stride(from: first, to: first + count, by: 1), columns, source)
          }
        }
      }
      let constant = found.dropFirst().reduce(Set(found[0])) { $0.intersection($1) }
      return (constant, (0..<columns).map { source[$0] })
    }
    mean = (0..<columns).map { column in
      if constant.contains(column) { return values[column] }
      var sum = 0.0
      for block in 0..<blocks { sum += Double(partial[block * columns + column]) }
      return S(sum / Double(rows))
    }
    varying = (0..<columns).filter { !constant.contains($0) }
  }

  /// The varying columns as ranges without gaps.
  var runs: [Range<Int>] {
    varying.reduce(into: []) { runs, column in
      if runs.last?.upperBound == column {
        runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<column + 1
      } else {
        runs.append(column..<column + 1)
      }
    }
  }
}

/// Those of some columns that hold in some rows what they hold in the first row of all.
@specialized(where S == Float)
@specialized(where S == Double)
private func constantColumns<S: Scalar>(
  _ candidates: [Int], rows: StrideTo<Int>, _ columns: Int, _ source: UnsafePointer<S>
) -> [Int] {
  var left = candidates
  for row in rows {
    let place = source + row * columns
    // Looked at first, since most rows rule out no column.
    var differs = false
    for column in left where place[column] != source[column] { differs = true }
    if differs { left.removeAll { place[$0] != source[$0] } }
    if left.isEmpty { break }
  }
  return left
}
