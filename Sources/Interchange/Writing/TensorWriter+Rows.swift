public import BLAS
public import Foundation
public import Tensors

extension TensorWriter {
  /// Writes a matrix whose rows come in batches, and tensors that are known when the last has come; no more than a batch is held.
  ///
  /// ```swift
  /// try TensorWriter.writeRows("features", count: data.count, to: url) { write in
  ///   try trainer.streamFeatures(at: "fc7", of: data) { features, _ in try write(features) }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - name: Of the matrix, which is in single precision.
  ///   - count: How many rows come altogether, at least one.
  ///   - metadata: Remarks, which only safetensors keeps.
  ///   - rest: What follows the matrix, the types of more bytes first; an `.npy` file has no room for any.
  ///   - url: The file; its name says the format.
  ///   - rows: Calls its argument with rows [batch, columns] until there are `count`.
  ///   - bytes: The elements of a tensor of `rest`, row-major and little-endian; called after the rows.
  /// - Throws: ``InterchangeError`` and what `rows` throws; the file is then as it was.
  public static func writeRows(
    _ name: String, count: Int, metadata: [String: String] = [:], beside rest: [TensorEntry] = [], to url: URL,
    rows: (_ write: (_ rows: Tensor<Float>) throws -> Void) throws -> Void,
    bytes: (TensorEntry) throws -> [UInt8] = { _ in [] }
  ) throws {
    try TensorFiles.checkWritable(url)
    let format = TensorFiles.Format(url)
    guard format != .npy || rest.isEmpty else {
      throw InterchangeError(
        file: url.path,
        reason: .malformed(expected: "one tensor, which is what an .npy file holds", found: "\(rest.count + 1)"))
    }
    func malformed(_ key: String, _ expected: String, _ found: String) -> InterchangeError {
      InterchangeError(file: url.path, key: key, reason: .malformed(expected: expected, found: found))
    }
    func numPyHeader(_ entry: TensorEntry) throws -> [UInt8] {
      guard let header = NPYHeader.bytes(entry.elementType, entry.shape) else {
        throw InterchangeError(
          file: url.path, key: entry.name, reason: .elementType(found: entry.elementType.rawValue, expected: "NumPy's"))
      }
      return header
    }
    try writeWhole(to: url) { writer in
      var archive = ZipWriter()
      var (columns, done) = (0, 0)
      try rows { batch in
        guard batch.rank == 2, done == 0 || batch.shape[1] == columns, batch.shape[0] <= count - done else {
          throw malformed(name, "at most \(count - done) rows\(done == 0 ? "" : " of \(columns)")", "\(batch.shape)")
        }
        if done == 0 {
          columns = batch.shape[1]
          let matrix = TensorEntry(name: name, elementType: .float32, shape: [count, columns])
          switch format {
          case .npy: try writer.write(try numPyHeader(matrix))
          case .npz:
            let header = try numPyHeader(matrix)
            try archive.begin(name + ".npy", size: header.count + matrix.byteCount, to: writer)
            try header.withUnsafeBytes { try archive.append($0, to: writer) }
          default:
            try writer.write(
              try SafetensorsFile.header(
                of: ([matrix] + rest).map { ($0.name, $0.elementType, $0.shape) }, metadata: metadata, file: url.path))
          }
        }
        done += batch.shape[0]
        try batch.withUnsafeBufferPointer { elements in
          let bytes = UnsafeRawBufferPointer(elements)
          if format == .npz { try archive.append(bytes, to: writer) } else { try writer.write(bytes) }
        }
      }
      guard done == count, done > 0 else { throw malformed(name, "\(max(count, 1)) rows", "\(done)") }
      if format == .npz { try archive.end(writer) }
      for entry in rest {
        let elements = try bytes(entry)
        guard elements.count == entry.byteCount else {
          throw malformed(entry.name, "\(entry.byteCount) bytes", "\(elements.count)")
        }
        guard format == .npz else {
          try writer.write(elements)
          continue
        }
        let header = try numPyHeader(entry)
        try header.withUnsafeBytes { header in
          try elements.withUnsafeBytes { try archive.write(entry.name + ".npy", [header, $0], to: writer) }
        }
      }
      if format == .npz { try archive.finish(writer) }
    }
  }
}
