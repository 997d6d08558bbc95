import Foundation

/// A folder for one test, removed when the test ends.
final class TextFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("linear-models-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and returns where it is.
  func write(_ text: String, to name: String = "file") throws -> URL { try write(Array(text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String = "file") throws -> URL {
    let file = url.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return file
  }
}
