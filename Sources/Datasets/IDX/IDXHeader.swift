/// The header of an IDX file: element type and dimensions.
struct IDXHeader {
  let elementType: IDXFile.ElementType
  let dimensions: [Int]

  /// The header's own length in bytes.
  var byteCount: Int { 4 + 4 * dimensions.count }

  init(readingFrom source: any ByteSource, path: String) throws {
    func failure(_ offset: Int, _ reason: IDXError.Reason, _ expected: String, _ found: String) -> IDXError {
      IDXError(file: path, offset: offset, reason: reason, expected: expected, found: found)
    }
    func read(_ count: Int, at offset: Int, _ meaning: String) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      let found = try bytes.withUnsafeMutableBytes { try source.read(into: $0) }
      guard found == count else {
        throw failure(offset + found, .truncated, "\(count) bytes of \(meaning)", "\(found)")
      }
      return bytes
    }

    let magic = try read(4, at: 0, "magic number")
    guard magic[0] == 0, magic[1] == 0 else {
      throw failure(0, .wrongMagic, "an IDX magic number, 00 00 type rank", Self.hexadecimal(magic))
    }
    guard let elementType = IDXFile.ElementType(rawValue: magic[2]) else {
      throw failure(2, .unknownElementType, "an element type of 08, 09, 0b, 0c, 0d or 0e", Self.hexadecimal([magic[2]]))
    }
    guard magic[3] > 0 else { throw failure(3, .noDimensions, "at least one dimension", "rank 0") }
    let sizes = try read(4 * Int(magic[3]), at: 4, "\(magic[3]) dimensions")
    self.elementType = elementType
    dimensions = stride(from: 0, to: sizes.count, by: 4).map { start in
      sizes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The bytes of values the header promises.
  ///
  /// - Parameters:
  ///   - limit: The caller's limit in bytes.
  ///   - capacity: The most the file can hold, header included.
  ///   - isExact: Whether the file must hold exactly `capacity` bytes (a plain file).
  func valueByteCount(limit: Int, capacity: Int, isExact: Bool, path: String) throws -> Int {
    func failure(_ reason: IDXError.Reason, at offset: Int = 4, _ expected: String, _ found: String) -> IDXError {
      IDXError(file: path, offset: offset, reason: reason, expected: expected, found: found)
    }
    // Zero first: a product with a zero in it is zero however large the other factors are.
    var total = dimensions.contains(0) ? 0 : elementType.byteCount
    for dimension in dimensions {
      let (product, overflow) = total.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw failure(.tooLarge, "dimensions within \(limit) bytes", "dimensions \(Self.list(dimensions))")
      }
      total = product
    }
    let promise = "\(total) bytes of values (dimensions \(Self.list(dimensions)) of \(elementType))"
    let room = capacity - byteCount
    if isExact, total > room { throw failure(.truncated, at: capacity, promise, "\(room)") }
    if isExact, total < room { throw failure(.trailingBytes, at: byteCount + total, promise, "\(room)") }
    guard total <= limit else { throw failure(.tooLarge, "at most \(limit) bytes of values", promise) }
    guard total <= room else {
      throw failure(.tooLarge, "at most \(max(room, 0)) bytes, which is all a gzip file this small can hold", promise)
    }
    return total
  }

  /// The dimensions as an error names them: a damaged header may promise 255.
  static func list(_ dimensions: [Int]) -> String {
    let shown = dimensions.prefix(6).map(String.init).joined(separator: ", ")
    return dimensions.count > 6 ? "[\(shown), ...], \(dimensions.count) of them" : "[\(shown)]"
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
