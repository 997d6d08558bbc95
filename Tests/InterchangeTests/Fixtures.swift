import BLAS
import Foundation
import Tensors
import Testing

@testable import Interchange

/// Files that the original libraries wrote; `Fixtures/make_fixtures.py` says how.
enum Fixtures {
  static let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil)!

  static func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// 0, 1, 2, ... divided by 8, plus a number: what the arrays of the fixtures hold.
  static func counted<S: Scalar>(_ shape: Shape, plus: S = 0) -> Tensor<S> {
    Tensor(shape, (0..<shape.count).map { S($0) / 8 + plus })
  }

  /// Calls `body` with a file of `bytes` that is removed afterwards.
  @discardableResult
  static func withFile<Result>(
    _ bytes: [UInt8], named name: String = "file", _ body: (URL) throws -> Result
  ) throws -> Result {
    try withFolder { folder in
      let url = folder.appendingPathComponent(name)
      try write(bytes, to: url)
      return try body(url)
    }
  }

  /// Calls `body` with an empty folder that is removed afterwards.
  @discardableResult
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("interchange-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// Calls `body` with a file of the first `count` bytes, for some counts below all.
  static func truncations(_ name: String, step: Int, _ body: (URL, Int) throws -> Void) throws {
    let bytes = try bytes(name)
    try withFolder { folder in
      for count in stride(from: 0, to: bytes.count, by: step) {
        let url = folder.appendingPathComponent("truncated-\(count)")
        try write(bytes.prefix(count), to: url)
        try body(url, count)
      }
    }
  }

  /// Writes a file without waiting for the disk, as Foundation would.
  static func write(_ bytes: some Collection<UInt8>, to url: URL) throws {
    let file = try #require(fopen(url.path, "wb"))
    defer { fclose(file) }
    let bytes = Array(bytes)
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }
}
