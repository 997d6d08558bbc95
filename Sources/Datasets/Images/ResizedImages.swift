public import Tensors

/// The images of another set brought to another height and width, each new pixel the mean over the part of the old image
/// that it covers (area interpolation, exact for images that are constant within a pixel).
///
/// Such a mean keeps an image's mean, and commutes with every ``PixelScaling``.
public struct ResizedImages: Dataset {
  /// The set the images come from.
  public let base: any Dataset
  /// `[height, width, channels]`.
  public let exampleShape: Shape
  private let rows: [Cover]
  private let columns: [Cover]

  /// The pixels that a new one covers along an axis, with their shares, which sum to 1.
  private struct Cover: Sendable {
    let first: Int
    let shares: [Float]
  }

  /// The number of examples.
  public var count: Int { base.count }
  /// The shape of one target: the base set's.
  public var targetShape: Shape { base.targetShape }
  /// The names of the classes: the base set's.
  public var classNames: [String] { base.classNames }

  /// Brings the images of `base`, `[height, width, channels]`, to another size.
  ///
  /// - Throws: ``DatasetError/notImages(_:)`` where the examples are no images or a size is below 1.
  public init(_ base: any Dataset, height: Int, width: Int) throws(DatasetError) {
    let shape = base.exampleShape
    guard shape.rank == 3, shape.count > 0, height > 0, width > 0 else { throw .notImages(shape) }
    self.base = base
    exampleShape = [height, width, shape[2]]
    rows = Self.covers(shape[0], by: height)
    columns = Self.covers(shape[1], by: width)
  }

  private init(_ base: any Dataset, like other: ResizedImages) {
    (self.base, exampleShape, rows, columns) = (base, other.exampleShape, other.rows, other.columns)
  }

  private static func covers(_ size: Int, by count: Int) -> [Cover] {
    let length = Double(size) / Double(count)
    return (0..<count).map { index in
      // In whole numbers, so that no pixel is met by a rounding error.
      let (first, end) = (index * size / count, ((index + 1) * size + count - 1) / count)
      let (start, stop) = (Double(index) * length, Double(index + 1) * length)
      let shares = (first..<end).map { Float((min(stop, Double($0 + 1)) - max(start, Double($0))) / length) }
      return Cover(first: first, shares: shares)
    }
  }

  /// How many threads prepare batches of it: as many as the base set asks for.
  public var preferredWorkers: Int { base.preferredWorkers }

  /// Writes the base set's example, resized.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    let (oldWidth, channels) = (base.exampleShape[1], base.exampleShape[2])
    let (size, rowSize) = (base.exampleShape.count, oldWidth * channels)
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: size + rowSize) { buffer in
      buffer.initialize(repeating: 0)
      let old = UnsafeMutableBufferPointer(rebasing: buffer[..<size])
      let row = UnsafeMutableBufferPointer(rebasing: buffer[size...])
      try base.copyExample(index, into: old, target: target)
      var place = 0
      for cover in rows {
        row.update(repeating: 0)
        for (offset, share) in cover.shares.enumerated() {
          let start = (cover.first + offset) * rowSize
          for position in 0..<rowSize { row[position] += share * old[start + position] }
        }
        for cover in columns {
          for channel in 0..<channels {
            var sum: Float = 0
            for (offset, share) in cover.shares.enumerated() {
              sum += share * row[(cover.first + offset) * channels + channel]
            }
            input[place] = sum
            place += 1
          }
        }
      }
    }
  }

  /// The class of example `index`: the base set's.
  public func classIndex(of index: Int) throws -> Int { try base.classIndex(of: index) }

  /// The base set's examples of that epoch, resized.
  public func examples(forEpoch epoch: Int) -> ResizedImages {
    ResizedImages(base.examples(forEpoch: epoch), like: self)
  }
}
