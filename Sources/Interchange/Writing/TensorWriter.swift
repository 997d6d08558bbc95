public import Foundation
import Tensors

/// Writes the tensors of a source, one after the other, into a file that is whole or not there at all.
///
/// No more than one tensor is in memory at a time.
public enum TensorWriter {
  /// Writes safetensors: every element type as it is, wider types first, so that each tensor is aligned to its elements.
  ///
  /// - Throws: ``InterchangeError``.
  public static func writeSafetensors(_ source: some TensorSource, to url: URL) throws(InterchangeError) {
    // Sorted stably: the order of the source within a size.
    let order = source.entries.enumerated().sorted {
      (-$0.element.elementType.byteCount, $0.offset) < (-$1.element.elementType.byteCount, $1.offset)
    }.map(\.element)
    try write(to: url) { writer throws(any Error) in
      try writer.write(
        try SafetensorsFile.header(
          of: order.map { ($0.name, $0.elementType, $0.shape) }, metadata: source.metadata, file: url.path))
      for entry in order {
        let bytes = try source.bytes(of: entry)
        try bytes.withUnsafeBytes { try writer.write($0) }
      }
    }
  }

  /// Writes a NumPy archive, stored as by `numpy.savez`; bfloat16, which NumPy does not have, is widened to single precision.
  ///
  /// Metadata have no place in such a file.
  ///
  /// - Throws: ``InterchangeError``, among others for a name that is too long for an archive.
  public static func writeNPZ(_ source: some TensorSource, to url: URL) throws(InterchangeError) {
    let limit = ZipWriter.nameLimit - ".npy".utf8.count
    if let entry = source.entries.first(where: { $0.name.utf8.count > limit }) {
      throw InterchangeError(
        file: url.path, key: "\(entry.name.prefix(40))...",
        reason: .malformed(expected: "a name of at most \(limit) bytes", found: "\(entry.name.utf8.count)"))
    }
    try write(to: url) { writer throws(any Error) in
      var archive = ZipWriter()
      for entry in source.entries {
        let (header, bytes) = try array(entry, of: source)
        try header.withUnsafeBytes { header in
          try bytes.withUnsafeBytes { bytes in try archive.write(entry.name + ".npy", [header, bytes], to: writer) }
        }
      }
      try archive.finish(writer)
    }
  }

  /// Writes one tensor as a NumPy array.
  ///
  /// - Throws: ``InterchangeError``.
  public static func writeNPY(_ name: String, of source: some TensorSource, to url: URL) throws(InterchangeError) {
    let (header, bytes) = try array(try source.entry(named: name), of: source)
    try write(to: url) { writer throws(any Error) in
      try writer.write(header)
      try bytes.withUnsafeBytes { try writer.write($0) }
    }
  }

  private static func array(
    _ entry: TensorEntry, of source: some TensorSource
  ) throws(InterchangeError) -> (header: [UInt8], bytes: [UInt8]) {
    let isBrain = entry.elementType == .bfloat16
    guard let header = NPYHeader.bytes(isBrain ? .float32 : entry.elementType, entry.shape) else {
      throw InterchangeError(
        file: source.path, key: entry.name, reason: .elementType(found: entry.elementType.rawValue, expected: "NumPy's")
      )
    }
    let bytes = try source.bytes(of: entry)
    guard isBrain else { return (header, bytes) }
    // The upper half of single precision: two bytes of zeros come before.
    var wide = [UInt8](repeating: 0, count: 2 * bytes.count)
    for index in 0..<entry.shape.count {
      wide[4 * index + 2] = bytes[2 * index]
      wide[4 * index + 3] = bytes[2 * index + 1]
    }
    return (header, wide)
  }

  private static func write(
    to url: URL, _ body: (borrowing FileWriter) throws -> Void
  ) throws(InterchangeError) {
    do {
      try writeWhole(to: url, body)
    } catch let error as InterchangeError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown: \(error)")
    }
  }

  /// A file whole or not at all, whose own errors are this module's; those of `body` pass.
  static func writeWhole(to url: URL, _ body: (borrowing FileWriter) throws -> Void) throws {
    do {
      try AtomicFile.write(to: url, body)
    } catch let error as SafetensorsError {
      throw InterchangeError(error)
    } catch let error as FileError {
      throw InterchangeError(file: url.path, reason: .file(error))
    }
  }
}
