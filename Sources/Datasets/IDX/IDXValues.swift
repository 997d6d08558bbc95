public import BLAS
public import Tensors

extension IDXFile {
  /// The values as single precision; 32-bit integers and doubles are rounded to nearest.
  public func floats() -> [Float] {
    switch elementType {
    case .uint8: bytes.map { Float($0) }
    case .int8: bytes.map { Float(Int8(bitPattern: $0)) }
    case .int16: decode(UInt16.self) { Float(Int16(bitPattern: $0)) }
    case .int32: decode(UInt32.self) { Float(Int32(bitPattern: $0)) }
    case .float32: decode(UInt32.self) { Float(bitPattern: $0) }
    case .float64: decode(UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  /// The values as double precision, exactly.
  public func doubles() -> [Double] {
    switch elementType {
    case .uint8: bytes.map { Double($0) }
    case .int8: bytes.map { Double(Int8(bitPattern: $0)) }
    case .int16: decode(UInt16.self) { Double(Int16(bitPattern: $0)) }
    case .int32: decode(UInt32.self) { Double(Int32(bitPattern: $0)) }
    case .float32: decode(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: decode(UInt64.self) { Double(bitPattern: $0) }
    }
  }

  /// The values as a tensor of the file's dimensions.
  public func tensor() -> Tensor<Float> { Tensor(Shape(dimensions), floats()) }

  @inline(__always)
  private func decode<Bits: FixedWidthInteger, Value>(_: Bits.Type, _ convert: (Bits) -> Value) -> [Value] {
    let size = MemoryLayout<Bits>.size
    return bytes.withUnsafeBytes { raw in
      [Value](unsafeUninitializedCapacity: raw.count / size) { buffer, count in
        count = raw.count / size
        for index in 0..<count {
          let bits = Bits(bigEndian: raw.loadUnaligned(fromByteOffset: index * size, as: Bits.self))
          buffer.initializeElement(at: index, to: convert(bits))
        }
      }
    }
  }
}
