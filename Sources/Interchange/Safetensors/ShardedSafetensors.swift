public import Foundation
import Tensors

/// Tensors spread over several safetensors files, with an index that says which is where (`model.safetensors.index.json`).
///
/// The index and the files must agree: every tensor of the index is in the file it names, and every tensor of these files is
/// in the index.
public struct ShardedSafetensors: TensorSource {
  /// Where the index stands.
  public let url: URL
  /// The tensors, file by file.
  public let entries: [TensorEntry]
  /// What the index says of them.
  public let metadata: [String: String]

  private let sources: [SafetensorsSource]
  private let places: [String: Int]

  /// The most bytes an index may have.
  private static let indexLimit = 64 << 20

  /// Reads an index and opens the files that it names, which stand beside it.
  ///
  /// - Throws: ``InterchangeError``.
  public init(_ url: URL) throws(InterchangeError) {
    let index = try Self.index(url)
    let folder = url.deletingLastPathComponent()
    var sources: [SafetensorsSource] = []
    var entries: [TensorEntry] = []
    var places: [String: Int] = [:]
    for name in Set(index.places.values).sorted() {
      let source = try SafetensorsSource(folder.appendingPathComponent(name))
      for entry in source.entries {
        guard let expected = index.places[entry.name] else {
          throw InterchangeError(
            file: source.path, key: entry.name,
            reason: .malformed(expected: "tensors that \(url.lastPathComponent) lists", found: "one that it does not"))
        }
        // Another file's tensor that is here too: the index says which of them is meant.
        guard expected == name else {
          throw InterchangeError(
            file: source.path, key: entry.name, reason: .malformed(expected: "it in \(expected)", found: "it here"))
        }
        places[entry.name] = sources.count
        entries.append(entry)
      }
      sources.append(source)
    }
    for (name, file) in index.places.sorted(by: { $0.key < $1.key }) where places[name] == nil {
      throw InterchangeError(
        file: folder.appendingPathComponent(file).path, key: name, reason: .missingTensor(known: entries.map(\.name)))
    }
    (self.url, self.entries, metadata, self.sources, self.places) = (url, entries, index.metadata, sources, places)
  }

  /// The path of the index.
  public var path: String { url.path }

  /// Reads a tensor from its file.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let place = places[entry.name] else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    try sources[place].read(entry, into: target)
  }

  private static func index(
    _ url: URL
  ) throws(InterchangeError) -> (places: [String: String], metadata: [String: String]) {
    let stream = try FileStream(url)
    guard stream.size <= indexLimit else {
      throw stream.error(.tooLarge(claimed: stream.size, limit: indexLimit))
    }
    let bytes = try stream.read(stream.size)
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let places = object["weight_map"] as? [String: String]
    else {
      throw stream.malformed("a JSON object with a weight_map from names to files", "other bytes", at: 0)
    }
    // A name with a folder in it could lead anywhere.
    for (name, file) in places where file.contains("/") || !file.hasSuffix(".safetensors") {
      throw stream.error(
        .malformed(expected: "a safetensors file beside the index", found: "'\(file.prefix(200))'"), key: name, at: 0)
    }
    var metadata: [String: String] = [:]
    for (key, value) in object["metadata"] as? [String: Any] ?? [:] {
      if let text = value as? String { metadata[key] = text }
      if let number = value as? NSNumber { metadata[key] = "\(number)" }
    }
    return (places, metadata)
  }
}
