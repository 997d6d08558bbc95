public import Tensors

/// The size of one axis of a node: a number, or a multiple of the batch size that a plan is compiled for.
public struct Dimension: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  let size: Int
  let countsBatches: Bool

  init(size: Int, countsBatches: Bool) {
    self.size = size
    self.countsBatches = countsBatches
  }

  /// An axis of `size` elements.
  public init(_ size: Int) { self.init(size: size, countsBatches: false) }

  /// An axis of `value` elements.
  public init(integerLiteral value: Int) { self.init(value) }

  /// The axis along which examples are stacked; its size is given when a plan is compiled.
  public static let batch = Dimension(size: 1, countsBatches: true)

  /// Whether the size is a multiple of the batch size.
  public var isBatch: Bool { countsBatches }

  /// The number of elements, or `nil` where it depends on the batch size.
  public var fixedSize: Int? { countsBatches ? nil : size }

  /// The number of elements for a batch of `batch` examples.
  public func resolved(batch: Int) -> Int { countsBatches ? size * batch : size }

  /// `batch`, `4·batch` or the number.
  public var description: String {
    guard countsBatches else { return "\(size)" }
    return size == 1 ? "batch" : "\(size)·batch"
  }
}

/// The shape of a node before the batch size is known.
public struct SymbolicShape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The axes, outermost first.
  public let dimensions: [Dimension]

  /// A shape with these axes; no axes make a scalar.
  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  /// A shape with these axes, as in `[.batch, 28, 28, 1]`.
  public init(arrayLiteral elements: Dimension...) { self.init(elements) }

  /// The shape of a tensor whose axes are all known.
  public init(_ shape: Shape) { self.init(shape.dimensions.map { Dimension($0) }) }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The size of axis `axis`, counted from 0.
  public subscript(axis: Int) -> Dimension { dimensions[axis] }

  /// The shape for a batch of `batch` examples.
  public func resolved(batch: Int) -> Shape { Shape(dimensions.map { $0.resolved(batch: batch) }) }

  /// As in `[batch, 28, 28, 1]`.
  public var description: String { "[" + dimensions.map(\.description).joined(separator: ", ") + "]" }

  /// The common shape of operands under NumPy's broadcasting rule, or `nil` where two axes disagree.
  static func broadcasting(_ shapes: [SymbolicShape]) -> SymbolicShape? {
    let rank = shapes.map(\.rank).max() ?? 0
    var dimensions = [Dimension](repeating: 1, count: rank)
    for shape in shapes {
      for (offset, dimension) in shape.dimensions.enumerated() where dimension != 1 {
        let axis = rank - shape.rank + offset
        guard dimensions[axis] == 1 || dimensions[axis] == dimension else { return nil }
        dimensions[axis] = dimension
      }
    }
    return SymbolicShape(dimensions)
  }

  /// The product of all axes: how many elements, and how many powers of the batch size stand in that count.
  var elementCount: (factor: Int, batchPower: Int) {
    dimensions.reduce((1, 0)) { ($0.0 &* $1.size, $0.1 + ($1.countsBatches ? 1 : 0)) }
  }

  /// More elements than any machine holds; a limit keeps counts of bytes and of several tensors from overflowing.
  static let largestCount = 1 << 40

  /// More axes than any network needs; kernels that copy strided views count them in a fixed number of registers.
  static let largestRank = 16

  /// Whether all axes are positive, not too many, and their product, for a batch of 1, is below ``largestCount``.
  var isCountable: Bool { rank <= Self.largestRank && resolved(checkingBatch: 1) != nil }

  /// The shape for a batch of `batch` examples, or `nil` where it has no elements or too many.
  func resolved(checkingBatch batch: Int) -> Shape? {
    var (sizes, count): ([Int], Int) = ([], 1)
    for dimension in dimensions {
      let size = dimension.size.multipliedReportingOverflow(by: dimension.countsBatches ? batch : 1)
      let product = count.multipliedReportingOverflow(by: size.partialValue)
      guard dimension.size > 0, !size.overflow, !product.overflow, product.partialValue < Self.largestCount else {
        return nil
      }
      sizes.append(size.partialValue)
      count = product.partialValue
    }
    return Shape(sizes)
  }
}
