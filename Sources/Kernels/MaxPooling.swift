public import BLAS

/// The largest input of each window. Padding never wins; a NaN always does.
public struct MaxPooling<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// Plans the pooling.
  public init(_ geometry: PoolingGeometry) {
    self.geometry = geometry
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
    S.maxPooling(
      geometry.window, firstRow: range.lowerBound, rows: range.count, input, output,
      scratch: workspace! + task * geometry.rowCount)
  }

  /// Pools some of the images; `scratch` holds a row of an image.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>
  ) {
    S.maxPooling(
      geometry.window, firstRow: images.lowerBound * geometry.window.output.height,
      rows: images.count * geometry.window.output.height, input, output, scratch: scratch)
  }
}

/// The gradient of ``MaxPooling`` by its ``MaxPoolingPlaces``: the first maximum of a window takes all of its gradient.
public struct MaxPoolingGradient<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans the gradient.
  public init(_ geometry: PoolingGeometry) {
    self.geometry = geometry
    partition = geometry.images
    phases = [partition.taskCount]
  }

  /// Each task writes whole images.
  public var resultRanges: [Range<Int>]? {
    partition.ranges(of: geometry.window.size.height * geometry.rowCount)
  }

  /// Runs one task of one phase. `inputGradient` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, places: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    inputGradient: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    S.maxPoolingGradient(
      geometry.window, firstImage: range.lowerBound, images: range.count, geometry.bytes(of: places),
      imagePitch: geometry.placePitch(S.self), outputGradient, inputGradient)
  }
}

/// Takes, for each window, the element of `other` at its place, 0 for a window of nothing but padding.
///
/// It is the transpose of ``MaxPoolingGradient``, and so the gradient of that gradient.
public struct MaxPoolingGather<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans the gathering.
  public init(_ geometry: PoolingGeometry) {
    self.geometry = geometry
    partition = geometry.rows
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, places: UnsafePointer<S>, other: UnsafePointer<S>, output: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    S.maxPoolingGather(
      geometry.window, firstRow: range.lowerBound, rows: range.count, geometry.bytes(of: places),
      imagePitch: geometry.placePitch(S.self), other, output)
  }
}
