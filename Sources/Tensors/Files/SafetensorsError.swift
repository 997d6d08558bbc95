/// Why a safetensors file cannot be read or written: which file, which key, at which byte and what is wrong.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The system refused a file operation.
    case file(FileError)
    /// The file has fewer than the 8 bytes that give the header's length.
    case noHeaderLength(fileSize: Int)
    /// The header would reach past the end of the file, or past the 100 MB that a header may have.
    case headerLength(UInt64, limit: Int)
    /// The header is not the JSON it should be.
    case malformedHeader(expected: String, found: String)
    /// A text is not UTF-8.
    case invalidUTF8
    /// A key appears twice.
    case duplicateKey
    /// A tensor lacks a field.
    case missingField(String)
    /// A tensor has a field that the format does not know.
    case unknownField(String)
    /// The element type is not one the format knows.
    case unknownElementType(String)
    /// The shape has more elements than can be counted.
    case shapeTooLarge([Int])
    /// The range of bytes runs backwards or leaves the data.
    case rangeOutOfBounds(begin: Int, end: Int, dataSize: Int)
    /// The range of bytes has not the length that type and shape ask for.
    case rangeLength(expected: Int, found: Int)
    /// The range begins before the preceding tensor's ends.
    case overlap(begin: Int, precedingEnd: Int)
    /// Bytes that belong to no tensor.
    case hole(Range<Int>)
    /// The file has no tensor of this name.
    case missingTensor
    /// The tensor's elements cannot be read as the scalar asked for.
    case elementType(found: String, expected: String)
    /// The tensor is larger than the memory of the machine.
    case tooLargeForMemory(byteCount: Int)
    /// A name that the format keeps for itself.
    case reservedName
  }

  /// The path of the file.
  public let file: String
  /// The tensor's name or the metadata's key.
  public let key: String?
  /// The byte of the file, counted from 0.
  public let offset: Int?
  /// What is wrong.
  public let reason: Reason

  /// Makes an error.
  public init(file: String, key: String? = nil, offset: Int? = nil, reason: Reason) {
    self.file = file
    self.key = key
    self.offset = offset
    self.reason = reason
  }

  /// What was expected, what was found and where.
  public var description: String {
    var place = file
    if let key { place += ", key \"\(key)\"" }
    if let offset { place += ", byte \(offset)" }
    return "\(place): \(reason)"
  }
}

extension SafetensorsError.Reason: CustomStringConvertible {
  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .noHeaderLength(let size): "expected 8 bytes that give the header's length, the file has \(size)"
    case .headerLength(let length, let limit): "the header claims \(length) bytes, there is room for \(limit)"
    case .malformedHeader(let expected, let found): "expected \(expected), found \(found)"
    case .invalidUTF8: "the text is not UTF-8"
    case .duplicateKey: "the key appears twice"
    case .missingField(let field): "the field \"\(field)\" is missing"
    case .unknownField(let field): "the field \"\(field)\" is not one of dtype, shape and data_offsets"
    case .unknownElementType(let type): "the element type \"\(type)\" is not known"
    case .shapeTooLarge(let shape): "the shape \(shape) has more elements than can be counted"
    case .rangeOutOfBounds(let begin, let end, let size):
      "the range \(begin)..<\(end) does not lie in the \(size) bytes of data"
    case .rangeLength(let expected, let found): "type and shape need \(expected) bytes, the range has \(found)"
    case .overlap(let begin, let end): "the range begins at \(begin), before the preceding one ends at \(end)"
    case .hole(let range): "the bytes \(range) of the data belong to no tensor"
    case .missingTensor: "there is no such tensor"
    case .elementType(let found, let expected): "the elements are \(found), which cannot be read as \(expected)"
    case .tooLargeForMemory(let count): "the tensor's \(count) bytes are more than this machine's memory"
    case .reservedName: "the name is kept for the file's own metadata"
    }
  }
}
