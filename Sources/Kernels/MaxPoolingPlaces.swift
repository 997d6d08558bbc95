public import BLAS

/// The place of each window's largest input: its number in the window, counted row by row.
///
/// With the places at hand neither the gradient of ``MaxPooling`` nor its transpose reads the images again. A place is a byte,
/// or four where a window has more than 255 elements; they lie in memory of the scalar, ``elementCount(_:)`` elements an image.
public struct MaxPoolingPlaces<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let geometry: PoolingGeometry, partition: WorkPartition

  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Plans the search.
  public init(_ geometry: PoolingGeometry) {
    self.geometry = geometry
    partition = geometry.images
    phases = [partition.taskCount]
  }

  /// Elements that hold the places of an image, four bytes each whatever the scalar.
  public static func elementCount(_ geometry: PoolingGeometry) -> Int {
    let (window, output) = (geometry.window.window, geometry.window.output)
    return elementCount(outputs: output.height * output.width * geometry.window.channels, window: window)
  }

  /// Elements that hold so many places in windows of a size.
  public static func elementCount(outputs: Int, window: Extent) -> Int {
    window.height * window.width <= 255 ? (outputs + 3) / 4 : outputs
  }

  /// Each task writes the places of whole images.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: Self.elementCount(geometry)) }

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

extension PoolingGeometry {
  /// Bytes from the places of an image to the next one's.
  func placePitch<S: Scalar>(_: S.Type) -> Int { MaxPoolingPlaces<S>.elementCount(self) * MemoryLayout<S>.stride }

  /// The places that lie in memory of a scalar.
  func bytes<S: Scalar>(of places: UnsafePointer<S>) -> UnsafePointer<UInt8> {
    UnsafeRawPointer(places).assumingMemoryBound(to: UInt8.self)
  }
}
