public import Foundation

/// The contents of an IDX file, the format of MNIST: a typed array of any rank, big-endian, plain or gzipped.
///
/// | bytes | meaning |
/// |---|---|
/// | 2 | zero |
/// | 1 | element type |
/// | 1 | rank r |
/// | 4r | dimensions, unsigned 32-bit big-endian |
/// | rest | values, row-major (the last dimension changes fastest), big-endian |
///
/// Source: the description at the end of LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
/// Whether a file is gzipped is told by its first bytes, never by its name.
public struct IDXFile: Sendable {
  /// The element types of the format; the raw value is the third byte of the file.
  public enum ElementType: UInt8, Sendable, CaseIterable {
    /// Unsigned 8-bit integers.
    case uint8 = 0x08
    /// Signed 8-bit integers.
    case int8 = 0x09
    /// Signed 16-bit integers.
    case int16 = 0x0B
    /// Signed 32-bit integers.
    case int32 = 0x0C
    /// IEEE 754 single precision.
    case float32 = 0x0D
    /// IEEE 754 double precision.
    case float64 = 0x0E

    /// The size of one element in bytes.
    public var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// The most a file may unzip to unless the caller says otherwise: 1 GiB, twice the largest of the MNIST family.
  public static let defaultByteLimit = 1 << 30

  /// The path the contents came from.
  public let path: String
  /// The type of the values.
  public let elementType: ElementType
  /// The dimensions, outermost first.
  public let dimensions: [Int]
  /// The values as the file stores them: big-endian, `product(dimensions) * elementType.byteCount` bytes.
  public let bytes: [UInt8]

  /// Where the values begin, in bytes from the start of the unzipped file.
  public var valuesOffset: Int { 4 + 4 * dimensions.count }

  /// Reads and checks a whole file.
  ///
  /// Memory for the values is reserved only after the header's promise has been held against the file's size, and never
  /// more than `byteLimit`; unzipping stops one byte past the promise.
  /// - Throws: ``IDXError``.
  public init(contentsOf url: URL, byteLimit: Int = IDXFile.defaultByteLimit) throws {
    let file = try FileSource(url)
    path = file.path

    var start: [UInt8] = [0, 0]
    let startCount = try start.withUnsafeMutableBytes { try file.read(into: $0) }
    try file.rewind()
    let isGzip = startCount == 2 && start == [0x1f, 0x8b]
    let source: any ByteSource = isGzip ? try GzipSource(file) : file

    let header = try IDXHeader(readingFrom: source, path: path)
    elementType = header.elementType
    dimensions = header.dimensions
    let capacity = isGzip ? file.size.multipliedReportingOverflow(by: GzipSource.maximumExpansion) : (file.size, false)
    let byteCount = try header.valueByteCount(
      limit: byteLimit, capacity: capacity.1 ? Int.max : capacity.0, isExact: !isGzip, path: path)

    var filled = 0
    bytes = try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      count = try source.read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<byteCount]))
      filled = count
    }
    guard filled == byteCount else {
      throw IDXError(
        file: path, offset: header.byteCount + filled, reason: .truncated, expected: "\(byteCount) bytes of values",
        found: "\(filled)")
    }
    // Asking for one byte more also makes zlib check the checksum behind the last value.
    var extra: UInt8 = 0
    if try withUnsafeMutableBytes(of: &extra, { try source.read(into: $0) }) > 0 {
      throw IDXError(
        file: path, offset: header.byteCount + byteCount, reason: .trailingBytes,
        expected: "the end of the data after \(byteCount) bytes of values", found: "further bytes")
    }
  }

  /// Throws unless the file holds the type and the rank the caller needs.
  /// - Throws: ``IDXError`` with `unexpectedElementType` or `unexpectedDimensions`.
  public func check(elementType: ElementType, ranks: ClosedRange<Int>, meaning: String) throws {
    guard self.elementType == elementType else {
      throw IDXError(
        file: path, offset: 2, reason: .unexpectedElementType, expected: "\(meaning) as \(elementType)",
        found: "\(self.elementType)")
    }
    guard ranks.contains(dimensions.count) else {
      let wanted = ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw IDXError(
        file: path, offset: 3, reason: .unexpectedDimensions, expected: "\(meaning) with \(wanted) dimensions",
        found: "dimensions \(IDXHeader.list(dimensions))")
    }
  }
}
