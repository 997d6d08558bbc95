public import Foundation
import Tensors

/// A model that Keras 2.13 or later wrote (`.keras`): a zip archive whose member `model.weights.h5` holds the weights.
///
/// Keras 3 says there what the layers are called; of Keras 2 the member `config.json` does (their order).
///
/// That member is unpacked into a temporary file, a piece at a time, which is removed with the last copy of this value.
public struct KerasFile: TensorSource {
  /// Where the file stands.
  public let url: URL
  private let weights: HDF5File
  private let unpacked: TemporaryFile
  /// The names in the weights' file of those here.
  private let stored: [String: String]

  /// The tensors, as in ``HDF5File``.
  public let entries: [TensorEntry]
  /// What `metadata.json` says: `keras_version`, `date_saved`.
  public let metadata: [String: String]
  /// The path of the file.
  public var path: String { url.path }

  /// Opens a file and lists its weights.
  ///
  /// - Parameter program: Reads the weights; it is looked for where none is given.
  /// - Throws: ``InterchangeError``.
  public init(_ url: URL, program: HDF5Program? = .find()) throws(InterchangeError) {
    let archive = try ZipArchive(url)
    let name = "model.weights.h5"
    guard let member = archive.member(named: name) else {
      throw InterchangeError(
        file: archive.path, reason: .malformed(expected: "a member \(name)", found: "an archive without one"))
    }
    unpacked = try TemporaryFile(of: member, in: archive)
    weights = try HDF5File(unpacked.url, program: program, path: "\(url.path), member \"\(name)\"")
    var metadata = weights.metadata
    if let description = archive.member(named: "metadata.json"), description.size <= 65_536,
      let object = try? JSONSerialization.jsonObject(with: Data(try archive.bytes(of: description))) as? [String: Any]
    {
      for (key, value) in object { if let text = value as? String { metadata[key] = text } }
    }
    var names = weights.entries.map(\.name)
    if let description = archive.member(named: "config.json"), description.size <= 16 << 20,
      names.contains(where: { $0.hasPrefix("layers/") })
    {
      let layers = KerasLayerNames.byGroup(configuration: Data(try archive.bytes(of: description)))
      let named = names.map { KerasLayerNames.named($0, by: layers) }
      // Names that do not stay apart are no names.
      if Set(named).count == named.count { names = named }
    }
    entries = zip(names, weights.entries).map {
      TensorEntry(name: $0, elementType: $1.elementType, shape: $1.shape)
    }
    stored = Dictionary(uniqueKeysWithValues: zip(names, weights.entries.map(\.name)))
    (self.url, self.metadata) = (url, metadata)
  }

  /// Reads a tensor.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    let name = stored[entry.name] ?? entry.name
    try weights.read(TensorEntry(name: name, elementType: entry.elementType, shape: entry.shape), into: target)
  }
}

/// A member of an archive on the disk, as long as somebody holds on to it.
private final class TemporaryFile: Sendable {
  let url: URL

  init(of member: ZipArchive.Member, in archive: ZipArchive) throws(InterchangeError) {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("ridgeline-\(UUID().uuidString).h5")
    self.url = url
    func write() throws(InterchangeError) {
      try archive.withStream(of: member) { stream throws(InterchangeError) in
        do {
          try AtomicFile.write(to: url) { writer in
            while stream.remaining > 0 { try writer.write(try stream.read(min(1 << 20, stream.remaining))) }
          }
        } catch let error as InterchangeError {
          throw error
        } catch let error as FileError {
          throw InterchangeError(file: url.path, reason: .file(error))
        } catch {
          preconditionFailure("nothing else is thrown: \(error)")
        }
        try stream.checkSum()
      }
    }
    do throws(InterchangeError) {
      try write()
    } catch {
      try? FileManager.default.removeItem(at: url)
      throw error
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
