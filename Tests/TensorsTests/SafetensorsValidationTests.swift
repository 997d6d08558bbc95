import BLAS
import Foundation
import Testing

@testable import Tensors

/// Files that are not what they claim to be: a typed error each, never a trap.
struct SafetensorsValidationTests {
  typealias Reason = SafetensorsError.Reason

  /// A file of a header and so many bytes of data.
  static func bytes(_ header: String, data: Int = 0, claimedLength: UInt64? = nil) -> [UInt8] {
    bytes(Array(header.utf8), data: data, claimedLength: claimedLength)
  }

  static func bytes(_ header: [UInt8], data: Int = 0, claimedLength: UInt64? = nil) -> [UInt8] {
    let length = claimedLength ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + [UInt8](repeating: 0, count: data)
  }

  func open(_ bytes: [UInt8]) throws -> (Result<SafetensorsFile, SafetensorsError>, path: String) {
    let folder = try TemporaryFolder()
    let url = folder.file("bad.safetensors")
    try Data(bytes).write(to: url)
    return (Result { () throws(SafetensorsError) in try SafetensorsFile(url) }, url.path)
  }

  func expectFailure(
    _ bytes: [UInt8], key: String? = nil, offset: Int?, _ reason: Reason, location: SourceLocation = #_sourceLocation
  ) throws {
    let (result, path) = try open(bytes)
    let expected = SafetensorsError(file: path, key: key, offset: offset, reason: reason)
    #expect(throws: expected, sourceLocation: location) { try result.get() }
    #expect(expected.description.contains(path), sourceLocation: location)
  }

  @Test func lengths() throws {
    try expectFailure([], offset: 0, .noHeaderLength(fileSize: 0))
    try expectFailure([1, 2, 3], offset: 3, .noHeaderLength(fileSize: 3))
    try expectFailure(Self.bytes("{}", claimedLength: 3), offset: 0, .headerLength(3, limit: 2))
    try expectFailure(Self.bytes("{}", claimedLength: .max), offset: 0, .headerLength(.max, limit: 2))
    #expect(try open(Self.bytes("{}")).0.get().entries.isEmpty)
    #expect(try open(Self.bytes("{}      ")).0.get().entries.isEmpty)
  }

