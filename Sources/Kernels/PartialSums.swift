public import BLAS

/// Partial results of the same shape, one for each task of a phase, and the phase that adds them in order.
public struct PartialSums<S: Scalar>: Sendable {
  /// Elements for all partial results; none if the only part is the result itself.
  public let workspaceCount: Int
  /// The phases that add the parts: none or one.
  public let phases: [Int]
  private let count: Int, parts: Int, partition: WorkPartition

  /// Sums of `parts` parts of `count` elements each.
  public init(count: Int, parts: Int) {
    (self.count, self.parts) = (count, parts)
    partition = WorkPartition(count: count, grain: elementsPerTask / max(1, parts))
    workspaceCount = parts > 1 ? parts * count : 0
    phases = parts > 1 ? [partition.taskCount] : []
  }

  /// Where part `index` goes.
  func part(
    _ index: Int, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>?
  ) -> UnsafeMutablePointer<S> {
    parts > 1 ? workspace! + index * count : output
  }

  /// Adds a range of the parts' elements, which lie one part behind the other in `workspace`, and overwrites it in `output`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(task: Int, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>?) {
    let range = partition.range(task)
    S.sumColumns(
      rows: parts, columns: range.count, workspace! + range.lowerBound, stride: count, output + range.lowerBound,
      accumulate: false)
  }
}
