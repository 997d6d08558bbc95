public import Foundation
import Tensors

/// An HDF5 file (`.h5`, `.hdf5`) as Keras writes its weights: every dataset of numbers under its path, as in
/// `model_weights/fc1/fc1/kernel`.
///
/// Keras 3 numbers a layer's weights and gives the layer's name in an attribute; `layers/conv2d/vars/0` of such a file is named
/// `block1_conv1/0`. The file is read by another process (``HDF5Program``), one tensor at a time.
public struct HDF5File: TensorSource {
  /// Where the file stands.
  public let url: URL
  /// The datasets.
  public let entries: [TensorEntry]
  /// The attributes `keras_version` and `backend`, where there are any.
  public let metadata: [String: String]
  /// The path that errors name.
  public let path: String

  private let program: HDF5Program
  private let datasets: [String: String]

  /// Opens a file and lists its datasets.
  ///
  /// - Parameter program: Reads the file; it is looked for where none is given.
  /// - Throws: ``InterchangeError``, also where there is no such program.
  public init(_ url: URL, program: HDF5Program? = .find()) throws(InterchangeError) {
    try self.init(url, program: program, path: url.path)
  }

  init(_ url: URL, program: HDF5Program?, path: String) throws(InterchangeError) {
    let stream = try FileStream(url)
    let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    guard stream.size >= magic.count, try stream.read(magic.count) == magic else {
      throw InterchangeError(
        file: path, offset: 0, reason: .malformed(expected: "the bytes \\x89HDF of an HDF5 file", found: "others"))
    }
    guard let program else {
      throw InterchangeError(
        file: path,
        reason: .helper(
          "the program ridgeline-hdf5, which reads HDF5 files, stands neither beside this program nor in the PATH nor where "
            + "RIDGELINE_HDF5 says; `swift build --product ridgeline-hdf5` makes it"))
    }
    let listed: (datasets: [HDF5Program.Dataset], attributes: [String: String])
    do throws(ChildProcess.Failure) {
      listed = try program.list(url.path)
    } catch {
      throw InterchangeError(file: path, reason: .helper("ridgeline-hdf5 could not list it: \(error.reason)"))
    }
    // A layer's name, where the names stay apart.
    let labelled = listed.datasets.map { dataset in
      let parts = dataset.name.split(separator: "/")
      let isNumbered = parts.count > 2 && parts[parts.count - 2] == "vars"
      return isNumbered && !dataset.label.isEmpty ? "\(dataset.label)/\(parts[parts.count - 1])" : dataset.name
    }
    let names = Set(labelled).count == labelled.count ? labelled : listed.datasets.map(\.name)
    let entries = zip(names, listed.datasets).map { name, dataset in
      TensorEntry(name: name, elementType: dataset.elementType, shape: dataset.shape)
    }
    try UnpackedSize.check(entries, file: path, fileSize: stream.size)
    (self.url, self.path, self.program, self.entries) = (url, path, program, entries)
    metadata = listed.attributes
    datasets = Dictionary(uniqueKeysWithValues: zip(names, listed.datasets.map(\.name)))
  }

  /// Reads a dataset.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let dataset = datasets[entry.name] else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    do throws(ChildProcess.Failure) {
      try program.read(dataset, of: url.path, into: target)
    } catch {
      throw InterchangeError(
        file: path, key: entry.name, reason: .helper("ridgeline-hdf5 could not read it: \(error.reason)"))
    }
  }
}
