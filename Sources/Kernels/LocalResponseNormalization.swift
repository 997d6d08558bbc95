public import BLAS

/// Local response normalization over the channels of each pixel: `y[c] = x[c] · (bias + scale · Σ x[c']²)^-exponent`, the
/// sum over the channels c' around c.
///
/// Source: Krizhevsky, Sutskever and Hinton (2012), section 3.3.
public struct LocalResponseNormalization<S: Scalar>: PlannedKernel {
  private let plan: ResponsePlan<S>

  /// Plans the normalization of `pixels` rows of channels.
  public init(pixels: Int, window: ResponseWindow, scale: S, bias: S, exponent: S) {
    plan = ResponsePlan(pixels: pixels, window: window, scale: scale, bias: bias, exponent: exponent)
  }

  /// The number of tasks in each phase.
  public var phases: [Int] { [plan.partition.taskCount] }

  /// A few rows for each task.
  public var workspaceCount: Int { plan.workspaceCount }

  /// Each task has pixels of its own.
  public var resultRanges: [Range<Int>]? { plan.partition.ranges(of: plan.window.channels) }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    let range = plan.partition.range(task)
    let start = range.lowerBound * plan.window.channels
    S.responseNormalization(
      plan.window, pixels: range.count, scale: plan.scale, bias: plan.bias, exponent: plan.exponent, input + start,
      output + start, scratch: workspace + task * plan.window.scratchCount)
  }
}

/// The gradient of ``LocalResponseNormalization``. The sums are made anew from the input, so nothing else is kept.
public struct LocalResponseNormalizationGradient<S: Scalar>: PlannedKernel {
  private let plan: ResponsePlan<S>

  /// Plans the gradient for `pixels` rows of channels.
  public init(pixels: Int, window: ResponseWindow, scale: S, bias: S, exponent: S) {
    plan = ResponsePlan(pixels: pixels, window: window, scale: scale, bias: bias, exponent: exponent)
  }

  /// The number of tasks in each phase.
  public var phases: [Int] { [plan.partition.taskCount] }

  /// A few rows for each task.
  public var workspaceCount: Int { plan.workspaceCount }

  /// Each task has pixels of its own.
  public var resultRanges: [Range<Int>]? { plan.partition.ranges(of: plan.window.channels) }

  /// Runs one task of one phase. `inputGradient` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    inputGradient: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    let range = plan.partition.range(task)
    let start = range.lowerBound * plan.window.channels
    S.responseNormalizationGradient(
      plan.window, pixels: range.count, scale: plan.scale, bias: plan.bias, exponent: plan.exponent, input + start,
      outputGradient + start, inputGradient + start, scratch: workspace + task * plan.window.scratchCount)
  }
}

/// The formula, and how pixels are shared out: the same for the normalization and its gradient.
private struct ResponsePlan<S: Scalar>: Sendable {
  let window: ResponseWindow, scale: S, bias: S, exponent: S, partition: WorkPartition

  init(pixels: Int, window: ResponseWindow, scale: S, bias: S, exponent: S) {
    (self.window, self.scale, self.bias, self.exponent) = (window, scale, bias, exponent)
    partition = WorkPartition(count: pixels, grain: elementsPerTask / 4 / max(1, window.channels))
  }

  var workspaceCount: Int { partition.taskCount * window.scratchCount }
}