  @Test func longHeadersAreNotRead() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("sparse.safetensors")
    try Data(Self.bytes("{}", claimedLength: 200_000_000)).write(to: url)
    let handle = try FileHandle(forWritingTo: url)
    try handle.truncate(atOffset: 300_000_000)
    try handle.close()
    #expect(
      throws: SafetensorsError(
        file: url.path, offset: 0, reason: .headerLength(200_000_000, limit: SafetensorsFile.headerLimit))
    ) { try SafetensorsFile(url) }
  }

  @Test(arguments: [
    ("", 8, "the end of the header"), (" {}", 8, "\" \""), ("[]", 8, "\"[\""), ("{", 9, "the end of the header"),
    ("{}x", 10, "\"x\""), ("{a", 9, "\"a\""), ("{\"a\"}", 12, "\"}\""), ("{\"a\":1}", 13, "\"1\""),
    ("{\"a\":{},}", 13, ""), ("{\"a", 11, "the end of the header"), ("{\"\u{1}\"", 10, "the byte 1"),
    ("{\"\\x\"", 11, "\"x\""), ("{\"\\u12g4\"", 14, "\"g\""), ("{\"\\", 11, "the end of the header"),
    ("{\"\\ud800\"", 16, "\"\"\""), ("{\"\\ud800\\u0041\"", 22, "\"\"\""), ("{\"\\udc00\"", 16, "\"\"\""),
    ("{\"__metadata__\":{\"a\":1}}", 29, "\"1\""), ("{\"__metadata__\":[]}", 24, "\"[\""),
    ("{\"__metadata__\":null}", 24, "\"n\""),
  ])
  func malformedJSON(_ header: String, _ offset: Int, _ found: String) throws {
    let (result, _) = try open(Self.bytes(header))
    let error = #expect(throws: SafetensorsError.self) { try result.get() }
    if found.isEmpty {
      // The first thing wrong is that the tensor lacks its fields.
      #expect(error?.reason == .missingField("dtype"))
      return
    }
    guard case .malformedHeader(_, let foundInFile) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(foundInFile == found && error?.offset == offset)
  }

  static func entry(_ type: String = "F32", shape: String = "[2]", offsets: String = "[0,8]") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  static func header(_ entries: String...) -> String {
    "{" + entries.enumerated().map { "\"t\($0.offset)\":\($0.element)" }.joined(separator: ",") + "}"
  }

  @Test func fields() throws {
    func fails(_ entry: String, _ reason: Reason, offset: Int = 9) throws {
      try expectFailure(Self.bytes(Self.header(entry), data: 8), key: "t0", offset: offset, reason)
    }
    #expect(try open(Self.bytes(Self.header(Self.entry()), data: 8)).0.get().entries.count == 1)
    try fails("{\"shape\":[2],\"data_offsets\":[0,8]}", .missingField("dtype"))
    try fails("{\"dtype\":\"F32\",\"data_offsets\":[0,8]}", .missingField("shape"))
    try fails("{\"dtype\":\"F32\",\"shape\":[2]}", .missingField("data_offsets"))
    try fails("{\"kind\":\"F32\"}", .unknownField("kind"), offset: 15)
    try fails("{\"dtype\":\"F32\",\"dtype\":\"F32\"}", .duplicateKey, offset: 29)
    try fails(Self.entry("F31"), .unknownElementType("F31"))
    try fails(Self.entry("f32"), .unknownElementType("f32"))
    try fails(Self.entry(offsets: "[0,4]"), .rangeLength(expected: 8, found: 4))
    try fails(Self.entry("F64"), .rangeLength(expected: 16, found: 8))
    try fails(Self.entry(shape: "[3]"), .rangeLength(expected: 12, found: 8))
    try fails(Self.entry(offsets: "[8,0]"), .rangeOutOfBounds(begin: 8, end: 0, dataSize: 8))
    try fails(Self.entry(offsets: "[1,9]"), .rangeOutOfBounds(begin: 1, end: 9, dataSize: 8))
    try fails(
      Self.entry(shape: "[4294967296,4294967296]"), .shapeTooLarge([4_294_967_296, 4_294_967_296]))
    // 2⁶² elements can be counted, their bytes cannot.
    try fails(Self.entry(shape: "[4611686018427387904]"), .shapeTooLarge([1 << 62]))
  }

  @Test(arguments: ["[-1]", "[2.0]", "[2e0]", "[02]", "[2,]", "[\"2\"]", "2", "[99999999999999999999]", "[null]", "[2"])
  func numbers(_ shape: String) throws {
    let (result, _) = try open(Self.bytes(Self.header(Self.entry(shape: shape)), data: 8))
    let error = #expect(throws: SafetensorsError.self) { try result.get() }
    guard case .malformedHeader = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.key == "t0" && (8..<100).contains(error?.offset ?? 0))
  }

  @Test func offsetsComeInPairs() throws {
    for offsets in ["[]", "[0]", "[0,4,8]"] {
      let (result, _) = try open(Self.bytes(Self.header(Self.entry(offsets: offsets)), data: 8))
      #expect(throws: SafetensorsError.self) { try result.get() }
    }
  }

  @Test func rangesCoverTheDataOnce() throws {
    let first = Self.entry()
    let second = 9 + "\"t0\":".count + first.count + 1
    func fails(_ entries: [String], data: Int, key: String?, offset: Int?, _ reason: Reason) throws {
      let header = "{" + entries.enumerated().map { "\"t\($0.offset)\":\($0.element)" }.joined(separator: ",") + "}"
      try expectFailure(Self.bytes(header, data: data), key: key, offset: offset ?? 8 + header.count + 8, reason)
    }
    try fails(
      [first, Self.entry(offsets: "[4,12]")], data: 12, key: "t1", offset: second, .overlap(begin: 4, precedingEnd: 8))
    try fails([first, first], data: 8, key: "t1", offset: second, .overlap(begin: 0, precedingEnd: 8))
    try fails([first, Self.entry(offsets: "[12,20]")], data: 20, key: "t1", offset: second, .hole(8..<12))
    try fails([first], data: 9, key: nil, offset: nil, .hole(8..<9))
    // Any order in the header will do, and empty tensors lie anywhere between others.
    let good = Self.header(
      Self.entry(offsets: "[8,16]"), first, Self.entry(shape: "[0,5]", offsets: "[8,8]"),
      Self.entry(shape: "[0]", offsets: "[0,0]"))
    #expect(try open(Self.bytes(good, data: 16)).0.get().entries.count == 4)
  }

  @Test func duplicatesAndText() throws {
    let twice = "{\"a\":\(Self.entry()),\"a\":\(Self.entry(offsets: "[8,16]"))}"
    try expectFailure(
      Self.bytes(twice, data: 16), key: "a", offset: 9 + "\"a\":,".count + Self.entry().count, .duplicateKey)
    let escaped = "{\"a\":\(Self.entry()),\"\\u0061\":\(Self.entry(offsets: "[8,16]"))}"
    try expectFailure(
      Self.bytes(escaped, data: 16), key: "a", offset: 9 + "\"a\":,".count + Self.entry().count, .duplicateKey)
    try expectFailure(
      Self.bytes("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}"), key: "__metadata__", offset: 33, .duplicateKey)
    try expectFailure(
      Self.bytes(Array("{\"".utf8) + [0xC3, 0x28] + Array("\":{}}".utf8)), offset: 9, .invalidUTF8)
    let file = try open(Self.bytes("{ \"__metadata__\" : { \"\\ud83d\\ude00\\/\" : \"\\u00e9\\n\" } }\n ")).0.get()
    #expect(file.metadata == ["😀/": "é\n"])
  }

  @Test func placesThatAreNoFiles() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    for (url, cause) in [
      (folder.file("none"), FileError.Cause.system(ENOENT)), (folder.url, .notRegularFile), (pipe, .notRegularFile),
      (URL(fileURLWithPath: "/dev/zero"), .notRegularFile),
    ] {
      let error = #expect(throws: SafetensorsError.self) { try NamedTensors(contentsOf: url) }
      guard case .file(let found) = error?.reason else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(found.cause == cause)
    }
  }

  @Test func aFileCutShortAfterOpening() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("cut.safetensors")
    let bytes = Self.bytes(Self.header(Self.entry()), data: 8)
    try Data(bytes).write(to: url)
    let file = try SafetensorsFile(url)
    try Data(bytes.dropLast(3)).write(to: url)
    let cause = FileError(path: url.path, operation: .read, cause: .endOfFile(offset: bytes.count - 3))
    #expect(
      throws: SafetensorsError(file: url.path, key: "t0", offset: bytes.count - 8, reason: .file(cause))
    ) { try file.tensor("t0", of: Float.self) }
  }

  @Test func tensorsLargerThanMemory() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("sparse.safetensors")
    let size = 1 << 43
    let header = Self.header(Self.entry("F64", shape: "[\(size / 8)]", offsets: "[0,\(size)]"))
    try Data(Self.bytes(header)).write(to: url)
    let handle = try FileHandle(forWritingTo: url)
    defer { try? handle.close() }
    // Where the file system cannot hold such a file there is nothing to test.
    guard (try? handle.truncate(atOffset: UInt64(8 + header.utf8.count + size))) != nil else { return }
    #expect(
      throws: SafetensorsError(file: url.path, key: "t0", reason: .tooLargeForMemory(byteCount: size))
    ) { try NamedTensors(contentsOf: url) }
  }

  /// Every cut and many a changed byte of a good file: an error or a good file, never a trap.
  @Test func damagedFiles() throws {
    let good = [UInt8](try Data(contentsOf: NamedTensorsTests.fixture("reference")))
    let folder = try TemporaryFolder()
    let url = folder.file("damaged.safetensors")
    func survives(_ bytes: [UInt8]) throws -> Bool {
      try Data(bytes).write(to: url)
      return (try? NamedTensors(contentsOf: url)) != nil
    }
    for length in stride(from: 0, to: good.count, by: 7) { #expect(try !survives(Array(good.prefix(length)))) }
    var generator = RandomGenerator(seed: 1)
    var survivors = 0
    for _ in 0..<200 {
      var bytes = good
      bytes[generator.next(upperBound: 464)] = UInt8(generator.next(upperBound: 256))
      if try survives(bytes) { survivors += 1 }
    }
    // Changed letters of a name do no harm; most other changes do.
    #expect((1..<100).contains(survivors))
  }
}
