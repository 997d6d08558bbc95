/// Writes the IDX format, so that the reader has something to read.
enum IDXBytes {
  static func header(type: UInt8, dimensions: [Int]) -> [UInt8] {
    [0, 0, type, UInt8(dimensions.count)] + dimensions.flatMap { bigEndian(UInt32($0)) }
  }

  static func bytes(_ dimensions: [Int], _ values: [UInt8]) -> [UInt8] {
    header(type: 0x08, dimensions: dimensions) + values
  }

  static func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
