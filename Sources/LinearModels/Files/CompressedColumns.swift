/// Sorts entries into compressed columns by counting, with no more memory than the entries and the result.
struct CompressedColumns {
  private(set) var starts: [Int]
  private(set) var rowIndices: [Int32]
  private(set) var values: [Double]

  /// - Parameters:
  ///   - columns: The number of columns.
  ///   - columnIndices: The column of each entry.
  ///   - values: The entries, in the order of `columnIndices`.
  ///   - row: The row of each entry, asked for in order.
  init(columns: Int, columnIndices: [Int32], values: [Double], row: (Int) -> Int32) {
    var next = [Int](repeating: 0, count: columns + 1)
    for column in columnIndices { next[Int(column) + 1] += 1 }
    for column in 0..<columns { next[column + 1] += next[column] }
    starts = next
    rowIndices = [Int32](repeating: 0, count: values.count)
    self.values = [Double](repeating: 0, count: values.count)
    for entry in values.indices {
      let column = Int(columnIndices[entry])
      rowIndices[next[column]] = row(entry)
      self.values[next[column]] = values[entry]
      next[column] += 1
    }
  }

  /// Sorts each column by rows and adds up entries in one place.
  mutating func sortRows() {
    var (kept, entries): (Int, [(row: Int32, value: Double)]) = (0, [])
    for column in 0..<starts.count - 1 {
      let range = starts[column]..<starts[column + 1]
      starts[column] = kept
      entries.removeAll(keepingCapacity: true)
      for entry in range { entries.append((rowIndices[entry], values[entry])) }
      // Sorting is stable in fact but not by promise, and a sum depends on the order: of two entries the earlier is first.
      if zip(entries, entries.dropFirst()).contains(where: { $0.row >= $1.row }) {
        let order = entries.indices.sorted { (entries[$0].row, $0) < (entries[$1].row, $1) }
        entries = order.map { entries[$0] }
      }
      let first = kept
      for entry in entries {
        if kept > first, rowIndices[kept - 1] == entry.row {
          values[kept - 1] += entry.value
        } else {
          (rowIndices[kept], values[kept]) = (entry.row, entry.value)
          kept += 1
        }
      }
    }
    starts[starts.count - 1] = kept
    rowIndices.removeLast(rowIndices.count - kept)
    values.removeLast(values.count - kept)
  }

  /// The matrix, whose structure is right by construction.
  func matrix(rows: Int) -> SparseMatrix {
    do {
      return try SparseMatrix(
        rows: rows, columns: starts.count - 1, columnStarts: starts, rowIndices: rowIndices, values: values)
    } catch {
      preconditionFailure("entries sorted into columns are a matrix: \(error)")
    }
  }
}
