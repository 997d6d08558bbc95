public import Tensors

/// Why a file of another program cannot be read or written: which file, which part of it, which tensor, at which byte.
public struct InterchangeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The system refused a file operation.
    case file(FileError)
    /// A safetensors file is not what it should be.
    case safetensors(SafetensorsError)
    /// The file ends, or its part does, before what it promises.
    case truncated(expected: Int, found: Int)
    /// The bytes are not what the format says.
    case malformed(expected: String, found: String)
    /// Something that the format knows and this reader does not take.
    case unsupported(String)
    /// A pickle asks for a name that a state dictionary has no need of; it was not looked up.
    case forbiddenGlobal(String)
    /// The file claims more than it may take when it is unpacked.
    case tooLarge(claimed: Int, limit: Int)
    /// Two tensors or two members have one name.
    case duplicateName
    /// There is no tensor of this name.
    case missingTensor(known: [String])
    /// The elements cannot be had as asked.
    case elementType(found: String, expected: String)
    /// The program that reads HDF5 files was not found, or failed.
    case helper(String)
  }

  /// The path of the file.
  public let file: String
  /// The member of an archive.
  public let member: String?
  /// The tensor's name.
  public let key: String?
  /// The byte of the file, or of its member where there is one, counted from 0.
  public let offset: Int?
  /// What is wrong.
  public let reason: Reason

  /// Makes an error.
  public init(file: String, member: String? = nil, key: String? = nil, offset: Int? = nil, reason: Reason) {
    self.file = file
    self.member = member
    self.key = key
    self.offset = offset
    self.reason = reason
  }

  init(_ error: SafetensorsError) {
    self.init(file: error.file, key: error.key, offset: error.offset, reason: .safetensors(error))
  }

  /// What was expected, what was found and where.
  public var description: String {
    // That error names its own place.
    if case .safetensors(let error) = reason { return error.description }
    var place = file
    if let member { place += ", member \"\(member)\"" }
    if let key { place += ", tensor \"\(key)\"" }
    if let offset { place += ", byte \(offset)" }
    return "\(place): \(reason)".withoutControlCharacters
  }
}

extension InterchangeError.Reason: CustomStringConvertible {
  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .file(let error): return error.description
    case .safetensors(let error): return error.description
    case .truncated(let expected, let found): return "expected \(expected) bytes, there are \(found)"
    case .malformed(let expected, let found): return "expected \(expected), found \(found)"
    case .unsupported(let what): return "\(what) cannot be read"
    case .forbiddenGlobal(let name):
      return "the pickle asks for \(name), which is no part of a state dictionary; nothing was run"
    case .tooLarge(let claimed, let limit):
      return "\(claimed) bytes would be unpacked, more than the \(limit) that a file of this size may take"
    case .duplicateName: return "the name appears twice"
    case .missingTensor(let known):
      let some = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", ..." : "")
      return "there is no such tensor among the \(known.count): \(some)"
    case .elementType(let found, let expected): return "the elements are \(found), which cannot be had as \(expected)"
    case .helper(let what): return what
    }
  }
}

extension String {
  /// The text with a replacement character for each control character, by which a file could write elsewhere on a terminal.
  package var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return String(
      String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
