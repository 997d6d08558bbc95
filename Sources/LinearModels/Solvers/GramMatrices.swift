import BLAS

extension StandardisedDesign {
  /// Z'Z, p x p, both triangles.
  func gram(pool: ThreadPool) -> Matrix<Double> {
    switch columns {
    case .dense(let dense):
      if let streamed = dense.streamed { return streamed.gram(pool: pool) }
      return symmetricRankK(dense.matrix, pool: pool)
    case .sparse(let sparse):
      let p = columnCount
      var gram = Matrix<Double>(rows: p, columns: p)
      gram.withUnsafeMutableElements { gram in
        pool.run(p) { column in
          let row = sparse.gramRow(column, against: 0..<column + 1)
          for (other, value) in row.enumerated() {
            gram[column * p + other] = value
            gram[other * p + column] = value
          }
        }
      }
      return gram
    }
  }

  /// Σ_j z_j z_j' / v_j over columns, n x n, both triangles.
  ///
  /// - Parameter factors: v_j for all columns; a column whose factor is 0 is left out.
  func outerGram(factors: [Double], pool: ThreadPool) -> Matrix<Double> {
    let n = rowCount
    switch columns {
    case .dense(let dense):
      var scaled = dense.matrix
      if factors.contains(where: { $0 != 1 }) {
        scaled.withUnsafeMutableElements { elements in
          for (column, factor) in factors.enumerated() where factor != 1 {
            Double.scal(n, factor > 0 ? 1 / factor.squareRoot() : 0, elements + column * n, 1)
          }
        }
      }
      return symmetricRankK(scaled, transposeA: true, pool: pool)
    case .sparse(let sparse):
      var gram = Matrix<Double>(rows: n, columns: n)
      gram.withUnsafeMutableElements { gram in
        for (column, factor) in factors.enumerated() where factor > 0 {
          sparse.addOuterProduct(column, weight: 1 / factor, to: gram, order: n)
        }
      }
      return choice.centres ? doublyCentred(gram) : gram
    }
  }

  /// R K R with R = I − √w √w' / Σw, which centres every column of a matrix by the weighted mean.
  private func doublyCentred(_ gram: Matrix<Double>) -> Matrix<Double> {
    let n = rowCount
    var gram = gram
    let roots = rows.roots ?? [Double](repeating: 1, count: n)
    let projected = matrixVectorMultiply(gram, roots).map { $0 / rows.total }
    let twice = Double.dot(n, projected, roots) / rows.total
    gram.withUnsafeMutableElements { gram in
      for i in 0..<n {
        for j in 0..<n {
          gram[i * n + j] += twice * roots[i] * roots[j] - projected[i] * roots[j] - roots[i] * projected[j]
        }
      }
    }
    return gram
  }
}

extension SparseColumns {
  /// z_j'z_k for one column j and a range of columns k.
  func gramRow(_ column: Int, against others: Range<Int>) -> [Double] {
    gramRow(column, against: Array(others)[...])
  }

  /// z_j'z_k for one column j and some columns k: (x_j'x_k − Σw mean_j mean_k) / (scale_j scale_k).
  func gramRow(_ column: Int, against others: ArraySlice<Int>) -> [Double] {
    var scattered = [Double](repeating: 0, count: matrix.rows)
    for entry in matrix.columnStarts[column]..<matrix.columnStarts[column + 1] {
      scattered[Int(matrix.rowIndices[entry])] = values[entry]
    }
    var dots = rawDots(others, scattered)
    for (position, other) in others.enumerated() {
      dots[position] -= totalWeight * means[column] * means[other]
      dots[position] *= inverseScales[column] * inverseScales[other]
    }
    return dots
  }

  /// gram += weight x_j x_j' / scale_j², not centred.
  func addOuterProduct(_ column: Int, weight: Double, to gram: UnsafeMutablePointer<Double>, order: Int) {
    let entries = matrix.columnStarts[column]..<matrix.columnStarts[column + 1]
    let weight = weight * inverseScales[column] * inverseScales[column]
    for entry in entries {
      let row = gram + Int(matrix.rowIndices[entry]) * order
      let value = weight * values[entry]
      for other in entries { row[Int(matrix.rowIndices[other])] += value * values[other] }
    }
  }
}
