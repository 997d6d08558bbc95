import Tensors

/// The header of an `.npy` file: `\x93NUMPY`, a version, the length of a Python dictionary, and the dictionary.
///
/// Source: NumPy's `numpy/lib/format.py`, versions 1.0, 2.0 and 3.0.
struct NPYHeader {
  let elementType: ElementType
  let shape: Shape
  let isBigEndian: Bool
  let isFortranOrder: Bool

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a header, after which the stream stands at the first element, and checks that the elements fill the rest.
  init(_ stream: some ByteStream) throws(InterchangeError) {
    let start = stream.position
    let beginning = try stream.read(8)
    guard beginning.starts(with: Self.magic) else {
      throw stream.malformed("the bytes \\x93NUMPY", "others", at: start)
    }
    let version = beginning[6]
    guard (1...3).contains(version) else {
      throw stream.error(.unsupported("version \(version).\(beginning[7]) of the format"), at: start + 6)
    }
    let length = try stream.read(version == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let offset = stream.position
    let text = try stream.read(length)
    var scanner = PythonLiteralScanner(bytes: text)
    let fields: PythonLiteralScanner.Fields
    do throws(PythonLiteralScanner.Failure) {
      fields = try scanner.read()
    } catch {
      throw stream.malformed(error.expected, error.found, at: offset + error.position)
    }
    let order = fields.type.first
    let code = order.map { "<>|=".contains($0) } == true ? String(fields.type.dropFirst()) : fields.type
    guard let elementType = Self.types[code] else {
      let what = code.hasPrefix("O") ? "an array of Python objects" : "an array"
      throw stream.error(.unsupported("\(what) (element type '\(fields.type)')"), at: offset)
    }
    guard let shape = UnpackedSize.shape(fields.shape, elementType) else {
      throw stream.malformed("a shape that can be counted", "\(fields.shape)", at: offset)
    }
    let byteCount = shape.count * elementType.byteCount
    guard stream.remaining == byteCount else {
      throw stream.error(.truncated(expected: byteCount, found: stream.remaining))
    }
    (self.elementType, self.shape) = (elementType, shape)
    isBigEndian = order == ">"
    isFortranOrder = fields.isFortranOrder
  }

  private static let types: [String: ElementType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
    "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool, "?": .bool,
  ]

  /// The bytes of a header for row-major, little-endian elements, padded so that these begin at a multiple of 64; nil for
  /// types that NumPy does not have.
  static func bytes(_ elementType: ElementType, _ shape: Shape) -> [UInt8]? {
    guard let code = types.first(where: { $0.value == elementType && $0.key != "?" })?.key else { return nil }
    let order = elementType.byteCount == 1 ? "|" : "<"
    let extents = shape.dimensions.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
    var text = "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(extents)), }"
    // The version gives how many bytes the length has; 64 axes never need the second.
    while (magic.count + 4 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let length = text.utf8.count
    guard length <= Int(UInt16.max) else { return nil }
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// Fills `target` with the elements, which are next in the stream, in row-major order, little-endian.
  func readElements(from stream: some ByteStream, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    let size = elementType.byteCount
    if isFortranOrder, shape.rank > 1 {
      let bytes = try stream.read(target.count)
      let reversed = Shape(shape.dimensions.reversed())
      let view = StridedElements(permuting: reversed, axes: Array((0..<shape.rank).reversed()))
      bytes.withUnsafeBytes { view.copy(from: $0, size: size, to: target) }
    } else {
      try stream.read(into: target)
    }
    if isBigEndian { StridedElements.swapBytes(target, size: size) }
  }
}
