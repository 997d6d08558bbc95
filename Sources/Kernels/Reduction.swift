public import BLAS

/// Sums or takes maxima over the middle axis: [outer, reduced, inner] -> [outer, inner].
///
/// Partial sums of at most 1024 elements are added in double precision, so the error does not grow with the length. The
/// maximum of nothing is -infinity, and a NaN among the elements wins.
public struct Reduction<S: Scalar>: PlannedKernel {
  /// What is made of the elements.
  public enum Kind: Sendable {
    /// Their sum.
    case sum
    /// The largest of them.
    case maximum
  }

  /// How the work is shared out.
  private enum Cut {
    /// Whole outer positions.
    case outer(WorkPartition)
    /// Ranges of the inner axis, each through all outer positions.
    case inner(WorkPartition)
    /// Ranges of the reduced axis: a partial result each, combined in a second phase.
    case reduced(WorkPartition)
  }

  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let kind: Kind, outer: Int, reduced: Int, inner: Int, scale: S, cut: Cut

  /// Plans the reduction; results are multiplied by `scale`, which is 1 / `reduced` for a mean.
  public init(kind: Kind, outer: Int, reduced: Int, inner: Int, scale: S = 1) {
    (self.kind, self.outer, self.reduced, self.inner, self.scale) = (kind, outer, reduced, inner, scale)
    let wanted = max(1, min(64, outer * reduced * inner / elementsPerTask))
    if outer >= min(wanted, 16) {
      let partition = WorkPartition(count: outer, limit: wanted)
      cut = .outer(partition)
      (workspaceCount, phases) = (0, [partition.taskCount])
    } else if inner >= 512 * wanted {
      let partition = WorkPartition(count: inner, limit: wanted)
      cut = .inner(partition)
      (workspaceCount, phases) = (0, [partition.taskCount])
    } else {
      let chunks = WorkPartition(count: reduced, limit: wanted)
      cut = .reduced(chunks)
      (workspaceCount, phases) = (outer * chunks.taskCount * inner, [chunks.taskCount, 1])
    }
  }

  /// Runs one task of one phase: `input` is [outer, reduced, inner], `output` is [outer, inner].
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    switch cut {
    case .outer(let partition):
      let range = partition.range(task)
      let from = input + range.lowerBound * reduced * inner
      let to = output + range.lowerBound * inner
      reduce(range.count, reduced, inner, from, stride: inner, outerStride: reduced * inner, to)
      applyScale(range.count * inner, to)
    case .inner(let partition):
      let range = partition.range(task)
      for position in 0..<outer {
        let from = input + position * reduced * inner + range.lowerBound
        let to = output + position * inner + range.lowerBound
        reduce(1, reduced, range.count, from, stride: inner, outerStride: 0, to)
        applyScale(range.count, to)
      }
    case .reduced(let partition):
      let chunks = partition.taskCount
      if phase == 0 {
        let range = partition.range(task)
        for position in 0..<outer {
          let from = input + (position * reduced + range.lowerBound) * inner
          let to = workspace! + (position * chunks + task) * inner
          reduce(1, range.count, inner, from, stride: inner, outerStride: 0, to)
        }
      } else {
        reduce(outer, chunks, inner, workspace!, stride: inner, outerStride: chunks * inner, output)
        applyScale(outer * inner, output)
      }
    }
  }

  /// Reduces `rows` rows of `columns` elements, `stride` apart, to one row, for each of `count` blocks.
  private func reduce(
    _ count: Int, _ rows: Int, _ columns: Int, _ from: UnsafePointer<S>, stride: Int, outerStride: Int,
    _ to: UnsafeMutablePointer<S>
  ) {
    if columns == 1 && stride == 1 {
      switch kind {
      case .sum: S.sumRows(rows: count, columns: rows, from, stride: outerStride, to)
      case .maximum: S.maxRows(rows: count, columns: rows, from, stride: outerStride, to)
      }
      return
    }
    for block in 0..<count {
      let (from, to) = (from + block * outerStride, to + block * columns)
      switch kind {
      case .sum: S.sumColumns(rows: rows, columns: columns, from, stride: stride, to, accumulate: false)
      case .maximum: S.maxColumns(rows: rows, columns: columns, from, stride: stride, to, accumulate: false)
      }
    }
  }

  private func applyScale(_ count: Int, _ output: UnsafeMutablePointer<S>) {
    if scale != 1 { S.elementwise(.affine, count, output, nil, nil, output, scale, 0) }
  }
}
