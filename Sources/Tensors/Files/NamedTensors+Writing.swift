extension NamedTensors {
  /// The names in the order in which the elements are written: wider types first, so that every tensor is aligned to
  /// the size of its elements; by name within a type.
  private var writingOrder: [String] {
    let sorted = names
    return sorted.filter { self[$0]?.elementType == .float64 } + sorted.filter { self[$0]?.elementType == .float32 }
  }

  /// The length of the header in 8 bytes, the header, and spaces up to a multiple of 8 bytes.
  func safetensorsHeader(file: String) throws(SafetensorsError) -> [UInt8] {
    let tensors = writingOrder.compactMap { name in self[name].map { (name, $0.elementType, $0.shape) } }
    return try SafetensorsFile.header(of: tensors, metadata: metadata, file: file)
  }

  /// Writes the header and after it the elements.
  func writeSafetensors(_ header: [UInt8], to writer: borrowing FileWriter) throws(FileError) {
    try writer.write(header)
    for name in writingOrder {
      try self[name]?.withUnsafeBytes { bytes throws(FileError) in try writer.write(bytes) }
    }
  }
}

extension SafetensorsFile {
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
