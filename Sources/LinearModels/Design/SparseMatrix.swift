/// A sparse matrix in compressed columns (CSC).
///
/// Column j holds the entries `columnStarts[j] ..< columnStarts[j + 1]` of `rowIndices` and `values`; everything else
/// is 0. Row indices ascend strictly within a column.
public struct SparseMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Where each column starts in `values`, and one more: where the last one ends.
  public let columnStarts: [Int]
  /// The row of each entry, counted from 0.
  public let rowIndices: [Int32]
  /// The entries.
  public let values: [Double]

  /// Makes a matrix of its three arrays.
  ///
  /// - Throws: ``LinearModelError/invalidSparseMatrix(_:)`` saying which rule does not hold and where.
  public init(
    rows: Int, columns: Int, columnStarts: [Int], rowIndices: [Int32], values: [Double]
  ) throws(LinearModelError) {
    guard rows >= 0, rows <= Int(Int32.max), columns >= 0 else {
      throw .invalidSparseMatrix("\(rows) x \(columns) is not a shape of at most 2^31 - 1 rows")
    }
    guard columnStarts.count == columns + 1 else {
      throw .invalidSparseMatrix("\(columns) columns need \(columns + 1) starts, found \(columnStarts.count)")
    }
    guard rowIndices.count == values.count else {
      throw .invalidSparseMatrix("\(values.count) values but \(rowIndices.count) row indices")
    }
    guard columnStarts[0] == 0, columnStarts[columns] == values.count else {
      throw .invalidSparseMatrix(
        "the starts must run from 0 to \(values.count), found \(columnStarts[0]) to \(columnStarts[columns])")
    }
    for column in 0..<columns where columnStarts[column] > columnStarts[column + 1] {
      throw .invalidSparseMatrix("column \(column) ends before it starts")
    }
    for column in 0..<columns {
      var previous = -1
      for entry in columnStarts[column]..<columnStarts[column + 1] {
        let row = Int(rowIndices[entry])
        guard row > previous, row < rows else {
          throw .invalidSparseMatrix("column \(column): row index \(row) after \(previous), with \(rows) rows")
        }
        previous = row
      }
    }
    (self.rows, self.columns) = (rows, columns)
    (self.columnStarts, self.rowIndices, self.values) = (columnStarts, rowIndices, values)
  }

  /// Makes a matrix of entries in any order; entries in one place are added up.
  ///
  /// - Throws: ``LinearModelError/invalidSparseMatrix(_:)`` if an entry lies outside.
  public init(
    rows: Int, columns: Int, entries: [(row: Int, column: Int, value: Double)]
  ) throws(LinearModelError) {
    guard rows >= 0, rows <= Int(Int32.max), columns >= 0 else {
      throw .invalidSparseMatrix("\(rows) x \(columns) is not a shape of at most 2^31 - 1 rows")
    }
    for entry in entries where entry.row < 0 || entry.row >= rows || entry.column < 0 || entry.column >= columns {
      throw .invalidSparseMatrix("entry (\(entry.row), \(entry.column)) lies outside a \(rows) x \(columns) matrix")
    }
    let sorted = entries.sorted { ($0.column, $0.row) < ($1.column, $1.row) }
    var starts = [0]
    var rowIndices: [Int32] = []
    var values: [Double] = []
    var next = 0
    for column in 0..<columns {
      while next < sorted.count, sorted[next].column == column {
        let row = Int32(sorted[next].row)
        if values.count > starts[column], rowIndices[values.count - 1] == row {
          values[values.count - 1] += sorted[next].value
        } else {
          rowIndices.append(row)
          values.append(sorted[next].value)
        }
        next += 1
      }
      starts.append(values.count)
    }
    try self.init(rows: rows, columns: columns, columnStarts: starts, rowIndices: rowIndices, values: values)
  }

  /// The rows at these positions, in this order and as often as they are named.
  ///
  /// - Precondition: Every position is a row.
  public func selectingRows(_ positions: [Int]) -> SparseMatrix {
    // Where each old row goes: positions of the new matrix, chained, since a row may be chosen more than once.
    var first = [Int32](repeating: -1, count: rows)
    var following = [Int32](repeating: -1, count: positions.count)
    for (new, old) in positions.enumerated().reversed() {
      following[new] = first[old]
      first[old] = Int32(new)
    }
    var starts = [0]
    var entries: [(row: Int32, value: Double)] = []
    var (newRows, newValues): ([Int32], [Double]) = ([], [])
    for column in 0..<columns {
      entries.removeAll(keepingCapacity: true)
      for entry in columnStarts[column]..<columnStarts[column + 1] {
        var target = first[Int(rowIndices[entry])]
        while target >= 0 {
          entries.append((target, values[entry]))
          target = following[Int(target)]
        }
      }
      entries.sort { $0.row < $1.row }
      newRows += entries.map(\.row)
      newValues += entries.map(\.value)
      starts.append(newValues.count)
    }
    do {
      return try SparseMatrix(
        rows: positions.count, columns: columns, columnStarts: starts, rowIndices: newRows, values: newValues)
    } catch {
      preconditionFailure("selecting rows keeps the structure: \(error)")
    }
  }
}
