public import Foundation
import Tensors

/// A NumPy array in a file of its own (`.npy`), versions 1 to 3, of either byte order, in C's or Fortran's order.
///
/// Its one tensor is named `array`.
public struct NPYFile: TensorSource {
  /// Where the file stands.
  public let url: URL
  /// The array.
  public let entries: [TensorEntry]
  /// None.
  public let metadata: [String: String] = [:]

  /// Opens a file and checks its header.
  ///
  /// - Throws: ``InterchangeError``, among others for arrays of Python objects.
  public init(_ url: URL) throws(InterchangeError) {
    let header = try NPYHeader(try FileStream(url))
    self.url = url
    entries = [TensorEntry(name: "array", elementType: header.elementType, shape: header.shape)]
  }

  /// The path of the file.
  public var path: String { url.path }

  /// Reads the array.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    let stream = try FileStream(url)
    let header = try NPYHeader(stream)
    guard header.elementType == entry.elementType, header.shape == entry.shape else {
      throw stream.malformed("the array that was there when the file was opened", "another", at: 0)
    }
    try header.readElements(from: stream, into: target)
  }
}
