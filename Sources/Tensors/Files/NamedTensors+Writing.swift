public import Foundation

extension NamedTensors {
  /// Writes a safetensors file, whole or not at all (``AtomicFile``).
  ///
  /// The elements stand in the order that aligns every tensor to their size: wider types first, by name within a type.
  ///
  /// - Throws: ``SafetensorsError``; the old file is then as it was.
  public func write(to url: URL) throws(SafetensorsError) {
    let sorted = names.compactMap { name in self[name].map { (name: name, tensor: $0) } }
    let order =
      sorted.filter { $0.tensor.elementType == .float64 } + sorted.filter { $0.tensor.elementType == .float32 }
    try SafetensorsFile.write(
      order.map { ($0.name, $0.tensor.elementType, $0.tensor.shape) }, metadata: metadata, to: url
    ) { index, writer in
      try order[index].tensor.withUnsafeBytes { bytes throws(FileError) in try writer.write(bytes) }
    }
  }
}

extension SafetensorsFile {
  /// Writes a file of tensors that may lie anywhere, one after the other, whole or not at all.
  ///
  /// - Parameters:
  ///   - tensors: in the order of their elements in the file.
  ///   - elements: writes the elements of the tensor of an index; what it throws is a `FileError`.
  /// - Throws: ``SafetensorsError``; the old file is then as it was.
  package static func write(
    _ tensors: [(name: String, elementType: SafetensorsEntry.ElementType, shape: Shape)], metadata: [String: String],
    to url: URL, elements: (Int, borrowing FileWriter) throws -> Void
  ) throws(SafetensorsError) {
    do {
      let header = try header(of: tensors, metadata: metadata, file: url.path)
      try AtomicFile.write(to: url) { writer in
        try writer.write(header)
        for index in tensors.indices { try elements(index, writer) }
      }
    } catch let error as FileError {
      throw SafetensorsError(file: url.path, reason: .file(error))
    } catch let error as SafetensorsError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown: \(error)")
    }
  }

  /// The beginning of a file whose tensors' elements follow in the order given: the length of the header in 8 bytes, the
  /// header, and spaces up to a multiple of 8 bytes.
  package static func header(
    of tensors: [(name: String, elementType: SafetensorsEntry.ElementType, shape: Shape)], metadata: [String: String],
    file: String
  ) throws(SafetensorsError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { jsonText($0.key) + ":" + jsonText($0.value) }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var position = 0
    for (name, elementType, shape) in tensors {
      guard name != "__metadata__" else { throw SafetensorsError(file: file, key: name, reason: .reservedName) }
      let end = position + shape.count * elementType.byteCount
      let extents = shape.dimensions.map(String.init).joined(separator: ",")
      members.append(
        jsonText(name) + ":{\"dtype\":\"\(elementType.rawValue)\",\"shape\":[\(extents)],"
          + "\"data_offsets\":[\(position),\(end)]}")
      position = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    guard header.count <= headerLimit else {
      throw SafetensorsError(file: file, reason: .headerLength(UInt64(header.count), limit: headerLimit))
    }
    let length = UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
  }
}

/// A JSON string literal.
private func jsonText(_ text: String) -> String {
  var literal = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\u{08}": literal += "\\b"
    case "\u{0C}": literal += "\\f"
    case "\n": literal += "\\n"
    case "\r": literal += "\\r"
    case "\t": literal += "\\t"
    case "\u{00}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}
