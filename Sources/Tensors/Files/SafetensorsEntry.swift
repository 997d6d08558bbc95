/// A tensor as the header of a safetensors file describes it.
public struct SafetensorsEntry: Hashable, Sendable {
  /// The element types of the format; those of floating point up to 64 bits can be read.
  public enum ElementType: String, Hashable, Sendable, CaseIterable {
    /// IEEE 754 double, single and half precision, and the upper half of single.
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    /// Signed integers.
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
    /// Unsigned integers.
    case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8"
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// Eight-bit floats.
    case float8e5m2 = "F8_E5M2", float8e4m3 = "F8_E4M3", float8e8m0 = "F8_E8M0"
    /// Two single-precision numbers.
    case complex64 = "C64"

    /// The size of an element.
    public var byteCount: Int {
      switch self {
      case .float64, .int64, .uint64, .complex64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .bfloat16, .int16, .uint16: 2
      case .int8, .uint8, .bool, .float8e5m2, .float8e4m3, .float8e8m0: 1
      }
    }
  }

  /// The tensor's name.
  public let name: String
  /// The type of its elements.
  public let elementType: ElementType
  /// Its extents.
  public let shape: Shape
  /// Where its bytes lie in the file.
  public let byteRange: Range<Int>
}

extension SafetensorsEntry {
  /// Checks what a header claims against the `dataSize` bytes that begin at `dataStart`: each range fits its type and
  /// shape, and together the ranges cover the data exactly once.
  ///
  /// - Returns: The tensors, by name.
  static func validated(
    _ claims: [SafetensorsHeaderScanner.Claim], dataStart: Int, dataSize: Int, file: String
  ) throws(SafetensorsError) -> [SafetensorsEntry] {
    var entries: [SafetensorsEntry] = []
    entries.reserveCapacity(claims.count)
    var end = 0
    for claim in claims.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      func error(_ reason: SafetensorsError.Reason) -> SafetensorsError {
        SafetensorsError(file: file, key: claim.name, offset: claim.offset, reason: reason)
      }
      guard let type = ElementType(rawValue: claim.type) else { throw error(.unknownElementType(claim.type)) }
      guard let shape = try? Shape(validating: claim.dimensions) else { throw error(.shapeTooLarge(claim.dimensions)) }
      let (byteCount, overflow) = shape.count.multipliedReportingOverflow(by: type.byteCount)
      guard !overflow else { throw error(.shapeTooLarge(claim.dimensions)) }
      guard claim.begin <= claim.end, claim.end <= dataSize else {
        throw error(.rangeOutOfBounds(begin: claim.begin, end: claim.end, dataSize: dataSize))
      }
      guard claim.end - claim.begin == byteCount else {
        throw error(.rangeLength(expected: byteCount, found: claim.end - claim.begin))
      }
      guard claim.begin >= end else { throw error(.overlap(begin: claim.begin, precedingEnd: end)) }
      guard claim.begin == end else { throw error(.hole(end..<claim.begin)) }
      end = claim.end
      entries.append(
        SafetensorsEntry(
          name: claim.name, elementType: type, shape: shape,
          byteRange: dataStart + claim.begin..<dataStart + claim.end))
    }
    guard end == dataSize else {
      throw SafetensorsError(file: file, offset: dataStart + end, reason: .hole(end..<dataSize))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
