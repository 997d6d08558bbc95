import BLAS

/// A tall dense design read block by block of its rows, each standardised where it is used: no standardised copy is held.
struct StreamedRows: Sendable {
  let source: Matrix<Double>
  let rows: RowWeights
  /// The first row of positive weight, from which everything is measured, so that large means cost no digits.
  let origin: [Double]
  /// The mean of each column less its origin.
  let centre: [Double]
  let inverseScales: [Double]
  /// Whether products may be taken with the rows as they came: no mean is so far from 0 that they would lose digits.
  let hasModestMeans: Bool
  /// Z't of the target that the moments were made with.
  private(set) var targetCorrelations: [Double]?
  /// Some columns that are likely to matter to that target, with their part of Z'Z.
  private(set) var leading: (columns: [Int], products: Matrix<Double>) = ([], Matrix(rows: 0, columns: 0))

  /// Rows of a block: enough for SYRK, few enough to stay in the caches beside its result.
  private static let rowsPerBlock = 1024
  private static let rowsPerTask = 128
  /// Below this many elements a copy costs nothing to speak of.
  private static let smallestDesign = 1 << 20
  /// A column that keeps less than this share of its squares around the origin is far from it; then all are copied.
  private static let smallestSpread = 0.02
  /// The largest modest mean, in standard deviations.
  private static let largestMean = 100.0

  /// Means and scales in one pass; nil where the design is not tall, nothing is centred, or a column needs a closer look.
  ///
  /// - Parameters:
  ///   - target: A vector whose products with all columns come along: ``targetCorrelations``.
  ///   - leading: How many columns' part of Z'Z comes along: ``leading``, chosen by their products with the target on a sample.
  static func make(
    _ source: Matrix<Double>, _ rows: RowWeights, _ choice: StandardisationChoice, target: [Double]? = nil,
    leading: Int = 0, pool: ThreadPool
  ) -> (StreamedRows, [ColumnSummary])? {
    let (n, p) = (source.rows, source.columns)
    guard choice.centres, n * p >= smallestDesign, p > 0, CoordinateDescent.usesAllColumns(rows: n, columns: p),
      let first = (0..<n).first(where: { rows.weight($0) > 0 })
    else { return nil }
    let origin = Array(source.elements[first * p..<(first + 1) * p])
    var leaders: [Int] = []
    if target != nil, leading > 0 {
      var sample = StreamedMoments(source, rows, origin: origin, target: target)
      sample.addSample(pool: pool)
      leaders = sample.leadingColumns(leading, choice)
    }
    var moments = StreamedMoments(source, rows, origin: origin, target: target)
    moments.addAllRows(productsOf: leaders, pool: pool)
    var summaries = [ColumnSummary](repeating: ColumnSummary(), count: p)
    var centre = [Double](repeating: 0, count: p)
    var hasModestMeans = true
    for column in 0..<p {
      let (sum, square) = (moments.sums[column], moments.squares[column])
      centre[column] = sum / rows.total
      let spread = square - sum * centre[column]
      // Also what is not finite, constant or overflows is left to the copy, which says what is wrong and where.
      guard spread >= smallestSpread * square, spread >= ColumnSummary.smallestSquares, spread.isFinite else {
        return nil
      }
      summaries[column].mean = origin[column] + centre[column]
      summaries[column].setScale(spread: spread, square: square, constant: nil, rows, choice)
      guard summaries[column].scale > 0 else { return nil }
      let deviation = (spread / rows.total).squareRoot()
      hasModestMeans = hasModestMeans && summaries[column].mean.magnitude <= largestMean * deviation
    }
    var streamed = StreamedRows(
      source: source, rows: rows, origin: origin, centre: centre, inverseScales: summaries.map { 1 / $0.scale },
      hasModestMeans: hasModestMeans)
    streamed.keep(moments, leaders)
    return (streamed, summaries)
  }

