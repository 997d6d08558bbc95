import Tensors

/// A file of PyTorch before 1.6: five pickles one after the other (a magic number, a version, the writer's byte order, the
/// dictionary, the storages' keys), then every storage: its number of elements in 8 bytes, and the elements, both little-endian
/// whatever the writer's order: a big-endian machine turns them before it writes.
///
/// Source: PyTorch's `torch/serialization.py`, `_legacy_save`, and `torch/csrc/serialization.cpp`, `THPStorage_writeFileRaw`.
struct LegacyPyTorchLayout {
  let state: StateDictionary
  let storages: [PickledStorage]
  /// The byte of the file at which the elements of each storage begin.
  let places: [String: Int]

  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  init(_ stream: FileStream) throws(InterchangeError) {
    // Read whole where it is small, so that not every instruction is a call of the system.
    let buffered = BufferedStream(stream)
    var machine = PickleMachine(buffered)
    let start = buffered.size > 0 ? try buffered.readByte() : 0
    guard start == 0x80 else {
      throw buffered.malformed("a zip archive or a pickle of PyTorch", "other bytes", at: 0)
    }
    buffered.seek(to: 0)
    guard case .largeInteger(Self.magic) = try machine.run() else {
      throw buffered.malformed("PyTorch's magic number", "another value", at: 0)
    }
    guard case .integer(1001) = try machine.run() else { throw machine.malformed("version 1001", "another value") }
    guard case .dictionary = try machine.run() else {
      throw machine.malformed("a dictionary", "another value")
    }
    state = try StateDictionary(try machine.run(), of: machine)
    guard case .list(let list) = try machine.run() else { throw machine.malformed("a list of keys", "another value") }

    var sizes: [String: Int] = [:]
    for storage in machine.storages { sizes[storage.key] = (storage.elementType ?? .uint8).byteCount }
    var places: [String: Int] = [:]
    var counts: [String: Int] = [:]
    for value in machine.lists[list] {
      guard case .text(let key) = value, let size = sizes[key] else {
        throw machine.malformed("the key of a storage", value.literal ?? value.kind)
      }
      let bytes = try buffered.read(8)
      let number = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let (length, overflow) = (Int(exactly: number) ?? .max).multipliedReportingOverflow(by: size)
      guard !overflow, length <= buffered.remaining else {
        throw buffered.error(.truncated(expected: overflow ? .max : length, found: buffered.remaining))
      }
      guard places.updateValue(buffered.position, forKey: key) == nil else {
        throw buffered.malformed("every storage once", "\(key) twice")
      }
      counts[key] = Int(number)
      buffered.seek(to: buffered.position + length)
    }
    try buffered.expectEnd()
    for (name, tensor) in state.tensors {
      let storage = machine.storages[tensor.storage]
      let (end, overflow) = storage.offset.addingReportingOverflow(storage.count)
      guard let count = counts[storage.key], !overflow, end <= count else {
        throw buffered.error(.truncated(expected: overflow ? .max : end, found: counts[storage.key] ?? 0), key: name)
      }
    }
    (storages, self.places) = (machine.storages, places)
  }
}
