public import Foundation
import Tensors

/// Files of tensors, told apart by the ends of their names.
public enum TensorFiles {
  /// The formats that are read.
  public enum Format: String, Sendable, CaseIterable {
    /// safetensors: `.safetensors`.
    case safetensors
    /// An index of several safetensors files: `.safetensors.index.json`.
    case sharded = "sharded safetensors"
    /// A NumPy array: `.npy`.
    case npy
    /// NumPy arrays by name: `.npz`.
    case npz
    /// A PyTorch state dictionary: `.pth`, `.pt`, `.bin`.
    case pytorch
    /// Weights or a model in HDF5, as Keras writes them: `.h5`, `.hdf5`.
    case hdf5
    /// A model of Keras 2.13 or later: `.keras`.
    case keras
    /// Weights of Caffe: `.caffemodel`.
    case caffe

    /// The format of a file, by the end of its name; nil where none is known by it.
    public init?(_ url: URL) {
      let name = url.lastPathComponent.lowercased()
      if name.hasSuffix(".safetensors.index.json") {
        self = .sharded
        return
      }
      switch (name as NSString).pathExtension {
      case "safetensors": self = .safetensors
      case "npy": self = .npy
      case "npz": self = .npz
      case "pth", "pt", "bin": self = .pytorch
      case "h5", "hdf5": self = .hdf5
      case "keras": self = .keras
      case "caffemodel": self = .caffe
      default: return nil
      }
    }
  }

  /// Opens a file of any format.
  ///
  /// - Throws: ``InterchangeError``, also where the name tells no format.
  public static func open(_ url: URL) throws(InterchangeError) -> any TensorSource {
    switch Format(url) {
    case .safetensors: return try SafetensorsSource(url)
    case .sharded: return try ShardedSafetensors(url)
    case .npy: return try NPYFile(url)
    case .npz: return try NPZFile(url)
    case .pytorch: return try PyTorchFile(url)
    case .hdf5: return try HDF5File(url)
    case .keras: return try KerasFile(url)
    case .caffe: return try CaffeFile(url)
    case nil:
      throw InterchangeError(
        file: url.path,
        reason: .unsupported(
          "a file whose name does not end in .safetensors, .safetensors.index.json, .npy, .npz, .pth, .pt, .bin, .h5, .hdf5, "
            + ".keras or .caffemodel"))
    }
  }

  /// Throws where a file of this name cannot be written: only safetensors, npz and npy are.
  ///
  /// - Throws: ``InterchangeError``.
  public static func checkWritable(_ url: URL) throws(InterchangeError) {
    guard [.safetensors, .npz, .npy].contains(Format(url)) else {
      throw InterchangeError(
        file: url.path,
        reason: .malformed(
          expected: "a name that ends in .safetensors, .npz or .npy to write to", found: "'\(url.lastPathComponent)'"))
    }
  }

  /// Writes the tensors of a source, whole or not at all, in the format that the name of the file says.
  ///
  /// Only safetensors keeps metadata; an `.npy` file takes one tensor.
  ///
  /// - Throws: ``InterchangeError``.
  public static func write(_ source: any TensorSource, to url: URL) throws(InterchangeError) {
    try checkWritable(url)
    switch Format(url) {
    case .npz: try TensorWriter.writeNPZ(source, to: url)
    case .npy:
      guard let entry = source.entries.first, source.entries.count == 1 else {
        throw InterchangeError(
          file: url.path,
          reason: .malformed(expected: "one tensor, which is what an .npy file holds", found: "\(source.entries.count)")
        )
      }
      try TensorWriter.writeNPY(entry.name, of: source, to: url)
    default: try TensorWriter.writeSafetensors(source, to: url)
    }
  }
}
