public import BLAS

/// A dense array of numbers with a shape: a value, copied on write.
///
/// ```swift
/// let kernel: Tensor<Float> = [[1, 2], [3, 4]]
/// kernel.shape              // [2, 2]
/// kernel[1, 0]              // 3
/// kernel.transposed()       // [[1, 3], [2, 4]]
/// ```
///
/// A tensor holds and shows numbers; the arithmetic of the engine is recorded in a graph and run over an arena.
public struct Tensor<S: Scalar>: Sendable, Equatable {
  /// The extents of the axes.
  public let shape: Shape

  /// The numbers in row-major order.
  ///
  /// - Precondition: An assignment keeps the count that ``shape`` asks for.
  public var elements: [S] {
    didSet { precondition(elements.count == shape.count, "\(elements.count) elements do not fill shape \(shape)") }
  }

  /// Makes a tensor of elements in row-major order.
  ///
  /// - Precondition: `elements.count == shape.count`. Elements from outside go through ``init(validating:_:)``.
  public init(_ shape: Shape, _ elements: [S]) {
    precondition(elements.count == shape.count, "\(elements.count) elements do not fill shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// Makes a tensor of elements that come from outside the program.
  ///
  /// - Throws: ``ShapeError/elementCount(shape:found:)`` when the elements do not fill the shape.
  public init(validating shape: Shape, _ elements: [S]) throws(ShapeError) {
    guard elements.count == shape.count else { throw .elementCount(shape: shape, found: elements.count) }
    self.shape = shape
    self.elements = elements
  }

  /// Makes a tensor whose elements all equal `value`.
  public init(_ shape: Shape, repeating value: S) {
    self.shape = shape
    elements = [S](repeating: value, count: shape.count)
  }

  /// Makes a tensor whose memory `body` fills; what `body` leaves unwritten is undefined.
  ///
  /// - Parameters:
  ///   - shape: The extents.
  ///   - body: Writes every one of `shape.count` uninitialised elements, or throws.
  public init<Failure: Error>(
    _ shape: Shape, filledBy body: (UnsafeMutableBufferPointer<S>) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    self.shape = shape
    elements = [S](unsafeUninitializedCapacity: shape.count) { buffer, count in
      do throws(Failure) {
        try body(UnsafeMutableBufferPointer(rebasing: buffer[0..<shape.count]))
      } catch {
        failure = error
      }
      // The elements are trivial, so counting undefined ones before throwing them away is harmless.
      count = shape.count
    }
    if let failure { throw failure }
  }

  /// Makes a tensor of shape `[]`.
  public init(scalar: S) {
    self.init([], [scalar])
  }

  /// Makes a tensor of shape `[vector.count]`.
  public init(_ vector: [S]) {
    self.init([vector.count], vector)
  }

  /// Makes a tensor of shape `[rows.count, rows[0].count]`.
  ///
  /// - Precondition: The rows have one length.
  public init(_ rows: [[S]]) {
    let width = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == width }, "the rows of a matrix must have one length")
    self.init([rows.count, width], rows.flatMap { $0 })
  }

  /// Makes a tensor of another scalar's numbers, each rounded to nearest.
  public init<T: Scalar>(converting other: Tensor<T>) {
    self.init(other.shape) { target in
      other.elements.withUnsafeBufferPointer { convertElements($0, to: target) }
    }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(shape, repeating: 0) }

  /// A tensor of ones.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(shape, repeating: 1) }

  /// The number of elements.
  public var count: Int { shape.count }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The element at one index an axis.
  ///
  /// - Precondition: There are ``rank`` indices, each within its axis.
  public subscript(_ indices: Int...) -> S {
    get { elements[offset(of: indices)] }
    set { elements[offset(of: indices)] = newValue }
  }

  /// Whether no element is infinite or not a number.
  public var isFinite: Bool { elements.withUnsafeBufferPointer(areFinite) }

  /// Whether two tensors have one shape and equal elements; what is not a number equals nothing.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape
      && left.elements.withUnsafeBufferPointer { left in
        right.elements.withUnsafeBufferPointer { right in areEqual(left, right) }
      }
  }

  /// Calls `body` with the elements in row-major order.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<S>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try elements.withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the elements in row-major order, to be changed in place.
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (inout UnsafeMutableBufferPointer<S>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try elements.withUnsafeMutableBufferPointer(body)
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(indices.count == rank, "\(indices.count) indices for a tensor of rank \(rank)")
    var offset = 0
    for (axis, index) in indices.enumerated() {
      let extent = shape.dimensions[axis]
      precondition(index >= 0 && index < extent, "index \(index) is outside axis \(axis) of shape \(shape)")
      offset = offset * extent + index
    }
    return offset
  }
}
