public import BLAS

/// Turns images [batch, count] into blocks [batch / n, count, n] of n interleaved images, or blocks into images.
public struct ImageInterleaving<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let count: Int, isInverse: Bool, partition: WorkPartition

  /// Plans the movement of whole blocks of images of `count` elements; the inverse makes images of blocks.
  public init(batch: Int, count: Int, isInverse: Bool) {
    precondition(batch % S.interleavedImages == 0, "images in whole blocks")
    (self.count, self.isInverse) = (count, isInverse)
    partition = WorkPartition(count: batch / S.interleavedImages, limit: 16)
    phases = [partition.taskCount]
  }

  /// Each task writes whole blocks, or their images.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: count * S.interleavedImages) }

  /// Runs one task of one phase.
  public func run(phase: Int, task: Int, source: UnsafePointer<S>, result: UnsafeMutablePointer<S>) {
    run(blocks: partition.range(task), source: source, result: result)
  }

  /// Moves some of the blocks.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(blocks: Range<Int>, source: UnsafePointer<S>, result: UnsafeMutablePointer<S>) {
    for block in blocks {
      let start = block * count * S.interleavedImages
      if isInverse {
        S.separate(count: count, source + start, result + start)
      } else {
        S.interleave(count: count, source + start, result + start)
      }
    }
  }
}
