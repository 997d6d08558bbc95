public import BLAS

/// The sum over all positions of all images, a channel at a time: [images, positions, channels] -> [channels].
///
/// Each task sums some of the images in short pieces, which are added in double precision; a second phase adds the tasks'
/// parts, at most 16, in their order.
public struct ChannelSum<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let positions: Int, channels: Int, partition: WorkPartition, sum: PartialSums<S>

  /// Plans the sum.
  public init(images: Int, positions: Int, channels: Int) {
    (self.positions, self.channels) = (positions, channels)
    partition = WorkPartition(images: images, of: positions * channels)
    sum = PartialSums(count: channels, parts: partition.taskCount)
    workspaceCount = sum.workspaceCount
    phases = [partition.taskCount] + sum.phases
  }

  /// The images that each task of the first phase sums.
  public var imageParts: [Range<Int>] { partition.ranges(of: 1) }

  /// Runs one task of one phase. `output` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    if phase > 0 {
      sum.run(task: task, output: output, workspace: workspace)
    } else {
      run(
        images: partition.range(task), input: input, part: sum.part(task, output: output, workspace: workspace))
    }
  }

  /// Overwrites `part` with the sum over some of the images.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(images: Range<Int>, input: UnsafePointer<S>, part: UnsafeMutablePointer<S>) {
    S.sumColumns(
      rows: images.count * positions, columns: channels, input + images.lowerBound * positions * channels,
      stride: channels, part, accumulate: false)
  }
}
