import BLAS

extension StandardisedDesign {
  /// Z_W' C Z_W with C = diag(c) over some columns W, the free intercept eliminated: with S = Σ w c,
  ///
  ///     H_jk = Σ c z_j z_k − (Σ c √w z_j) (Σ c √w z_k) / S,
  ///
  /// which is the Hessian of a datafit with curvatures c minimised over the intercept.
  ///
  /// - Parameters:
  ///   - columns: The columns W in the order of the result's rows.
  ///   - curvature: c, n entries, not negative.
  func curvatureGram(_ columns: [Int], _ curvature: [Double], pool: ThreadPool) -> Matrix<Double> {
    let n = rowCount
    // √w c, and its sum against √w.
    let weighted = (0..<n).map { (rows.roots?[$0] ?? 1) * curvature[$0] }
    let total = rows.roots.map { Double.dot(n, weighted, $0) } ?? weighted.reduce(0, +)
    switch self.columns {
    case .dense(let dense):
      let rootCurvature = curvature.map { $0.squareRoot() }
      let isUniform = curvature.allSatisfy { $0 == 1 }
      var panel = Matrix<Double>(rows: columns.count, columns: n)
      dense.matrix.withUnsafeElements { source in
        panel.withUnsafeMutableElements { panel in
          pool.run(columns.count) { index in
            let (x, row) = (source + columns[index] * n, panel + index * n)
            row.update(from: x, count: n)
            // With curvatures of 1 the columns are centred already.
            guard !isUniform else { return }
            if choice.centres, total > 0 {
              let mean = Double.dot(n, weighted, x) / total
              if let roots = rows.roots {
                Double.axpy(n, -mean, roots, 1, row, 1)
              } else {
                for i in 0..<n { row[i] -= mean }
              }
            }
            for i in 0..<n { row[i] *= rootCurvature[i] }
          }
        }
      }
      return symmetricRankK(panel, pool: pool)
    case .sparse(let sparse):
      return sparse.curvatureGram(columns, curvature, weighted, total: choice.centres ? total : nil, pool: pool)
    }
  }
}

extension SparseColumns {
  /// The same on the stored entries: what is subtracted from a column to centre it cancels when the intercept is eliminated.
  ///
  /// - Parameters:
  ///   - weighted: √w c.
  ///   - total: Σ w c; nil without an intercept.
  func curvatureGram(
    _ columns: [Int], _ curvature: [Double], _ weighted: [Double], total: Double?, pool: ThreadPool
  ) -> Matrix<Double> {
    let m = columns.count
    let sums = rawDots(columns[...], weighted)
    var gram = Matrix<Double>(rows: m, columns: m)
    gram.withUnsafeMutableElements { gram in
      pool.run(m) { index in
        let column = columns[index]
        var scattered = [Double](repeating: 0, count: matrix.rows)
        for entry in matrix.columnStarts[column]..<matrix.columnStarts[column + 1] {
          let row = Int(matrix.rowIndices[entry])
          scattered[row] = curvature[row] * values[entry]
        }
        for (other, dot) in rawDots(columns[...index], scattered).enumerated() {
          var value = dot
          if let total, total > 0 { value -= sums[index] * sums[other] / total }
          value *= inverseScales[column] * inverseScales[columns[other]]
          gram[index * m + other] = value
          gram[other * m + index] = value
        }
      }
    }
    return gram
  }
}
