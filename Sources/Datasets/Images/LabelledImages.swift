public import Tensors

/// Images of bytes with one class each, held in memory as bytes and scaled when an example is copied.
public struct LabelledImages: Dataset {
  /// The number of images.
  public let count: Int
  /// The names of the classes.
  public let classNames: [String]
  /// How bytes become inputs.
  public let scaling: PixelScaling
  /// Rows and columns of background added on every side.
  public let padding: Int
  /// `[height, width, channels]`, padding included.
  public let exampleShape: Shape
  /// `[]`: the class index.
  public var targetShape: Shape { [] }

  private let height: Int
  private let width: Int
  private let channels: Int
  private let pixels: [UInt8]
  private let labels: [UInt8]
  private let table: [Float]
  /// Whether the table is `byte / 255` to the bit, which the processor divides faster than it looks up.
  private let isPlainLevel: Bool

  /// Makes a set of images that are already in memory.
  ///
  /// - Parameters:
  ///   - pixels: `count * height * width * channels` bytes, row-major.
  ///   - labels: The class of each image.
  ///   - size: Height, width and channels of one image without padding.
  ///   - classNames: The names of the classes.
  ///   - scaling: How bytes become inputs.
  ///   - padding: Rows and columns of background to add on every side.
  /// - Throws: ``DatasetError/countMismatch(inputs:targets:)``, ``DatasetError/invalidClass(index:value:classCount:)`` or
  ///   ``DatasetError/invalidImageSize(_:padding:)``.
  public init(
    pixels: [UInt8], labels: [UInt8], size: (height: Int, width: Int, channels: Int), classNames: [String],
    scaling: PixelScaling = .unit, padding: Int = 0
  ) throws {
    let dimensions = [size.height, size.width, size.channels]
    guard padding >= 0, padding <= 1 << 20, dimensions.allSatisfy({ $0 > 0 }),
      let shape = try? Shape(validating: dimensions),
      let padded = try? Shape(validating: [size.height + 2 * padding, size.width + 2 * padding, size.channels])
    else { throw DatasetError.invalidImageSize(dimensions, padding: padding) }
    guard pixels.count.isMultiple(of: shape.count), pixels.count / shape.count == labels.count else {
      throw DatasetError.countMismatch(inputs: pixels.count / shape.count, targets: labels.count)
    }
    if let index = labels.firstIndex(where: { Int($0) >= classNames.count }) {
      throw DatasetError.invalidClass(index: index, value: Float(labels[index]), classCount: classNames.count)
    }
    self.pixels = pixels
    self.labels = labels
    (height, width, channels) = size
    count = labels.count
    self.classNames = classNames
    self.scaling = scaling
    self.padding = padding
    exampleShape = padded
    table = scaling.byteTable
    isPlainLevel = scaling.isPlainLevel
  }

  /// Writes image `index`, scaled and padded, and its class.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    target[0] = Float(labels[index])
    let rowSize = width * channels
    let side = padding * channels
    let stride = rowSize + 2 * side
    if padding > 0 { input.update(repeating: table[0]) }
    // Unpadded rows follow each other in the output too, so the image is one long row.
    let rows = padding > 0 ? height : 1
    let length = padding > 0 ? rowSize : rowSize * height
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rowSize * height) { image in
      // The copy asks for all of the image's cache lines at once; the conversion alone would wait for one after the other.
      pixels.withUnsafeBufferPointer { pixels in
        _ = image.update(fromContentsOf: pixels[(index * image.count)..<((index + 1) * image.count)])
      }
      table.withUnsafeBufferPointer { table in
        for row in 0..<rows {
          let source = image.baseAddress! + row * length
          let out = input.baseAddress! + ((row + padding) * stride + side)
          if isPlainLevel {
            for column in 0..<length { out[column] = Float(source[column]) / 255 }
          } else {
            for column in 0..<length { out[column] = table[Int(source[column])] }
          }
        }
      }
    }
  }

  /// The class of image `index`.
  public func classIndex(of index: Int) throws -> Int {
    try checkIndex(index)
    return Int(labels[index])
  }

  /// The same images under another scaling; shares the bytes.
  public func scaled(_ scaling: PixelScaling) -> LabelledImages {
    LabelledImages(self, scaling: scaling, padding: padding, exampleShape: exampleShape)
  }

  /// The mean and the standard deviation of `byte / 255` over all pixels, padding not counted.
  public func statistics() -> PixelStatistics {
    var histogram = [Int](repeating: 0, count: 256)
    for byte in pixels { histogram[Int(byte)] += 1 }
    let total = Double(max(pixels.count, 1))
    let mean = (0...255).reduce(0) { $0 + Double($1) / 255 * Double(histogram[$1]) } / total
    let variance = (0...255).reduce(0) { sum, byte in
      let difference = Double(byte) / 255 - mean
      return sum + difference * difference * Double(histogram[byte])
    }
    return PixelStatistics(mean: mean, deviation: (variance / total).squareRoot())
  }

  private init(_ other: LabelledImages, scaling: PixelScaling, padding: Int, exampleShape: Shape) {
    (height, width, channels) = (other.height, other.width, other.channels)
    (pixels, labels, count, classNames) = (other.pixels, other.labels, other.count, other.classNames)
    self.scaling = scaling
    self.padding = padding
    self.exampleShape = exampleShape
    table = scaling.byteTable
    isPlainLevel = scaling.isPlainLevel
  }
}
