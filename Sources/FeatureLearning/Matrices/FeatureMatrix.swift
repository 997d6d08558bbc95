import BLAS
import Tensors

/// Checked examples [n, d] as the algorithms read them: moved so that their mean is 0, with the squared length of every row.
///
/// Squared distances are computed as |x|² − 2 x·c + |c|², which loses digits where the points lie far from the origin; so
/// the mean is taken away first.
struct FeatureMatrix<S: Scalar>: Sendable {
  /// The points that one task takes.
  static var blockRows: Int { 256 }

  let rows: Int
  let columns: Int
  /// The mean of the rows, as it was taken away.
  let mean: [S]
  /// The moved rows.
  let elements: [S]
  /// The squared lengths of the moved rows.
  let squaredNorms: [S]

  var blockCount: Int { (rows + Self.blockRows - 1) / Self.blockRows }

  /// The rows of a block.
  func block(_ index: Int) -> Range<Int> { index * Self.blockRows..<min(rows, (index + 1) * Self.blockRows) }

  /// Checks and moves the rows of a matrix.
  ///
  /// - Throws: ``FeatureLearningError`` for another shape than [n, d], and for features that are not finite or too large.
  init(_ x: Tensor<S>, mean given: [S]? = nil, pool: ThreadPool) throws(FeatureLearningError) {
    let (rows, columns) = try matrixExtents(x)
    (self.rows, self.columns) = (rows, columns)
    let blocks = (rows + Self.blockRows - 1) / Self.blockRows
    let mean = given ?? ColumnSummary(x, pool: pool).mean
    var norms = [S](repeating: 0, count: rows)
    let elements = [S](unsafeUninitializedCapacity: rows * columns) { moved, count in
      let target = moved.baseAddress!
      norms.withUnsafeMutableBufferPointer { norms in
        let norms = norms.baseAddress!
        x.withUnsafeBufferPointer { source in
          mean.withUnsafeBufferPointer { mean in
            pool.run(blocks) { block in
              let first = block * Self.blockRows
              subtractMean(
                rows: min(Self.blockRows, rows - first), columns, source.baseAddress! + first * columns,
                mean.baseAddress!, target + first * columns)
              for row in first..<min(first + Self.blockRows, rows) {
                norms[row] = S.sumOfSquares(columns, target + row * columns)
              }
            }
          }
        }
      }
      count = rows * columns
    }
    if let row = norms.withUnsafeBufferPointer({ S.firstNonFinite(rows, $0.baseAddress!) }) {
      let place = x.withUnsafeBufferPointer { S.firstNonFinite(rows * columns, $0.baseAddress!) }
      guard let place else { throw .overflow(row: row) }
      throw .notFinite(row: place / columns, column: place % columns, value: "\(x.elements[place])")
    }
    // A squared distance is at most four times the larger of two squared lengths.
    if let row = norms.firstIndex(where: { $0 > S.greatestFiniteMagnitude / 8 }) { throw .overflow(row: row) }
    (self.mean, self.elements, squaredNorms) = (mean, elements, norms)
  }
}

/// The extents of a matrix of examples.
func matrixExtents<S: Scalar>(_ x: Tensor<S>) throws(FeatureLearningError) -> (rows: Int, columns: Int) {
  guard x.rank == 2, x.count > 0 else { throw .notAMatrix(found: x.shape) }
  return (x.shape[0], x.shape[1])
}

@specialized(where S == Float)
@specialized(where S == Double)
func subtractMean<S: Scalar>(
  rows: Int, _ columns: Int, _ source: UnsafePointer<S>, _ mean: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>
) {
  for row in 0..<rows {
    let (from, to) = (source + row * columns, target + row * columns)
    for column in 0..<columns { to[column] = from[column] - mean[column] }
  }
}

/// Σ (a[i] − b[i])² in double precision.
@specialized(where S == Float)
@specialized(where S == Double)
func squaredDistance<S: Scalar>(_ count: Int, _ a: UnsafePointer<S>, _ b: UnsafePointer<S>) -> Double {
  // Four sums side by side, which the compiler does not make of one.
  var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
  var i = 0
  while i + 4 <= count {
    let d0 = Double(a[i]) - Double(b[i]), d1 = Double(a[i + 1]) - Double(b[i + 1])
    let d2 = Double(a[i + 2]) - Double(b[i + 2]), d3 = Double(a[i + 3]) - Double(b[i + 3])
    s0 += d0 * d0
    s1 += d1 * d1
    s2 += d2 * d2
    s3 += d3 * d3
    i += 4
  }
  while i < count {
    let difference = Double(a[i]) - Double(b[i])
    s0 += difference * difference
    i += 1
  }
  return (s0 + s1) + (s2 + s3)
}

/// −2 c·x for every center and row: element (j, i) of [centers, rows].
///
/// Few centers stay in cache while the rows are read once in the order in which they lie; for more the library packs.
func centerProducts<S: Scalar>(
  centers: Int, rows: Int, columns: Int, _ c: UnsafePointer<S>, _ x: UnsafePointer<S>, _ out: UnsafeMutablePointer<S>
) {
  if centers <= 16 {
    S.dottedProduct(
      rows: centers, columns: rows, depth: columns, -2, c, aPitch: columns, x, bPitch: columns, 0, out, cPitch: rows)
  } else {
    S.gemm(false, true, centers, rows, columns, -2, c, columns, x, columns, 0, out, rows)
  }
}
