public import BLAS

/// Where the largest input of each window stands: a byte an output, the number of the window's element counted row by row.
///
/// With the places at hand neither the gradient of ``MaxPooling`` nor its transpose reads the images again. The bytes lie in
/// memory of the scalar, ``MaxPoolingPlaces/placeCount(_:)`` elements an image.
public struct MaxPoolingPlaces<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Whether places fit a byte: windows of at most 255 elements.
  public static func supports(_ geometry: PoolingGeometry) -> Bool {
    let window = geometry.window.window
    return window.height <= 255 && window.width <= 255 && window.height * window.width <= 255
  }

  /// Elements that hold the places of an image, four bytes each whatever the scalar.
  public static func placeCount(_ geometry: PoolingGeometry) -> Int {
    let window = geometry.window
    return (window.output.height * window.output.width * window.channels + 3) / 4
  }

  /// Plans the search. The geometry must be one that ``supports(_:)`` names.
  public init(_ geometry: PoolingGeometry) {
    precondition(Self.supports(geometry), "a window of more than 255 elements has places that no byte holds")
    self.geometry = geometry
    partition = geometry.images
    phases = [partition.taskCount]
  }

  /// Each task writes the places of whole images.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: Self.placeCount(geometry)) }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(phase: Int, task: Int, input: UnsafePointer<S>, places: UnsafeMutablePointer<S>) {
    run(images: partition.range(task), input: input, places: places)
  }

  /// Finds the places of some of the images.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(images: Range<Int>, input: UnsafePointer<S>, places: UnsafeMutablePointer<S>) {
    let height = geometry.window.output.height
    S.maxPoolingPlaces(
      geometry.window, firstRow: images.lowerBound * height, rows: images.count * height, input,
      UnsafeMutableRawPointer(places).assumingMemoryBound(to: UInt8.self), imagePitch: geometry.placePitch(S.self))
  }
}

/// The gradient of ``MaxPooling`` by places.
public struct MaxPoolingScatter<S: Scalar>: PlannedKernel {
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
    S.maxPoolingScatter(
      geometry.window, firstImage: range.lowerBound, images: range.count,
      UnsafeRawPointer(places).assumingMemoryBound(to: UInt8.self), imagePitch: geometry.placePitch(S.self),
      outputGradient, inputGradient)
  }
}

/// Takes, for each window, the element of `other` at its place: the transpose of ``MaxPoolingScatter``. A window of nothing but
/// padding gives 0.
public struct MaxPoolingTake<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans the taking.
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
    S.maxPoolingTake(
      geometry.window, firstRow: range.lowerBound, rows: range.count,
      UnsafeRawPointer(places).assumingMemoryBound(to: UInt8.self), imagePitch: geometry.placePitch(S.self), other,
      output)
  }
}

extension PoolingGeometry {
  /// Bytes from the places of an image to the next one's.
  fileprivate func placePitch<S: Scalar>(_: S.Type) -> Int {
    MaxPoolingPlaces<S>.placeCount(self) * MemoryLayout<S>.stride
  }
}
