public import BLAS

/// Uniform random numbers in [0, 1), by counter: number `i` is a function of the key and `counter + i` alone.
public struct RandomUniform<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans `count` numbers.
  public init(count: Int) {
    partition = WorkPartition(count: count, grain: elementsPerTask)
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  public func run(phase: Int, task: Int, key: UInt64, counter: UInt64, output: UnsafeMutablePointer<S>) {
    let range = partition.range(task)
    S.philoxUniform(
      key: key, counter: counter &+ UInt64(range.lowerBound), count: range.count, output + range.lowerBound)
  }
}

/// Dropout: `output[i] = input[i] / (1 - rate)` with probability `1 - rate`, and 0 else (Srivastava et al., 2014, in the
/// inverted form, whose expectation is the input).
///
/// Which elements are kept is a function of the key and `counter + i` alone, so the same call on the gradient of the
/// output gives the gradient of the input, and no mask is stored.
public struct DropoutMaskApply<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let rate: S, scale: S, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans dropout over `count` elements at a rate in 0...1; at 1 everything is dropped.
  public init(count: Int, rate: Double) {
    self.rate = S(rate)
    scale = rate < 1 ? S(1 / (1 - rate)) : 0
    partition = WorkPartition(count: count, grain: elementsPerTask)
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase. `output` may be `input`.
  public func run(
    phase: Int, task: Int, key: UInt64, counter: UInt64, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    S.dropout(
      key: key, counter: counter, start: range.lowerBound, count: range.count, rate: rate, scale: scale,
      input + range.lowerBound, output + range.lowerBound)
  }
}
