public import Foundation

extension LabelledImages {
  /// Reads images and labels from a pair of IDX files, plain or gzipped.
  ///
  /// - Parameters:
  ///   - images: Unsigned bytes, `[count, height, width]` or `[count, height, width, channels]`.
  ///   - labels: Unsigned bytes, `[count]`, in `firstLabel..<firstLabel + classNames.count`.
  ///   - classNames: The names of the classes.
  ///   - firstLabel: The label of the first class.
  ///   - transposed: Whether the file stores an image column by column, as EMNIST's do; it is turned upright here.
  ///   - scaling: How bytes become inputs.
  ///   - padding: Rows and columns of background to add on every side.
  /// - Throws: ``IDXError`` for a file, ``MNISTError`` for a pair that does not fit together.
  public init(
    images: URL, labels: URL, classNames: [String], firstLabel: UInt8 = 0, transposed: Bool = false,
    scaling: PixelScaling = .unit, padding: Int = 0
  ) throws {
    let labelFile = try IDXFile(contentsOf: labels)
    try labelFile.check(elementType: .uint8, ranks: 1...1, meaning: "labels")
    let imageFile = try IDXFile(contentsOf: images)
    try imageFile.check(elementType: .uint8, ranks: 3...4, meaning: "images")

    let dimensions = imageFile.dimensions
    guard dimensions[0] == labelFile.dimensions[0] else {
      throw MNISTError.countMismatch(
        images: imageFile.path, imageCount: dimensions[0], labels: labelFile.path, labelCount: labelFile.dimensions[0])
    }
    guard dimensions[0] > 0 else { throw MNISTError.noExamples(file: imageFile.path) }
    let range = Int(firstLabel)..<Int(firstLabel) + classNames.count
    if let index = labelFile.bytes.firstIndex(where: { !range.contains(Int($0)) }) {
      throw MNISTError.labelOutOfRange(
        file: labelFile.path, offset: labelFile.valuesOffset + index, index: index, label: labelFile.bytes[index],
        expected: range)
    }
    let size = (height: dimensions[1], width: dimensions[2], channels: dimensions.count == 4 ? dimensions[3] : 1)
    try self.init(
      pixels: transposed ? Self.upright(imageFile.bytes, count: dimensions[0], size: size) : imageFile.bytes,
      labels: firstLabel == 0 ? labelFile.bytes : labelFile.bytes.map { $0 - firstLabel },
      size: transposed ? (size.width, size.height, size.channels) : size,
      classNames: classNames, scaling: scaling, padding: padding)
  }

  /// Exchanges rows and columns of every image.
  private static func upright(
    _ bytes: [UInt8], count: Int, size: (height: Int, width: Int, channels: Int)
  ) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: bytes.count)
    let (height, width, channels) = size
    result.withUnsafeMutableBufferPointer { result in
      bytes.withUnsafeBufferPointer { bytes in
        var source = 0
        for image in 0..<count {
          for row in 0..<height {
            for column in 0..<width {
              let target = ((image * width + column) * height + row) * channels
              for channel in 0..<channels { result[target + channel] = bytes[source + channel] }
              source += channels
            }
          }
        }
      }
    }
    return result
  }
}
