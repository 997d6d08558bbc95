import BLAS
import Tensors

/// Σ (x − mean)(x − mean)' over the rows of a matrix: products of the scalar's precision a thousand rows at a time, summed in
/// double precision in an order that the shape alone decides. Columns that hold one number have nothing but zeros there and
/// are left out.
struct Covariance<S: Scalar> {
  let mean: [S]
  /// The columns of the points that the matrix's rows and columns stand for, in ascending order.
  let varying: [Int]
  /// The lower triangle.
  let matrix: Matrix<Double>

  var trace: Double { (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] } }

  /// Rows in one product.
  private static var chunkRows: Int { 1024 }
  /// The most sums side by side, so that no thread waits long for another's last one, and the most numbers in them.
  private static var largestPartCount: Int { 16 }
  private static var largestPartsArea: Int { 1 << 24 }

  init(_ x: Tensor<S>, pool: ThreadPool) throws(FeatureLearningError) {
    let (rows, columns) = try matrixExtents(x)
    let summary = ColumnSummary(x, pool: pool)
    let (mean, runs, width) = (summary.mean, summary.runs, summary.varying.count)
    let (area, triangle) = (width * width, width * (width + 1) / 2)
    let chunks = (rows + Self.chunkRows - 1) / Self.chunkRows
    let parts = max(1, min(Self.largestPartCount, chunks, Self.largestPartsArea / max(triangle, 1)))
    // Lower triangles, row after row without gaps; the first product of a part is written, the others are added.
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, parts * triangle))
    defer { sums.deallocate() }
    x.withUnsafeBufferPointer { source in
      mean.withUnsafeBufferPointer { mean in
        pool.run(area > 0 ? parts : 0) { part in
          let height = Self.chunkRows
          let memory = UnsafeMutablePointer<S>.allocate(capacity: height * width + area)
          defer { memory.deallocate() }
          let product = memory + height * width
          let own = part * chunks / parts..<(part + 1) * chunks / parts
          for chunk in own {
            let first = chunk * height
            let count = min(height, rows - first)
            subtractMean(
              rows: count, columns, runs, source.baseAddress! + first * columns, mean.baseAddress!, memory)
            S.syrk(.lower, true, width, count, 1, memory, width, 0, product, width)
            putTriangle(width, product, in: sums + part * triangle, adding: chunk > own.lowerBound)
          }
        }
      }
    }
    for part in 1..<parts where triangle > 0 { Double.axpy(triangle, 1, sums + part * triangle, 1, sums, 1) }
    var elements = [Double](repeating: 0, count: area)
    elements.withUnsafeMutableBufferPointer { elements in
      for row in 0..<width {
        (elements.baseAddress! + row * width).update(from: sums + row * (row + 1) / 2, count: row + 1)
      }
    }
    if let row = (0..<width).first(where: { !elements[$0 * width + $0].isFinite }) {
      // Finds and names what is not a number.
      _ = try FeatureMatrix(x, pool: pool)
      throw .outOfRange(
        what: "the squares of column \(summary.varying[row]) less its mean",
        expected: "a sum within the range of the type; scale the features",
        found: "\(elements[row * width + row])")
    }
    (self.mean, varying) = (mean, summary.varying)
    matrix = Matrix(rows: width, columns: width, elements: elements)
  }
}

/// Writes the lower triangle of a product, or adds it to what is there.
@specialized(where S == Float)
@specialized(where S == Double)
private func putTriangle<S: Scalar>(
  _ order: Int, _ source: UnsafePointer<S>, in target: UnsafeMutablePointer<Double>, adding: Bool
) {
  var to = target
  for row in 0..<order {
    let from = source + row * order
    if adding {
      for column in 0...row { to[column] += Double(from[column]) }
    } else {
      for column in 0...row { to[column] = Double(from[column]) }
    }
    to += row + 1
  }
}

/// The points of some columns less their mean, without gaps between them.
@specialized(where S == Float)
@specialized(where S == Double)
private func subtractMean<S: Scalar>(
  rows: Int, _ columns: Int, _ runs: [Range<Int>], _ source: UnsafePointer<S>, _ mean: UnsafePointer<S>,
  _ target: UnsafeMutablePointer<S>
) {
  var to = target
  for row in 0..<rows {
    for run in runs {
      let (from, shift) = (source + row * columns + run.lowerBound, mean + run.lowerBound)
      for index in 0..<run.count { to[index] = from[index] - shift[index] }
      to += run.count
    }
  }
}
