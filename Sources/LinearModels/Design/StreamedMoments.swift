import BLAS

/// What one pass over the rows of a tall design finds out: the columns' moments around an origin, their products with a target
/// and, of a few columns that are likely to matter, those with each other.
struct StreamedMoments {
  let source: Matrix<Double>
  let rows: RowWeights
  /// The row from which everything is measured.
  let origin: [Double]
  /// t = √w ∘ (y − mean); nothing is multiplied with it if it is nil.
  let target: [Double]?

  /// Σ w (x_j − origin_j) of each column.
  private(set) var sums: [Double]
  /// Σ w (x_j − origin_j)².
  private(set) var squares: [Double]
  /// Σ √w t (x_j − origin_j); 0 without a target.
  private(set) var targetProducts: [Double]
  /// Σ √w t.
  private(set) var targetSum = 0.0
  /// Σ w of the rows seen.
  private(set) var weight = 0.0
  /// Σ w (x_a − origin_a) (x_b − origin_b) of the columns that were asked for.
  private(set) var columnProducts: [Double] = []

  /// Rows whose sums are made on their own; the sums of blocks are added in their order.
  static let rowsPerBlock = 1024
  /// Elements that stay in a core's cache while both moments and products are made of them.
  private static let elementsPerTile = 1 << 15
  /// A sample is a tile of this many rows out of sixteen times as many.
  private static let rowsPerSample = 64
  private static let sampleStep = 16

  init(_ source: Matrix<Double>, _ rows: RowWeights, origin: [Double], target: [Double]?) {
    (self.source, self.rows, self.origin, self.target) = (source, rows, origin, target)
    sums = [Double](repeating: 0, count: source.columns)
    (squares, targetProducts) = (sums, sums)
  }

  /// Goes through all rows.
  ///
  /// - Parameter columns: Those whose products with each other are asked for.
  mutating func addAllRows(productsOf columns: [Int], pool: ThreadPool) {
    let n = source.rows
    let blocks = stride(from: 0, to: n, by: Self.rowsPerBlock).map { $0..<min($0 + Self.rowsPerBlock, n) }
    add(blocks, productsOf: columns, pool: pool)
  }

  /// Goes through a sixteenth of the rows.
  mutating func addSample(pool: ThreadPool) {
    let n = source.rows
    let step = Self.rowsPerSample * Self.sampleStep
    add(
      stride(from: 0, to: n, by: step).map { $0..<min($0 + Self.rowsPerSample, n) }, productsOf: [], pool: pool)
  }

  /// The columns whose products with the target are largest, in ascending order.
  func leadingColumns(_ count: Int, _ choice: StandardisationChoice) -> [Int] {
    let urgency = sums.indices.map { column in
      let centre = sums[column] / weight
      let product = (targetProducts[column] - centre * targetSum).magnitude
      let spread = squares[column] - sums[column] * centre
      guard choice.standardisation != .none else { return product }
      return spread > 0 ? product / spread.squareRoot() : 0
    }
    return sums.indices.sorted { urgency[$0] > urgency[$1] }.prefix(count).sorted()
  }

  private mutating func add(_ blocks: [Range<Int>], productsOf columns: [Int], pool: ThreadPool) {
    let p = source.columns
    // Each block: sums, squares, products with the target, products of the columns.
    let squareCount = columns.count * columns.count
    let stride = 3 * p + squareCount
    let partial = [Double](unsafeUninitializedCapacity: blocks.count * stride) { partial, initialized in
      let partial = partial.baseAddress!
      pool.run(blocks.count) { add(blocks[$0], productsOf: columns, to: partial + $0 * stride) }
      initialized = blocks.count * stride
    }
    columnProducts = [Double](repeating: 0, count: squareCount)
    for (index, block) in blocks.enumerated() {
      let first = index * stride
      for column in 0..<p {
        sums[column] += partial[first + column]
        squares[column] += partial[first + p + column]
        targetProducts[column] += partial[first + 2 * p + column]
      }
      for place in 0..<squareCount { columnProducts[place] += partial[first + 3 * p + place] }
      for row in block {
        weight += rows.weight(row)
        if let target { targetSum += (rows.roots?[row] ?? 1) * target[row] }
      }
    }
  }

