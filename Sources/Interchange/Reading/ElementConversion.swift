import BLAS
import Tensors

/// From stored elements to numbers.
enum ElementConversion {
  /// The numbers that `bytes` stand for; nil where one does not fit into `S` and may not be rounded, or where the type is
  /// none of plain numbers.
  static func elements<S: Scalar>(
    _ bytes: [UInt8], of type: ElementType, count: Int, allowingRounding: Bool
  ) -> [S]? {
    switch type {
    case .float32: return map(bytes, count) { (bits: UInt32) in S(Float(bitPattern: bits)) }
    case .float64:
      guard allowingRounding || S.self == Double.self else { return nil }
      return map(bytes, count) { (bits: UInt64) in S(Double(bitPattern: bits)) }
    case .float16: return map(bytes, count) { (bits: UInt16) in S(float(half: bits)) }
    case .bfloat16: return map(bytes, count) { (bits: UInt16) in S(float(brain: bits)) }
    case .int8: return integers(bytes, Int8.self, count, allowingRounding)
    case .int16: return integers(bytes, Int16.self, count, allowingRounding)
    case .int32: return integers(bytes, Int32.self, count, allowingRounding)
    case .int64: return integers(bytes, Int64.self, count, allowingRounding)
    case .uint8, .bool: return integers(bytes, UInt8.self, count, allowingRounding)
    case .uint16: return integers(bytes, UInt16.self, count, allowingRounding)
    case .uint32: return integers(bytes, UInt32.self, count, allowingRounding)
    case .uint64: return integers(bytes, UInt64.self, count, allowingRounding)
    case .float8e5m2, .float8e4m3, .float8e8m0, .complex64: return nil
    }
  }

  @inline(__always)
  private static func map<Bits: FixedWidthInteger & BitwiseCopyable, S: Scalar>(
    _ bytes: [UInt8], _ count: Int, _ transform: (Bits) -> S
  ) -> [S] {
    let size = MemoryLayout<Bits>.size
    return [S](unsafeUninitializedCapacity: count) { target, initialized in
      bytes.withUnsafeBytes { source in
        for index in 0..<count {
          let bits = Bits(littleEndian: source.loadUnaligned(fromByteOffset: index * size, as: Bits.self))
          (target.baseAddress! + index).initialize(to: transform(bits))
        }
      }
      initialized = count
    }
  }

  private static func integers<Integer: FixedWidthInteger & BitwiseCopyable, S: Scalar>(
    _ bytes: [UInt8], _ type: Integer.Type, _ count: Int, _ allowingRounding: Bool
  ) -> [S]? {
    var isExact = true
    let elements: [S] = map(bytes, count) { (bits: Integer) in
      let value = S(bits)
      isExact = isExact && Integer(exactly: value) == bits
      return value
    }
    return isExact || allowingRounding ? elements : nil
  }
}
