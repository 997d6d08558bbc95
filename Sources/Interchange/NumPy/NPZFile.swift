public import Foundation
import Tensors

/// NumPy arrays by name (`.npz`): a zip archive of `.npy` files, stored as by `numpy.savez` or deflated as by
/// `numpy.savez_compressed`.
public struct NPZFile: TensorSource {
  /// Where the file stands.
  public let url: URL
  /// The arrays, in the order of the archive.
  public let entries: [TensorEntry]
  /// None.
  public let metadata: [String: String] = [:]

  private let archive: ZipArchive

  /// Opens a file and checks the header of every array.
  ///
  /// - Throws: ``InterchangeError``, among others for arrays of Python objects and for members that are no arrays.
  public init(_ url: URL) throws(InterchangeError) {
    let archive = try ZipArchive(url)
    var entries: [TensorEntry] = []
    for member in archive.members {
      guard member.name.hasSuffix(".npy") else {
        throw InterchangeError(
          file: archive.path, member: member.name, reason: .unsupported("a member that is no .npy file"))
      }
      let header = try archive.withStream(of: member) { stream throws(InterchangeError) in try NPYHeader(stream) }
      entries.append(
        TensorEntry(name: String(member.name.dropLast(4)), elementType: header.elementType, shape: header.shape))
    }
    try UnpackedSize.check(entries, file: archive.path, fileSize: archive.fileSize)
    (self.url, self.entries, self.archive) = (url, entries, archive)
  }

  /// The path of the file.
  public var path: String { archive.path }

  /// Reads an array.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let member = archive.member(named: entry.name + ".npy") else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    try archive.withStream(of: member) { stream throws(InterchangeError) in
      let header = try NPYHeader(stream)
      guard header.elementType == entry.elementType, header.shape == entry.shape else {
        throw stream.malformed("the array that was there when the file was opened", "another", at: 0)
      }
      try header.readElements(from: stream, into: target)
      try stream.checkSum()
    }
  }
}
