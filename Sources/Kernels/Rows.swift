public import BLAS

/// Picks rows of a table: `output[i, ·] = table[indices[i], ·]`.
///
/// Indices are whole numbers held as scalars; one that is not in `0..<tableRows` gives a row of NaN.
public struct GatherRows<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let tableRows: Int, width: Int, partition: WorkPartition

  /// Plans `count` picks from a table of [tableRows, width].
  public init(tableRows: Int, width: Int, count: Int) {
    (self.tableRows, self.width) = (tableRows, width)
    partition = WorkPartition(count: count, grain: elementsPerTask / max(1, width))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  public func run(
    phase: Int, task: Int, table: UnsafePointer<S>, indices: UnsafePointer<S>, output: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    S.gatherRows(
      tableRows: tableRows, width: width, count: range.count, table, indices + range.lowerBound,
      output + range.lowerBound * width)
  }
}

/// Adds rows into a table that starts at zero: `table[indices[i], ·] += rows[i, ·]`, the transpose of ``GatherRows``.
///
/// Rows with the same index are added in the order of `i`. An index that is not in `0..<tableRows` is passed over.
public struct ScatterAddRows<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let width: Int, count: Int, partition: WorkPartition

  /// Plans `count` additions into a table of [tableRows, width].
  public init(tableRows: Int, width: Int, count: Int) {
    (self.width, self.count) = (width, count)
    // Every task reads all indices and owns some rows of the table, so few tasks are enough.
    partition = WorkPartition(count: tableRows, grain: elementsPerTask / max(1, width), limit: 16)
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase. `table` is overwritten.
  public func run(
    phase: Int, task: Int, indices: UnsafePointer<S>, rows: UnsafePointer<S>, table: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    S.elementwise(.fill, range.count * width, nil, nil, nil, table + range.lowerBound * width, 0, 0)
    S.scatterAddRows(from: range.lowerBound, to: range.upperBound, width: width, count: count, indices, rows, table)
  }
}

/// Indicator rows: `output[i, j]` is 1 where `j = indices[i]` and 0 elsewhere.
///
/// Indices are whole numbers held as scalars; one that is not in `0..<depth` gives a row of zeros.
public struct OneHot<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let depth: Int, partition: WorkPartition

  /// Plans `count` rows of `depth` elements.
  public init(depth: Int, count: Int) {
    self.depth = depth
    partition = WorkPartition(count: count, grain: elementsPerTask / max(1, depth))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  public func run(phase: Int, task: Int, indices: UnsafePointer<S>, output: UnsafeMutablePointer<S>) {
    let range = partition.range(task)
    S.oneHot(depth: depth, count: range.count, indices + range.lowerBound, output + range.lowerBound * depth)
  }
}
