public import BLAS

/// Copies a strided view into dense row-major order: transposes, slices and broadcasts.
///
/// `output[index] = source[offset + Σ index[axis] · strides[axis]]` for every index within `dimensions`. A stride of 0
/// repeats the source along its axis.
public struct Rearrangement<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let dimensions: [Int], strides: [Int], offset: Int, partition: WorkPartition

  /// Plans the copy. There may be at most 16 axes.
  public init(dimensions: [Int], strides: [Int], offset: Int = 0) {
    precondition(dimensions.count == strides.count && dimensions.count <= 16, "one stride for each of at most 16 axes")
    (self.dimensions, self.strides, self.offset) = (dimensions, strides, offset)
    partition = WorkPartition(count: dimensions.reduce(1, *), grain: elementsPerTask)
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  public func run(phase: Int, task: Int, source: UnsafePointer<S>, output: UnsafeMutablePointer<S>) {
    let range = partition.range(task)
    if range.isEmpty { return }
    dimensions.withUnsafeBufferPointer { dimensions in
      strides.withUnsafeBufferPointer { strides in
        // An empty array may have no address, which stands for a single element here.
        withUnsafePointer(to: 1) { one in
          S.broadcastCopy(
            rank: dimensions.count, dimensions: dimensions.baseAddress ?? one, strides: strides.baseAddress ?? one,
            start: range.lowerBound, count: range.count, source + offset, output + range.lowerBound)
        }
      }
    }
  }
}
