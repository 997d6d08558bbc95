public import BLAS

/// The sum over all positions of all images, a channel at a time, of blocks of interleaved images:
/// [blocks, positions, channels, images] -> [channels].
///
/// Each task sums some of the blocks, first over their positions and then over their images; a second phase adds the tasks'
/// parts in their order.
public struct InterleavedChannelSum<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// Elements of scratch memory for ``run(blocks:input:part:scratch:)``.
  public let scratchCount: Int
  private let positions: Int, channels: Int, partition: WorkPartition, sum: PartialSums<S>

  /// Plans the sum.
  public init(blocks: Int, positions: Int, channels: Int) {
    (self.positions, self.channels) = (positions, channels)
    partition = WorkPartition(count: blocks, limit: 16)
    sum = PartialSums(count: channels, parts: partition.taskCount)
    scratchCount = channels * S.interleavedImages
    workspaceCount = sum.workspaceCount + partition.taskCount * scratchCount
    phases = [partition.taskCount] + sum.phases
  }

  /// The blocks that each task of the first phase sums.
  public var blockParts: [Range<Int>] { partition.ranges(of: 1) }

  /// Runs one task of one phase. `output` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    if phase > 0 { return sum.run(task: task, output: output, workspace: workspace) }
    run(
      blocks: partition.range(task), input: input, part: sum.part(task, output: output, workspace: workspace),
      scratch: workspace + sum.workspaceCount + task * scratchCount)
  }

  /// Overwrites `part` with the sum over some of the blocks.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    blocks: Range<Int>, input: UnsafePointer<S>, part: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>
  ) {
    let lanes = channels * S.interleavedImages
    S.sumColumns(
      rows: blocks.count * positions, columns: lanes, input + blocks.lowerBound * positions * lanes, stride: lanes,
      scratch, accumulate: false)
    S.sumRows(rows: channels, columns: S.interleavedImages, scratch, stride: S.interleavedImages, part)
  }
}