  /// Centres and scales the products that came along with the moments.
  private mutating func keep(_ moments: StreamedMoments, _ leaders: [Int]) {
    guard moments.target != nil else { return }
    let p = source.columns
    targetCorrelations = (0..<p).map {
      (moments.targetProducts[$0] - moments.targetSum * centre[$0]) * inverseScales[$0]
    }
    guard !leaders.isEmpty else { return }
    let count = leaders.count
    var products = Matrix<Double>(rows: count, columns: count)
    for (i, row) in leaders.enumerated() {
      for (j, column) in leaders[...i].enumerated() {
        let product = moments.columnProducts[i * count + j] - moments.sums[row] * centre[column]
        products[i, j] = product * (inverseScales[row] * inverseScales[column])
        products[j, i] = products[i, j]
      }
    }
    leading = (leaders, products)
  }

  /// Calls `body` with one standardised block of some columns, all unless given, after the other: its first row, its number of
  /// rows and its elements, row by row.
  private func forEachBlock(
    _ columns: [Int]?, _ pool: ThreadPool, _ body: (Int, Int, UnsafePointer<Double>) -> Void
  ) {
    let (n, p) = (source.rows, columns?.count ?? source.columns)
    var block = [Double](repeating: 0, count: min(Self.rowsPerBlock, n) * p)
    block.withUnsafeMutableBufferPointer { block in
      let block = block.baseAddress!
      for first in stride(from: 0, to: n, by: Self.rowsPerBlock) {
        let count = min(Self.rowsPerBlock, n - first)
        pool.run((count + Self.rowsPerTask - 1) / Self.rowsPerTask) { task in
          for row in task * Self.rowsPerTask..<min((task + 1) * Self.rowsPerTask, count) {
            standardise(first + row, columns, into: block + row * p)
          }
        }
        body(first, count, block)
      }
    }
  }

  private func standardise(_ row: Int, _ columns: [Int]?, into result: UnsafeMutablePointer<Double>) {
    let p = source.columns
    let root = rows.roots?[row] ?? 1
    source.withUnsafeElements { source in
      let x = source + row * p
      origin.withUnsafeBufferPointer { origin in
        centre.withUnsafeBufferPointer { centre in
          inverseScales.withUnsafeBufferPointer { scales in
            guard let columns else {
              for column in 0..<p {
                result[column] = ((x[column] - origin[column]) - centre[column]) * (scales[column] * root)
              }
              return
            }
            for (index, column) in columns.enumerated() {
              result[index] = ((x[column] - origin[column]) - centre[column]) * (scales[column] * root)
            }
          }
        }
      }
    }
  }

  /// Z'Z of some columns, all unless given; both triangles.
  func gram(of columns: [Int]? = nil, pool: ThreadPool) -> Matrix<Double> {
    let p = columns?.count ?? source.columns
    var gram = Matrix<Double>(rows: p, columns: p)
    // Blocks of the lower triangle; those on the diagonal, half the work, come last to even out the threads.
    let side = min(256, (p + 1) / 2)
    let count = (p + side - 1) / side
    let places = (0..<count).flatMap { i in (0..<i).map { (i, $0) } } + (0..<count).map { ($0, $0) }
    gram.withUnsafeMutableElements { gram in
      forEachBlock(columns, pool) { first, rows, block in
        let beta = first == 0 ? 0.0 : 1.0
        pool.run(places.count) { task in
          let (i, j) = (places[task].0 * side, places[task].1 * side)
          let (height, width) = (min(side, p - i), min(side, p - j))
          if i == j {
            Double.syrk(.lower, true, height, rows, 1, block + i, p, beta, gram + i * p + j, p)
          } else {
            Double.gemm(
              true, false, height, width, rows, 1, block + i, p, block + j, p, beta, gram + i * p + j, p)
          }
        }
      }
      for row in 1..<max(p, 1) {
        for column in 0..<row { gram[column * p + row] = gram[row * p + column] }
      }
    }
    return gram
  }
}
