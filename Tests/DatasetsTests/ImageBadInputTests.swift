import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImageBadInputTests {
  /// Reads bytes from a file and returns the error, which must name it.
  private func error(_ bytes: [UInt8], as name: String, decoding: ImageDecoding = ImageDecoding()) throws -> ImageError
  {
    let folder = try TemporaryFolder()
    let url = try folder.write(bytes, to: name)
    let error = try #require(throws: ImageError.self) { try Image(contentsOf: url, decoding: decoding) }
    #expect(error.file == url.path && "\(error)".contains(name))
    return error
  }

  /// A PNG's header of a size, and no more.
  private func header(width: UInt32, height: UInt32) throws -> [UInt8] {
    var bytes = Array(try ImageFixtures.bytes("grey8.png"))
    bytes.replaceSubrange(16..<24, with: IDXBytes.bigEndian(width) + IDXBytes.bigEndian(height))
    var sum = UInt32.max
    for byte in bytes[12..<29] {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    bytes.replaceSubrange(29..<33, with: IDXBytes.bigEndian(~sum))
    return bytes
  }

  @Test func anEmptyFile() throws {
    #expect(try error([], as: "empty.png").reason == .empty)
  }

  @Test func aTextIsNoImage() throws {
    let error = try error(Array("hello, world".utf8), as: "text.jpg")
    #expect(error.reason == .unknownFormat(firstBytes: Array("hello, w".utf8)))
    #expect("\(error)".contains("68 65 6c 6c"))
  }

  @Test func aJPEGCalledPNGIsReadAsWhatItIs() throws {
    let folder = try TemporaryFolder()
    let url = try folder.write(ImageFixtures.bytes("rgb420.jpg"), to: "photo.png")
    #expect(ImageFixtures.distance(try Image(contentsOf: url), try ImageFixtures.expected("rgb420.jpg")) == 0)
  }

  @Test(arguments: ImageFixtures.names)
  func everyTruncationIsRefused(_ name: String) throws {
    let bytes = try ImageFixtures.bytes(name)
    for length in 0..<bytes.count {
      // A JPEG's last two bytes only say that it ends here.
      if name.hasSuffix(".jpg"), length >= bytes.count - 2 { continue }
      let part = Array(bytes.prefix(length))
      let error = try #require(throws: ImageError.self, "\(length)") { try Image(encoded: part, file: name) }
      switch error.reason {
      case .truncated, .corrupt: #expect(length > 2)
      case .empty: #expect(length == 0)
      case .unknownFormat: #expect(length < 8)
      default: Issue.record("\(error)")
      }
    }
  }

  /// Damage is an error or an image of allowed size, and never a crash: every byte of every file, changed in two ways.
  @Test(arguments: ImageFixtures.names)
  func noDamageIsFatal(_ name: String) throws {
    let bytes = try ImageFixtures.bytes(name)
    let decoding = ImageDecoding(maximumPixels: 10_000)
    for position in bytes.indices {
      for change: UInt8 in [0xFF, 1 << UInt8(position % 8)] {
        var damaged = bytes
        damaged[position] ^= change
        do throws(ImageError) {
          let image = try Image(encoded: damaged, decoding: decoding)
          #expect(image.height * image.width <= 10_000 && [1, 3].contains(image.channels))
        } catch {
          #expect(error.file == "image")
        }
      }
    }
  }

  @Test func hugeImagesAreRefusedByTheirHeader() throws {
    let huge = try header(width: 20_000, height: 20_000)
    let error = try error(huge, as: "huge.png")
    #expect(error.reason == .tooLarge(width: 20_000, height: 20_000, limit: 100_000_000))
    #expect("\(error)".contains("at most 100000000 pixels, found 20000x20000"))
    // With another limit the pixels are asked for, and are not there.
    let other = try self.error(huge, as: "huge.png", decoding: ImageDecoding(maximumPixels: 500_000_000))
    if case .tooLarge = other.reason { Issue.record("\(other)") }
    let largest = try self.error(header(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF), as: "largest.png")
    #expect(largest.reason == .tooLarge(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limit: 100_000_000))
    let small = try self.error(
      ImageFixtures.bytes("grey8.png"), as: "grey8.png", decoding: ImageDecoding(maximumPixels: 116))
    #expect(small.reason == .tooLarge(width: 13, height: 9, limit: 116))
    // No pixel at all may not be asked for either.
    _ = try self.error(header(width: 0, height: 5), as: "none.png")
  }

  @Test func filesThatCannotHoldAnAllowedImageAreNotRead() throws {
    let folder = try TemporaryFolder()
    let url = try folder.write([0x89], to: "sparse.png")
    let handle = try FileHandle(forWritingTo: url)
    try handle.truncate(atOffset: 1 << 40)
    try handle.close()
    let error = try #require(throws: ImageError.self) { try Image(contentsOf: url) }
    #expect(error.reason == .tooManyBytes(found: 1 << 40, limit: 800_000_000 + 1 << 20))
  }

  @Test func whatIsNoFile() throws {
    let folder = try TemporaryFolder()
    let missing = try #require(throws: ImageError.self) {
      try Image(contentsOf: folder.url.appendingPathComponent("missing.png"))
    }
    #expect("\(missing)".contains("missing.png"))
    _ = try #require(throws: ImageError.self) { try Image(contentsOf: folder.url) }
    let pipe = folder.url.appendingPathComponent("pipe.png")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    let error = try #require(throws: ImageError.self) { try Image(contentsOf: pipe) }
    #expect("\(error)".contains("not a regular file"))
  }
}
