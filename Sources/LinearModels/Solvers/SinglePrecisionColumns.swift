import BLAS

/// Columns of a sparse standardised design in single precision, for the products of conjugate gradients alone: with 16-bit row
/// indices half of the memory goes through the processor's caches.
///
/// The columns are scaled to length 1, so that neither the inputs' units nor a choice of no standardisation overflows.
struct SinglePrecisionColumns: Sendable {
  private let sparse: SparseColumns
  private var starts = [0]
  private var rowIndices: [UInt16] = []
  private var values: [Float] = []
  /// ‖z_j‖ of each column that is in, and what is still to be subtracted from it.
  private var lengths: [Double] = []
  private var means: [Double] = []

  private static let largestRowCount = 1 << 16
  private static let columnsPerTask = 256

  /// Nil where rows have indices of more than 16 bits.
  init?(_ sparse: SparseColumns) {
    guard sparse.matrix.rows <= Self.largestRowCount else { return nil }
    self.sparse = sparse
  }

  /// Takes columns in, behind those that are.
  mutating func append(_ added: [Int], squaredNorms: [Double]) {
    let (matrix, source) = (sparse.matrix, sparse.values)
    for column in added {
      let length = squaredNorms[column].squareRoot()
      // A column of zeros is never multiplied.
      let scale = length > 0 ? sparse.inverseScales[column] / length : 0
      for entry in matrix.columnStarts[column]..<matrix.columnStarts[column + 1] {
        rowIndices.append(UInt16(matrix.rowIndices[entry]))
        values.append(Float(source[entry] * scale))
      }
      starts.append(values.count)
      lengths.append(length)
      means.append(sparse.means[column] * scale)
    }
  }

  /// Z_A'Z_A d to single precision, in parts that do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - support: A, by the order in which the columns came in.
  ///   - direction: d.
  func gramProduct(_ support: [Int], _ direction: [Double], pool: ThreadPool) -> [Double] {
    let scaled = zip(support, direction).map { lengths[$0] * $1 }
    let size = scaled.reduce(0) { max($0, $1.magnitude) }
    guard size > 0, size.isFinite else { return [Double](repeating: size, count: support.count) }
    let factors = scaled.map { Float($0 / size) }
    let image = product(support, factors, pool)
    let rootSum = sparse.totalWeight * zip(support, factors).reduce(0) { $0 + means[$1.0] * Double($1.1) }
    var result = [Double](repeating: 0, count: support.count)
    let tasks = (support.count + Self.columnsPerTask - 1) / Self.columnsPerTask
    result.withUnsafeMutableBufferPointer { result in
      image.withUnsafeBufferPointer { image in
        rowIndices.withUnsafeBufferPointer { rowIndices in
          values.withUnsafeBufferPointer { values in
            pool.run(tasks) { task in
              for index in task * Self.columnsPerTask..<min((task + 1) * Self.columnsPerTask, support.count) {
                let position = support[index]
                let raw = Self.dot(starts[position]..<starts[position + 1], rowIndices, values, image)
                result[index] = (Double(raw) - means[position] * rootSum) * (lengths[position] * size)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Σ f_j x_j of the columns as they are stored.
  private func product(_ support: [Int], _ factors: [Float], _ pool: ThreadPool) -> [Float] {
    let n = sparse.matrix.rows
    let parts = support.count >= 2 * Self.columnsPerTask ? 2 : 1
    var image = [Float](repeating: 0, count: parts * n)
    image.withUnsafeMutableBufferPointer { image in
      rowIndices.withUnsafeBufferPointer { rowIndices in
        values.withUnsafeBufferPointer { values in
          pool.run(parts) { part in
            let vector = image.baseAddress! + part * n
            for index in part * support.count / parts..<(part + 1) * support.count / parts {
              let factor = factors[index]
              for entry in starts[support[index]]..<starts[support[index] + 1] {
                vector[Int(rowIndices[entry])] += factor * values[entry]
              }
            }
          }
        }
      }
    }
    guard parts == 2 else { return image }
    for row in 0..<n { image[row] += image[n + row] }
    image.removeLast(n)
    return image
  }

  private static func dot(
    _ entries: Range<Int>, _ rowIndices: UnsafeBufferPointer<UInt16>, _ values: UnsafeBufferPointer<Float>,
    _ vector: UnsafeBufferPointer<Float>
  ) -> Float {
    // Four sums, because one chain of additions waits for itself.
    var (a, b, c, d) = (Float(0), Float(0), Float(0), Float(0))
    var entry = entries.lowerBound
    while entry + 3 < entries.upperBound {
      a += values[entry] * vector[Int(rowIndices[entry])]
      b += values[entry + 1] * vector[Int(rowIndices[entry + 1])]
      c += values[entry + 2] * vector[Int(rowIndices[entry + 2])]
      d += values[entry + 3] * vector[Int(rowIndices[entry + 3])]
      entry += 4
    }
    while entry < entries.upperBound {
      a += values[entry] * vector[Int(rowIndices[entry])]
      entry += 1
    }
    return (a + b) + (c + d)
  }
}
