import BLAS

/// The design matrix Z as the solvers see it: weighted by √w, centred if there is an intercept, and scaled.
///
/// With t = √w ∘ (y − mean y) every weighted problem with a free intercept becomes `‖t − Z b‖²` without either.
struct StandardisedDesign: Sendable {
  enum Columns: Sendable {
    case dense(DenseColumns)
    case sparse(SparseColumns)
  }

  let columns: Columns
  let rows: RowWeights
  let statistics: ColumnStatistics
  let choice: StandardisationChoice

  /// The number of observations.
  var rowCount: Int { rows.count }
  /// The number of variables.
  var columnCount: Int { statistics.scales.count }

  /// Standardises a design.
  ///
  /// - Parameters:
  ///   - leavesConstants: Whether a column that cannot be scaled keeps the scale 1.
  ///   - target: A vector of n whose Z't comes along where that costs little: ``targetCorrelations``.
  ///   - leading: How many columns are expected to matter to it at first; see ``StreamedRows``.
  /// - Throws: A ``LinearModelError`` that names the row and the column of a value that is not finite, or the column
  ///   that cannot be scaled.
  init(
    _ design: DesignMatrix, _ rows: RowWeights, _ choice: StandardisationChoice, leavesConstants: Bool = false,
    target: [Double]? = nil, leading: Int = 0, pool: ThreadPool
  ) throws(LinearModelError) {
    let summaries: [ColumnSummary]
    switch design.storage {
    case .dense(let matrix):
      let (made, found) = DenseColumns.make(
        matrix, rows, choice, target: target, leading: leading, pool: pool)
      (columns, summaries) = (.dense(made), found)
    case .sparse(let matrix):
      let (made, found) = SparseColumns.make(matrix, rows, choice, pool: pool)
      (columns, summaries) = (.sparse(made), found)
    }
    for (column, summary) in summaries.enumerated() {
      switch summary.failure {
      case .none: continue
      case .notFinite(let row): throw .inputNotFinite(row: row, column: design.names[column])
      case .overflow: throw .overflow(of: "column \(design.names[column])")
      case .underflow: throw .underflow(of: "column \(design.names[column])")
      case .constant: if !leavesConstants { throw .constantColumn(design.names[column]) }
      }
    }
    self.rows = rows
    self.choice = choice
    statistics = ColumnStatistics(
      means: summaries.map(\.mean), scales: summaries.map(\.scale), squaredNorms: summaries.map(\.squaredNorm))
  }

  /// Z't of the target that the design was made with, where it came along.
  var targetCorrelations: [Double]? {
    if case .dense(let dense) = columns { dense.streamed?.targetCorrelations } else { nil }
  }

  /// Z' v for a vector of n.
  func correlations(_ vector: [Double], pool: ThreadPool) -> [Double] {
    switch columns {
    case .dense(let dense):
      if let streamed = dense.streamed { return streamed.correlations(vector, pool: pool) }
      return matrixVectorMultiply(dense.matrix, vector, pool: pool)
    case .sparse(let sparse):
      var result = [Double](repeating: 0, count: columnCount)
      sparse.correlations(vector, rootSum: choice.centres ? rootSum(vector) : 0, into: &result, pool: pool)
      return result
    }
  }

  /// The same of some columns.
  func correlations(of columns: [Int], _ vector: [Double], pool: ThreadPool) -> [Double] {
    switch self.columns {
    case .dense(let dense):
      let n = rowCount
      var result = [Double](repeating: 0, count: columns.count)
      let side = 64
      result.withUnsafeMutableBufferPointer { result in
        dense.matrix.withUnsafeElements { elements in
          vector.withUnsafeBufferPointer { vector in
            pool.run((columns.count + side - 1) / side) { task in
              for index in task * side..<min((task + 1) * side, columns.count) {
                result[index] = Double.dot(n, elements + columns[index] * n, vector.baseAddress!)
              }
            }
          }
        }
      }
      return result
    case .sparse(let sparse):
      return sparse.correlations(
        of: columns, vector, rootSum: choice.centres ? rootSum(vector) : 0, pool: pool)
    }
  }

  /// Σ √w_i v_i, which is 0 for whatever has been centred.
  private func rootSum(_ vector: [Double]) -> Double {
    guard let roots = rows.roots else { return vector.reduce(0, +) }
    return Double.dot(vector.count, vector, roots)
  }

  /// result += Σ_k values_k Z_{columns_k}.
  func add(_ columns: [Int], _ values: [Double], to result: inout [Double]) {
    switch self.columns {
    case .dense(let dense):
      let n = rowCount
      dense.matrix.withUnsafeElements { elements in
        for (column, value) in zip(columns, values) where value != 0 {
          Double.axpy(n, value, elements + column * n, 1, &result, 1)
        }
      }
    case .sparse(let sparse):
      var shift = 0.0
      for (column, value) in zip(columns, values) where value != 0 {
        shift += sparse.add(column, factor: value, to: &result)
      }
      guard shift != 0 else { return }
      if let roots = rows.roots {
        Double.axpy(result.count, shift, roots, 1, &result, 1)
      } else {
        for row in result.indices { result[row] += shift }
      }
    }
  }

  /// One column of Z, written out.
  func column(_ column: Int) -> [Double] {
    if case .dense(let dense) = columns {
      return Array(dense.matrix.elements[column * rowCount..<(column + 1) * rowCount])
    }
    var result = [Double](repeating: 0, count: rowCount)
    add([column], [1], to: &result)
    return result
  }
}
