import BLAS
import Tensors

/// Σ (x − mean)(x − mean)' over the rows of a matrix: products of the scalar's precision a thousand rows at a time, summed in
/// double precision in an order that the shape alone decides.
struct Covariance<S: Scalar> {
  let mean: [S]
  /// The lower triangle.
  let matrix: Matrix<Double>

  var trace: Double { (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] } }

  /// Rows in one product.
  private static var chunkRows: Int { 1024 }
  /// The most sums side by side, and the most numbers in them.
  private static var largestPartCount: Int { 8 }
  private static var largestPartsArea: Int { 1 << 24 }

  init(_ x: Tensor<S>, pool: ThreadPool) throws(FeatureLearningError) {
    let (rows, columns) = try matrixExtents(x)
    let mean = columnMeans(x, pool: pool)
    let area = columns * columns
    let chunks = (rows + Self.chunkRows - 1) / Self.chunkRows
    let parts = max(1, min(Self.largestPartCount, chunks, Self.largestPartsArea / area))
    var sums = [Double](repeating: 0, count: parts * area)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      x.withUnsafeBufferPointer { source in
        mean.withUnsafeBufferPointer { mean in
          pool.run(parts) { part in
            let height = Self.chunkRows
            let memory = UnsafeMutablePointer<S>.allocate(capacity: height * columns + area)
            defer { memory.deallocate() }
            let product = memory + height * columns
            product.update(repeating: 0, count: area)
            for chunk in part * chunks / parts..<(part + 1) * chunks / parts {
              let first = chunk * height
              let count = min(height, rows - first)
              subtractMean(
                rows: count, columns, source.baseAddress! + first * columns, mean.baseAddress!, memory)
              S.syrk(.lower, true, columns, count, 1, memory, columns, 0, product, columns)
              addTriangle(columns, product, to: sums + part * area)
            }
          }
        }
      }
    }
    for part in 1..<max(parts, 1) {
      sums.withUnsafeMutableBufferPointer {
        Double.axpy(area, 1, $0.baseAddress! + part * area, 1, $0.baseAddress!, 1)
      }
    }
    if let column = (0..<columns).first(where: { !sums[$0 * columns + $0].isFinite }) {
      // Finds and names what is not a number.
      _ = try FeatureMatrix(x, pool: pool)
      throw .outOfRange(
        what: "the squares of column \(column) less its mean",
        expected: "a sum within the range of the type; scale the features",
        found: "\(sums[column * columns + column])")
    }
    self.mean = mean
    matrix = Matrix(rows: columns, columns: columns, elements: Array(sums[0..<area]))
  }
}

@specialized(where S == Float)
@specialized(where S == Double)
private func addTriangle<S: Scalar>(
  _ order: Int, _ source: UnsafePointer<S>, to target: UnsafeMutablePointer<Double>
) {
  for row in 0..<order {
    let (from, to) = (source + row * order, target + row * order)
    for column in 0...row { to[column] += Double(from[column]) }
  }
}
