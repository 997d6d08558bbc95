import BLAS

extension DesignMatrix {
  /// The columns at these positions, in this order, with their names.
  ///
  /// - Precondition: Every position is a column, and none is named twice.
  func selectingColumns(_ positions: [Int]) -> DesignMatrix {
    let names = positions.map { self.names[$0] }
    do {
      switch storage {
      case .dense(let matrix):
        var elements: [Double] = []
        elements.reserveCapacity(matrix.rows * positions.count)
        for row in 0..<matrix.rows {
          for column in positions { elements.append(matrix.elements[row * matrix.columns + column]) }
        }
        return try DesignMatrix(Matrix(rows: matrix.rows, columns: positions.count, elements: elements), names: names)
      case .sparse(let matrix):
        var (starts, rows, values): ([Int], [Int32], [Double]) = ([0], [], [])
        for column in positions {
          let entries = matrix.columnStarts[column]..<matrix.columnStarts[column + 1]
          rows += matrix.rowIndices[entries]
          values += matrix.values[entries]
          starts.append(values.count)
        }
        let selected = try SparseMatrix(
          rows: matrix.rows, columns: positions.count, columnStarts: starts, rowIndices: rows, values: values)
        return try DesignMatrix(selected, names: names)
      }
    } catch {
      preconditionFailure("selecting columns keeps the structure: \(error)")
    }
  }
}
