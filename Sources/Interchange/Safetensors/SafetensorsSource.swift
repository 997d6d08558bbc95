public import Foundation
public import Tensors

/// A safetensors file as a source: tensors of every element type, in the order of their bytes.
public struct SafetensorsSource: TensorSource {
  /// The file, opened and checked.
  public let file: SafetensorsFile
  /// The tensors.
  public let entries: [TensorEntry]

  /// Opens a file and checks its header.
  ///
  /// - Throws: ``InterchangeError``.
  public init(_ url: URL) throws(InterchangeError) {
    do throws(SafetensorsError) {
      file = try SafetensorsFile(url)
    } catch {
      throw InterchangeError(error)
    }
    entries = file.entries.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
      .map { TensorEntry(name: $0.name, elementType: $0.elementType, shape: $0.shape) }
  }

  /// The path of the file.
  public var path: String { file.url.path }

  /// What the file says of itself.
  public var metadata: [String: String] { file.metadata }

  /// Reads a tensor straight into its place.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let stored = file.entry(named: entry.name) else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    do throws(SafetensorsError) {
      try file.read(stored, into: target)
    } catch {
      throw InterchangeError(error)
    }
  }
}
