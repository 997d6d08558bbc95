public import BLAS

/// Local response normalization over the channels of each pixel: `y[c] = x[c] · (bias + scale · Σ x[c']²)^-exponent`, the
/// sum over the channels c' around c.
///
/// Source: Krizhevsky, Sutskever and Hinton (2012), section 3.3.
public struct LocalResponseNormalization<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let window: ResponseWindow, scale: S, bias: S, exponent: S, partition: WorkPartition

  /// Plans the normalization of `pixels` rows of channels.
  public init(pixels: Int, window: ResponseWindow, scale: S, bias: S, exponent: S) {
    (self.window, self.scale, self.bias, self.exponent) = (window, scale, bias, exponent)
    partition = WorkPartition(count: pixels, grain: elementsPerTask / 4 / max(1, window.channels))
    phases = [partition.taskCount]
  }

  /// A few rows for each task.
  public var workspaceCount: Int { partition.taskCount * window.scratchCount }

  /// Each task has pixels of its own.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: window.channels) }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    let start = range.lowerBound * window.channels
    S.responseNormalization(
      window, pixels: range.count, scale: scale, bias: bias, exponent: exponent, input + start, output + start,
      scratch: workspace + task * window.scratchCount)
  }
}

/// The gradient of ``LocalResponseNormalization``. The sums are made anew from the input, so nothing else is kept.
public struct LocalResponseNormalizationGradient<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let window: ResponseWindow, scale: S, bias: S, exponent: S, partition: WorkPartition

  /// Plans the gradient for `pixels` rows of channels.
  public init(pixels: Int, window: ResponseWindow, scale: S, bias: S, exponent: S) {
    (self.window, self.scale, self.bias, self.exponent) = (window, scale, bias, exponent)
    partition = WorkPartition(count: pixels, grain: elementsPerTask / 4 / max(1, window.channels))
    phases = [partition.taskCount]
  }

  /// A few rows for each task.
  public var workspaceCount: Int { partition.taskCount * window.scratchCount }

  /// Each task has pixels of its own.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: window.channels) }

  /// Runs one task of one phase. `inputGradient` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    inputGradient: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    let start = range.lowerBound * window.channels
    S.responseNormalizationGradient(
      window, pixels: range.count, scale: scale, bias: bias, exponent: exponent, input + start, outputGradient + start,
      inputGradient + start, scratch: workspace + task * window.scratchCount)
  }
}
