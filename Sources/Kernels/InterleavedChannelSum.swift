public import BLAS

/// The sum over all positions of all images, a channel at a time, of blocks of interleaved images:
/// [blocks, height, width, channels, images] -> [channels].
///
/// Each task sums some of the blocks, first over their positions, a band of rows at a time, and then over their images; a second
/// phase adds the tasks' parts in their order.
public struct InterleavedChannelSum<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// Elements of scratch memory for ``run(blocks:input:part:scratch:)``.
  public let scratchCount: Int
  private let height: Int, width: Int, channels: Int, partition: WorkPartition, sum: PartialSums<S>

  /// Plans the sum.
  public init(blocks: Int, height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
    partition = WorkPartition(count: blocks, limit: 16)
    sum = PartialSums(count: channels, parts: partition.taskCount)
    scratchCount = 3 * channels * S.interleavedImages
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
    let row = width * channels * S.interleavedImages
    for block in blocks {
      var first = 0
      while first < height {
        let rows = first..<min(first + interleavedBandHeight, height)
        add(
          rows: rows, isFirst: block == blocks.lowerBound && first == 0, band: input + (block * height + first) * row,
          scratch: scratch)
        first += interleavedBandHeight
      }
    }
    finish(part: part, scratch: scratch)
  }

  /// Adds a band of rows of a block to sums in `scratch`, or overwrites these.
  ///
  /// There may be thousands of bands, so what each addition loses is kept beside its sum and made up for by the next (Kahan, 1965).
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func add(rows: Range<Int>, isFirst: Bool, band: UnsafePointer<S>, scratch: UnsafeMutablePointer<S>) {
    let lanes = channels * S.interleavedImages
    let (lost, new) = (scratch + lanes, scratch + 2 * lanes)
    S.sumColumns(
      rows: rows.count * width, columns: lanes, band, stride: lanes, isFirst ? scratch : new, accumulate: false)
    if isFirst { return S.elementwise(.fill, lanes, nil, nil, nil, lost, 0, 0) }
    S.addCompensated(lanes, new, to: scratch, lost: lost)
  }

  /// Overwrites `part` with the sums in `scratch`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func finish(part: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>) {
    S.sumRows(rows: channels, columns: S.interleavedImages, scratch, stride: S.interleavedImages, part)
  }
}

/// Rows of a block that are summed at a time, wherever they are made, so that a sum always has the same bits.
public let interleavedBandHeight = 2
