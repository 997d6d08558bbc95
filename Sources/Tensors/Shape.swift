/// The extents of a tensor's axes, outermost first; `[]` is a scalar's shape.
///
/// Tensors are row-major: the last axis is contiguous. Images are `[height, width, channels]` and convolution kernels
/// `[height, width, inputs, outputs]`.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis; never negative.
  public let dimensions: [Int]

  /// The number of elements: the product of the extents, 1 for a scalar.
  public let count: Int

  /// Makes a shape.
  ///
  /// - Precondition: No extent is negative and the product of the extents fits in an `Int`. Extents read from a file
  ///   go through ``init(validating:)``.
  public init(_ dimensions: [Int]) {
    do {
      try self.init(validating: dimensions)
    } catch {
      preconditionFailure(error.description)
    }
  }

  /// Makes a shape of extents that come from outside the program.
  ///
  /// - Throws: ``ShapeError`` when an extent is negative or the element count does not fit in an `Int`.
  public init(validating dimensions: [Int]) throws(ShapeError) {
    var product = 1
    var overflow = false
    for extent in dimensions {
      guard extent >= 0 else { throw .negativeExtent(dimensions) }
      let (partial, overflowed) = product.multipliedReportingOverflow(by: extent)
      product = partial
      overflow = overflow || overflowed
    }
    // A zero extent makes the tensor empty whatever the others are.
    if dimensions.contains(0) {
      product = 0
    } else if overflow {
      throw .tooManyElements(dimensions)
    }
    self.dimensions = dimensions
    count = product
  }

  /// The number of axes; 0 for a scalar.
  public var rank: Int { dimensions.count }

  /// The extent of an axis; a negative axis counts from the end, so `shape[-1]` is the innermost extent.
  ///
  /// - Precondition: `-rank <= axis < rank`.
  public subscript(_ axis: Int) -> Int {
    let position = axis < 0 ? axis + rank : axis
    precondition(position >= 0 && position < rank, "axis \(axis) does not exist in shape \(self)")
    return dimensions[position]
  }

  /// How many elements apart neighbours along each axis lie in row-major order.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] &* dimensions[axis + 1]
    }
    return strides
  }

  /// The axes of `leading` followed by those of `trailing`: `[batch] + [28, 28, 1]`.
  public static func + (leading: Shape, trailing: Shape) -> Shape {
    Shape(leading.dimensions + trailing.dimensions)
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// Makes a shape from a literal such as `[28, 28, 1]`.
  public init(arrayLiteral dimensions: Int...) {
    self.init(dimensions)
  }
}

extension Shape: CustomStringConvertible {
  /// The extents in brackets: `[28, 28, 1]`.
  public var description: String { dimensions.description }
}

/// Why a list of numbers is no shape.
public enum ShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An extent is below zero.
  case negativeExtent([Int])
  /// The product of the extents does not fit in an `Int`.
  case tooManyElements([Int])
  /// A list of elements does not fill the shape.
  case elementCount(shape: Shape, found: Int)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .negativeExtent(let dimensions): "the extents of a shape must not be negative: \(dimensions)"
    case .tooManyElements(let dimensions): "the shape \(dimensions) has more elements than an Int can count"
    case .elementCount(let shape, let found): "shape \(shape) needs \(shape.count) elements, found \(found)"
    }
  }
}
