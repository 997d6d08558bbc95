/// A set of columns, one bit each.
public struct ColumnSet: Sendable, Hashable {
  private var words: [UInt64]
  /// The number of columns there are, in the set or not.
  public let columnCount: Int

  /// Makes an empty set of so many possible columns.
  public init(columnCount: Int) {
    self.columnCount = columnCount
    words = [UInt64](repeating: 0, count: (columnCount + 63) / 64)
  }

  /// Whether a column, counted from 0, is in the set.
  public func contains(_ column: Int) -> Bool {
    precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
    return words[column / 64] >> UInt64(column % 64) & 1 == 1
  }

  /// Puts a column into the set.
  public mutating func insert(_ column: Int) {
    precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
    words[column / 64] |= 1 << UInt64(column % 64)
  }

  /// How many columns are in the set.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The columns in the set, ascending.
  public var columns: [Int] { (0..<columnCount).filter(contains) }
}
