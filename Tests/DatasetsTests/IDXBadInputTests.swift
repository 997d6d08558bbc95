import Datasets
import Foundation
import Testing

@Suite struct IDXBadInputTests {
  private let folder = try! TemporaryFolder()

  /// Reads the bytes as a file and returns the error that this must give.
  private func failure(_ bytes: [UInt8], byteLimit: Int = IDXFile.defaultByteLimit) throws -> IDXError {
    let url = try folder.write(bytes, to: UUID().uuidString)
    let error = try #require(throws: IDXError.self) { try IDXFile(contentsOf: url, byteLimit: byteLimit) }
    #expect(error.file == url.path)
    #expect(error.description.contains(error.expected) && error.description.contains(error.found))
    return error
  }

  private let good = IDXBytes.bytes([2, 3], [1, 2, 3, 4, 5, 6])

  @Test func refusesEveryTruncation() throws {
    for length in 0..<good.count {
      let plain = try failure(Array(good[..<length]))
      #expect(plain.reason == .truncated)
      #expect(plain.offset == length)
      let zipped = try failure(GzipBytes.stored(Array(good[..<length])))
      #expect(zipped.reason == .truncated)
      #expect(zipped.offset == length)
    }
  }

  @Test func refusesTruncatedGzip() throws {
    let zipped = GzipBytes.stored(good)
    // From the eleventh byte on, the gzip header is whole and so are its two magic bytes.
    for length in 2..<zipped.count {
      let error = try failure(Array(zipped[..<length]))
      #expect(error.reason == .truncated)
      #expect(error.offset == length)
    }
  }

  @Test func refusesTrailingBytes() throws {
    let plain = try failure(good + [0])
    #expect(plain.reason == .trailingBytes)
    #expect(plain.offset == good.count)
    let inside = try failure(GzipBytes.stored(good + [0]))
    #expect(inside.reason == .trailingBytes)
    #expect(inside.offset == good.count)
    let zipped = GzipBytes.stored(good)
    let behind = try failure(zipped + [7, 7])
    #expect(behind.reason == .corruptGzip)
    #expect(behind.offset == zipped.count)
  }

  @Test func refusesDamagedGzip() throws {
    let zipped = GzipBytes.stored(good)
    for position in [2, 11, 15, zipped.count - 8, zipped.count - 1] {
      var damaged = zipped
      damaged[position] ^= 0x10
      let reason = try failure(damaged).reason
      // A changed magic number or dimension shows as itself before the checksum is reached.
      #expect([.corruptGzip, .wrongMagic, .truncated].contains(reason), "byte \(position): \(reason)")
    }
    var value = zipped
    value[zipped.count - 9] ^= 1
    #expect(try failure(value).reason == .corruptGzip, "a changed value must fail the checksum")
  }

  @Test func refusesWrongMagic() throws {
    #expect(try failure(Array("P5 28 28 255\n".utf8)).reason == .wrongMagic)
    #expect(try failure([0, 1, 8, 1, 0, 0, 0, 0]).reason == .wrongMagic)
    let type = try failure([0, 0, 0x0A, 1, 0, 0, 0, 0])
    #expect(type.reason == .unknownElementType)
    #expect(type.offset == 2)
    #expect(type.found == "0a")
    #expect(try failure([0, 0, 8, 0]).reason == .noDimensions)
  }

  @Test func refusesHugeDimensions() throws {
    let most = Int(UInt32.max)
    let overflowing = IDXBytes.header(type: 0x0E, dimensions: [most, most, most])
    #expect(try failure(overflowing).reason == .tooLarge)
    #expect(try failure(GzipBytes.stored(overflowing)).reason == .tooLarge)
    let many = IDXBytes.header(type: 0x08, dimensions: Array(repeating: 2, count: 255))
    #expect(try failure(many).reason == .tooLarge)
    // Within the limit, but no gzip file of this size can hold it: refused before any memory is reserved.
    let implausible = IDXBytes.header(type: 0x08, dimensions: [1 << 20])
    #expect(try failure(GzipBytes.stored(implausible)).reason == .tooLarge)
    #expect(try failure(implausible).reason == .truncated)
    #expect(try failure(good, byteLimit: 5).reason == .tooLarge)
    #expect(try failure(GzipBytes.stored(good), byteLimit: 5).reason == .tooLarge)
  }

  @Test func stopsUnzippingAtThePromise() throws {
    let start = ContinuousClock.now
    // 50 MB behind a header that promises 6 bytes.
    let error = try failure(GzipBytes.bomb(good, repetitions: 200_000))
    #expect(error.reason == .trailingBytes)
    #expect(error.offset == good.count)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    let directory = try #require(throws: IDXError.self) { try IDXFile(contentsOf: folder.url) }
    #expect(directory.reason == .notARegularFile)
    let missing = folder.url.appendingPathComponent("missing")
    #expect(try #require(throws: IDXError.self) { try IDXFile(contentsOf: missing) }.reason == .missing)
    let pipe = folder.url.appendingPathComponent("pipe")
    try #require(mkfifo(pipe.path, 0o600) == 0)
    #expect(try #require(throws: IDXError.self) { try IDXFile(contentsOf: pipe) }.reason == .notARegularFile)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func refusesUnreadable() throws {
    let url = try folder.write(good, to: "secret")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
    #expect(try #require(throws: IDXError.self) { try IDXFile(contentsOf: url) }.reason == .unreadable)
  }

  @Test func namesWhatTheCallerNeeded() throws {
    let file = try IDXFile(contentsOf: folder.write(good, to: "good"))
    try file.check(elementType: .uint8, ranks: 1...2, meaning: "numbers")
    let type = try #require(throws: IDXError.self) { try file.check(elementType: .int32, ranks: 2...2, meaning: "n") }
    #expect(type.reason == .unexpectedElementType)
    let rank = try #require(throws: IDXError.self) { try file.check(elementType: .uint8, ranks: 3...4, meaning: "n") }
    #expect(rank.reason == .unexpectedDimensions)
    #expect(rank.description.contains("[2, 3]"))
  }
}
