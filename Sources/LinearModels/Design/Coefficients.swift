/// The coefficients of a fit by name; only those that are not 0 take memory.
public struct Coefficients: Sendable, Hashable {
  /// The names of all columns.
  public let names: ColumnNames
  /// The columns whose coefficient is not 0, ascending.
  public let support: [Int]
  /// The coefficients of `support`.
  public let nonzero: [Double]

  /// Makes coefficients of the full list.
  init(names: ColumnNames, values: [Double]) {
    let support = values.indices.filter { values[$0] != 0 }
    self.init(names: names, support: support, nonzero: support.map { values[$0] })
  }

  /// Makes coefficients of ascending columns and their values.
  init(names: ColumnNames, support: [Int], nonzero: [Double]) {
    (self.names, self.support, self.nonzero) = (names, support, nonzero)
  }

  /// The number of columns.
  public var count: Int { names.count }

  /// All coefficients, zeros included.
  public var values: [Double] {
    var values = [Double](repeating: 0, count: count)
    for (column, value) in zip(support, nonzero) { values[column] = value }
    return values
  }

  /// The coefficient of a column, counted from 0.
  public subscript(column: Int) -> Double {
    precondition(column >= 0 && column < count, "column \(column) of \(count)")
    var (low, high) = (0, support.count)
    while low < high {
      let middle = (low + high) / 2
      if support[middle] < column { low = middle + 1 } else { high = middle }
    }
    return low < support.count && support[low] == column ? nonzero[low] : 0
  }

  /// The coefficient of a name; nil if no column is called so.
  public subscript(name: String) -> Double? {
    names.column(named: name).map { self[$0] }
  }
}

extension Coefficients: CustomStringConvertible {
  /// The names and the coefficients that are not 0, a line each.
  public var description: String {
    zip(support, nonzero).map { "\(names[$0]): \($1)" }.joined(separator: "\n")
  }
}
