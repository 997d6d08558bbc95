import BLAS

/// The rows of Z'Z of the columns that have come in, against all columns, of a tall design that is read row by row.
///
/// With them Z'r = Z't − (Z'Z) b is known of all columns without a pass over the observations, as with the whole Gram
/// matrix; where few columns ever matter they cost a share of it. glmnet's covariance updates (Friedman, Hastie and Tibshirani,
/// "Regularization paths for generalized linear models via coordinate descent", Journal of Statistical Software 33, 2010) keep
/// the same products, a column at a time.
struct GramRows: Sendable {
  /// Z't.
  let targetCorrelations: [Double]
  /// The columns whose rows are there, in the order in which they came in.
  private(set) var columns: [Int] = []
  private let streamed: StreamedRows
  /// p products for each of `columns`.
  private var products: [Double] = []

  /// Columns that may come in at once, at least: while their products are made the memory has just time to bring the rows.
  private static let smallestBatch = 16
  /// Beyond this share of the columns the rest of the matrix, whose symmetry saves half, is made at once.
  private static let largestShare = 0.3
  /// The same once so many columns seem to belong in, most of which turn out to.
  private static let largestExpectedShare = 0.5

  /// Columns that must be in before what asks counts as evidence.
  private static let smallestEvidence = 32

  /// Z't of a design; nil where the whole matrix is made or where its rows would lose digits.
  ///
  /// - Parameter known: Z't if it is known.
  init?(_ design: StandardisedDesign, _ target: [Double], known: [Double]? = nil, pool: ThreadPool) {
    guard case .dense(let dense) = design.columns, let streamed = dense.streamed, streamed.hasModestMeans else {
      return nil
    }
    self.streamed = streamed
    targetCorrelations = known ?? streamed.correlations(target, pool: pool)
  }

  /// How many columns should come in next of those that ask to; nil where all should.
  func batch(of asking: Int) -> Int? {
    let (p, count) = (Double(targetCorrelations.count), columns.count)
    let batch = min(asking, max(Self.smallestBatch, count / 3))
    guard Double(count + batch) <= Self.largestShare * p else { return nil }
    // Before much is in, most columns ask for the sake of a few.
    return count >= Self.smallestEvidence && Double(count + asking) > Self.largestExpectedShare * p ? nil : batch
  }

  /// Takes columns in and gives their products with those that are then in.
  mutating func append(_ added: [Int], pool: ThreadPool) -> Matrix<Double> {
    let (p, old) = (targetCorrelations.count, columns.count)
    products += streamed.products(of: added, pool: pool)
    columns += added
    var result = Matrix<Double>(rows: added.count, columns: columns.count)
    for index in added.indices {
      for (other, column) in columns.enumerated() {
        // Of the two that are the same but for rounding always the one: the matrix is symmetric to the last bit.
        let (row, column) = other > old + index ? (other, added[index]) : (old + index, column)
        result[index, other] = products[row * p + column]
      }
    }
    return result
  }

  /// Z'r for the coefficients of the columns that are in.
  func correlations(_ coefficients: [Double]) -> [Double] {
    let p = targetCorrelations.count
    var result = targetCorrelations
    products.withUnsafeBufferPointer { products in
      for (index, value) in coefficients.enumerated() where value != 0 {
        Double.axpy(p, -value, products.baseAddress! + index * p, 1, &result, 1)
      }
    }
    return result
  }

  /// Z'Z of all columns: the rows that are there and the rest of the matrix.
  func whole(pool: ThreadPool) -> Matrix<Double> {
    guard !columns.isEmpty else { return streamed.gram(pool: pool) }
    let p = targetCorrelations.count
    var isIn = [Bool](repeating: false, count: p)
    for column in columns { isIn[column] = true }
    let rest = (0..<p).filter { !isIn[$0] }
    let square = streamed.gram(of: rest, pool: pool)
    var whole = Matrix<Double>(rows: p, columns: p)
    whole.withUnsafeMutableElements { whole in
      products.withUnsafeBufferPointer { products in
        for (index, row) in columns.enumerated() {
          for column in rest {
            whole[row * p + column] = products[index * p + column]
            whole[column * p + row] = products[index * p + column]
          }
          for column in columns[...index] {
            whole[row * p + column] = products[index * p + column]
            whole[column * p + row] = products[index * p + column]
          }
        }
      }
      square.withUnsafeElements { square in
        for (i, row) in rest.enumerated() {
          for (j, column) in rest.enumerated() { whole[row * p + column] = square[i * rest.count + j] }
        }
      }
    }
    return whole
  }
}
