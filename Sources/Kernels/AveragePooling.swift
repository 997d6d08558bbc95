public import BLAS

/// What average pooling divides the sum of a window by.
private struct PoolingDivisor<S: Scalar>: Sendable {
  let scale: S, countsInside: Bool

  init(_ geometry: PoolingGeometry, countsPadding: Bool, sums: Bool) {
    let window = geometry.window.window
    scale = sums || !countsPadding ? 1 : 1 / S(window.height * window.width)
    countsInside = !sums && !countsPadding
  }
}

/// The mean, or the sum, of each window.
public struct AveragePooling<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, divisor: PoolingDivisor<S>, partition: WorkPartition

  /// Plans the pooling.
  ///
  /// - Parameters:
  ///   - geometry: The shapes.
  ///   - countsPadding: Whether padding counts as zeros in the mean (PyTorch's default) or not at all (Keras's).
  ///   - sums: Whether to give the sum instead of the mean.
  public init(_ geometry: PoolingGeometry, countsPadding: Bool = true, sums: Bool = false) {
    self.geometry = geometry
    divisor = PoolingDivisor(geometry, countsPadding: countsPadding, sums: sums)
    partition = geometry.rows
    phases = [partition.taskCount]
    workspaceCount = partition.taskCount * geometry.rowCount
  }

  /// Each task writes rows that follow each other.
  public var resultRanges: [Range<Int>]? {
    partition.ranges(of: geometry.window.output.width * geometry.window.channels)
  }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    let range = partition.range(task)
    S.averagePooling(
      geometry.window, firstRow: range.lowerBound, rows: range.count, scale: divisor.scale,
      countsInside: divisor.countsInside, input, output, scratch: workspace! + task * geometry.rowCount)
  }

  /// Pools some of the images; `scratch` holds a row of an image.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>
  ) {
    S.averagePooling(
      geometry.window, firstRow: images.lowerBound * geometry.window.output.height,
      rows: images.count * geometry.window.output.height, scale: divisor.scale, countsInside: divisor.countsInside,
      input, output, scratch: scratch)
  }
}

/// The gradient of ``AveragePooling``, which is its transpose: each output's gradient, scaled, goes to all of its window.
public struct AveragePoolingGradient<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, divisor: PoolingDivisor<S>, partition: WorkPartition

  /// Plans the gradient; the parameters are those of the pooling.
  public init(_ geometry: PoolingGeometry, countsPadding: Bool = true, sums: Bool = false) {
    self.geometry = geometry
    divisor = PoolingDivisor(geometry, countsPadding: countsPadding, sums: sums)
    partition = geometry.images
    phases = [partition.taskCount]
    workspaceCount = partition.taskCount * geometry.rowCount
  }

  /// Each task writes whole images.
  public var resultRanges: [Range<Int>]? {
    partition.ranges(of: geometry.window.size.height * geometry.rowCount)
  }

  /// Runs one task of one phase. `inputGradient` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, outputGradient: UnsafePointer<S>, inputGradient: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    run(
      images: partition.range(task), outputGradient: outputGradient, inputGradient: inputGradient,
      scratch: workspace! + task * geometry.rowCount)
  }

  /// The gradients of some of the images; `scratch` holds a row of an image.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, outputGradient: UnsafePointer<S>, inputGradient: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    S.averagePoolingGradient(
      geometry.window, firstImage: images.lowerBound, images: images.count, scale: divisor.scale,
      countsInside: divisor.countsInside, outputGradient, inputGradient, scratch: scratch)
  }

  /// The rows of an image that the gradients of one row of windows fill and no others, if windows lie beside each other.
  public var bandHeight: Int? {
    let window = geometry.window
    let tiles =
      window.stride == window.window && window.dilation == 1 && window.padding == .none
      && window.size.height == window.output.height * window.window.height
    return tiles ? window.window.height : nil
  }

  /// Makes the rows of an image that the gradients of one row of windows fill.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    image: Int, windowRow: Int, outputGradient: UnsafePointer<S>, band: UnsafeMutablePointer<S>
  ) {
    let window = geometry.window
    let rows = SlidingWindow(
      size: Extent(window.window.height, window.size.width), channels: window.channels, window: window.window,
      stride: window.stride)
    let windows = window.output.width * window.channels
    // Windows beside each other need no scratch.
    S.averagePoolingGradient(
      rows, firstImage: 0, images: 1, scale: divisor.scale, countsInside: divisor.countsInside,
      outputGradient + (image * window.output.height + windowRow) * windows, band, scratch: band)
  }
}
