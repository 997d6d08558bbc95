public import Foundation
import Tensors

/// A state dictionary that PyTorch wrote (`.pth`, `.pt`): the zip format of version 1.6 and later, or the one before.
///
/// Dictionaries inside the dictionary give names joined by points, as in `state_dict.features.0.weight`; single numbers and
/// texts become ``metadata``. The pickle is read by a machine that can run nothing: it knows the names that tensors are built
/// with and refuses every other, so a file that holds a whole module, or that calls a function, is an error that says which.
public struct PyTorchFile: TensorSource {
  /// Where the file stands.
  public let url: URL
  /// The tensors, in the order of the dictionary.
  public let entries: [TensorEntry]
  /// Numbers and texts of the dictionary, by name.
  public let metadata: [String: String]
  /// Whether the file has the format from before PyTorch 1.6.
  public let isLegacy: Bool

  private let tensors: [String: PickledTensor]
  private let storages: [PickledStorage]
  private let contents: Contents
  private let isBigEndian: Bool

  /// Where the storages' bytes are.
  private enum Contents {
    case archive(ZipArchive, prefix: String)
    /// The byte of the file at which each storage begins.
    case file([String: Int])
  }

  /// The most bytes of a pickle that are read; a state dictionary has some hundred for each tensor, beside the tensor's own,
  /// so that one that was deflated is no larger than its archive but for the smallest.
  private static func pickleLimit(fileSize: Int) -> Int { min(64 << 20, fileSize + (1 << 20)) }

  /// Opens a file and reads its pickle; storages are read when they are asked for.
  ///
  /// - Throws: ``InterchangeError``.
  public init(_ url: URL) throws(InterchangeError) {
    let stream = try FileStream(url)
    let start = try stream.read(min(4, stream.size))
    let state: StateDictionary
    if start.starts(with: [0x50, 0x4B]) {
      let archive = try ZipArchive(url)
      let pickled = try Self.pickle(of: archive)
      (state, storages) = (pickled.state, pickled.storages)
      (contents, isBigEndian, isLegacy) = (.archive(archive, prefix: pickled.prefix), pickled.isBigEndian, false)
    } else {
      stream.seek(to: 0)
      let legacy = try LegacyPyTorchLayout(stream)
      (state, storages) = (legacy.state, legacy.storages)
      (contents, isBigEndian, isLegacy) = (.file(legacy.places), false, true)
    }
    let entries = state.tensors.map { name, tensor in
      TensorEntry(name: name, elementType: tensor.elementType, shape: Shape(tensor.view.dimensions))
    }
    try UnpackedSize.check(entries, file: url.path, fileSize: stream.size)
    (self.url, self.entries, metadata) = (url, entries, state.metadata)
    tensors = Dictionary(uniqueKeysWithValues: state.tensors.map { ($0.name, $0.tensor) })
  }

  /// The path of the file.
  public var path: String { url.path }

  private static func pickle(
    of archive: ZipArchive
  ) throws(InterchangeError) -> (prefix: String, state: StateDictionary, storages: [PickledStorage], isBigEndian: Bool)
  {
    guard let member = archive.members.first(where: { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }) else {
      throw InterchangeError(
        file: archive.path, reason: .malformed(expected: "a member data.pkl", found: "an archive without one"))
    }
    let prefix = String(member.name.dropLast("data.pkl".utf8.count))
    guard archive.member(named: prefix + "constants.pkl") == nil else {
      throw InterchangeError(
        file: archive.path, member: prefix + "constants.pkl",
        reason: .unsupported("a TorchScript program; its state_dict() saved by itself can be, but the program"))
    }
    let limit = pickleLimit(fileSize: archive.fileSize)
    guard member.size <= limit else {
      throw InterchangeError(
        file: archive.path, member: member.name, reason: .tooLarge(claimed: member.size, limit: limit))
    }
    var isBigEndian = false
    if let order = archive.member(named: prefix + "byteorder"), order.size <= 16 {
      isBigEndian = try archive.bytes(of: order) == Array("big".utf8)
    }
    let bytes = try archive.bytes(of: member)
    var machine = PickleMachine(ByteList(bytes, path: archive.path, member: member.name))
    let state = try StateDictionary(try machine.run(), of: machine)
    for (name, tensor) in state.tensors {
      let storage = machine.storages[tensor.storage]
      let data = archive.member(named: prefix + "data/" + storage.key)
      let size = (storage.elementType ?? .uint8).byteCount
      let (needed, overflow) = storage.count.multipliedReportingOverflow(by: size)
      guard let data, !overflow, data.size >= needed else {
        throw InterchangeError(
          file: archive.path, member: prefix + "data/" + storage.key, key: name,
          reason: .truncated(expected: overflow ? .max : needed, found: data?.size ?? 0))
      }
    }
    return (prefix, state, machine.storages, isBigEndian)
  }

  /// Reads a tensor out of its storage.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let tensor = tensors[entry.name] else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    let storage = storages[tensor.storage]
    switch contents {
    case .archive(let archive, let prefix):
      guard let member = archive.member(named: prefix + "data/" + storage.key) else {
        throw InterchangeError(file: path, key: entry.name, reason: .truncated(expected: storage.count, found: 0))
      }
      try archive.withStream(of: member) { stream throws(InterchangeError) in
        try read(tensor, storage, from: stream, into: target)
        if stream.remaining == 0 { try stream.checkSum() }
      }
    case .file(let places):
      let stream = try FileStream(url)
      let size = (storage.elementType ?? .uint8).byteCount
      stream.seek(to: (places[storage.key] ?? 0) + storage.offset * size)
      try read(tensor, storage, from: stream, into: target)
    }
    let type = tensor.elementType
    if isBigEndian { StridedElements.swapBytes(target, size: type == .complex64 ? 4 : type.byteCount) }
  }

  /// Reads a view of the storage at whose first element the stream stands.
  private func read(
    _ tensor: PickledTensor, _ storage: PickledStorage, from stream: some ByteStream,
    into target: UnsafeMutableRawBufferPointer
  ) throws(InterchangeError) {
    guard !target.isEmpty else { return }
    let size = tensor.elementType.byteCount
    let view = tensor.view
    if view.isContiguous, view.offset == 0 { return try stream.read(into: target) }
    let bytes = try stream.read((view.end ?? 0) * size)
    bytes.withUnsafeBytes { view.copy(from: $0, size: size, to: target) }
  }
}

/// Bytes in memory, read front to back.
final class ByteList: ByteStream {
  private let bytes: [UInt8]
  let path: String
  let member: String?
  private(set) var position = 0

  var size: Int { bytes.count }

  init(_ bytes: [UInt8], path: String, member: String? = nil) {
    (self.bytes, self.path, self.member) = (bytes, path, member)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    try require(target.count)
    bytes.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + target.count]))
    }
    position += target.count
  }
}