  /// One block of rows, tile by tile.
  private func add(_ block: Range<Int>, productsOf columns: [Int], to result: UnsafeMutablePointer<Double>) {
    let (p, count) = (source.columns, columns.count)
    result.update(repeating: 0, count: 3 * p)
    let rowsPerTile = max(min(Self.elementsPerTile / p, 64) / 4 * 4, 4)
    let origins = columns.map { origin[$0] }
    // The columns' differences, and the same weighted.
    var panel = [Double](repeating: 0, count: 2 * rowsPerTile * max(count, 1))
    source.withUnsafeElements { source in
      panel.withUnsafeMutableBufferPointer { panel in
        let panel = panel.baseAddress!
        let weighted = panel + rowsPerTile * count
        for first in stride(from: block.lowerBound, to: block.upperBound, by: rowsPerTile) {
          let height = min(rowsPerTile, block.upperBound - first)
          addMoments(first..<first + height, to: result)
          guard count > 0 else { continue }
          for row in 0..<height {
            let (x, values) = (source + (first + row) * p, panel + row * count)
            for index in 0..<count { values[index] = x[columns[index]] }
            let weight = rows.weight(first + row)
            for index in 0..<count {
              values[index] -= origins[index]
              weighted[row * count + index] = weight * values[index]
            }
          }
          Double.gemm(
            true, false, count, count, height, 1, weighted, count, panel, count,
            first == block.lowerBound ? 0 : 1, result + 3 * p, count)
        }
      }
    }
  }

  /// Sums, squares and products with the target of some rows, four at a time, so that the sums are read as seldom.
  private func addMoments(_ range: Range<Int>, to result: UnsafeMutablePointer<Double>) {
    let p = source.columns
    let vectors = p / 4 * 4
    source.withUnsafeElements { source in
      origin.withUnsafeBufferPointer { origin in
        let origin = origin.baseAddress!
        let (sum, square, product) = (result, result + p, result + 2 * p)
        func weights(_ row: Int) -> (Double, Double) {
          (rows.weight(row), target.map { $0[row] * (rows.roots?[row] ?? 1) } ?? 0)
        }
        func addRow(_ row: Int, from first: Int) {
          let x = source + row * p
          let (weight, factor) = weights(row)
          for column in first..<p {
            let difference = x[column] - origin[column]
            sum[column] += weight * difference
            square[column] += weight * difference * difference
            product[column] += factor * difference
          }
        }
        var row = range.lowerBound
        while row + 4 <= range.upperBound {
          let (w0, u0) = weights(row)
          let (w1, u1) = weights(row + 1)
          let (w2, u2) = weights(row + 2)
          let (w3, u3) = weights(row + 3)
          let x = source + row * p
          for column in stride(from: 0, to: vectors, by: 4) {
            let from = Self.load(origin + column)
            let d0 = Self.load(x + column) - from
            let d1 = Self.load(x + p + column) - from
            let d2 = Self.load(x + 2 * p + column) - from
            let d3 = Self.load(x + 3 * p + column) - from
            let (e0, e1, e2, e3) = (w0 * d0, w1 * d1, w2 * d2, w3 * d3)
            Self.add((e0 + e1) + (e2 + e3), to: sum + column)
            Self.add((e0 * d0 + e1 * d1) + (e2 * d2 + e3 * d3), to: square + column)
            Self.add((u0 * d0 + u1 * d1) + (u2 * d2 + u3 * d3), to: product + column)
          }
          if vectors < p { for index in 0..<4 { addRow(row + index, from: vectors) } }
          row += 4
        }
        while row < range.upperBound {
          addRow(row, from: 0)
          row += 1
        }
      }
    }
  }

  private static func load(_ from: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD4<Double>.self)
  }

  private static func add(_ value: SIMD4<Double>, to result: UnsafeMutablePointer<Double>) {
    let raw = UnsafeMutableRawPointer(result)
    raw.storeBytes(of: raw.loadUnaligned(as: SIMD4<Double>.self) + value, as: SIMD4<Double>.self)
  }
}
