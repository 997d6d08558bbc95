import Foundation
import Tensors
import Testing

@testable import Interchange

/// Valid files with some bytes changed, cut or repeated, given to every reader: a typed error or tensors, never a crash, a
/// hang, or more memory than the file may take.
///
/// Which changes are made is a function of the seed and the number of the change. RIDGELINE_FUZZ_SECONDS makes each reader go
/// on for so long (`scripts/fuzz-readers`); without it each takes a fixed number of changes. RIDGELINE_FUZZ_SEED gives another
/// seed.
@Suite(.serialized) struct FuzzTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let name: String
    let files: [String]
    let changes: Int
    let open: @Sendable (URL) throws -> any TensorSource

    var testDescription: String { name }
  }

  static let readers = [
    Reader(
      name: "npy", files: ["f4.npy", "f8-big-fortran.npy", "f8-v2.npy", "object.npy"], changes: 3000,
      open: { try NPYFile($0) }),
    Reader(name: "npz", files: ["stored.npz", "deflated.npz"], changes: 2000, open: { try NPZFile($0) }),
    Reader(
      name: "pth", files: ["module.pth", "views.pth", "checkpoint.pth", "unsigned.pth", "attack.pth"], changes: 2000,
      open: { try PyTorchFile($0) }),
    Reader(
      name: "pth before 1.6",
      files: ["module-legacy.pth", "views-legacy.pth", "checkpoint-legacy.pth", "module-legacy-protocol4.pth"],
      changes: 4000, open: { try PyTorchFile($0) }),
    Reader(name: "safetensors", files: ["types.safetensors"], changes: 3000, open: { try SafetensorsSource($0) }),
    Reader(
      name: "h5", files: ["small.h5", "small.weights.h5", "types-v110.h5", "types-earliest.h5"], changes: 24,
      open: { try HDF5File($0, program: try HDF5Tests.found()) }),
    Reader(
      name: "keras", files: ["small.keras"], changes: 12,
      open: { try KerasFile($0, program: try HDF5Tests.found()) }),
  ]

  @Test(arguments: readers)
  func changedFiles(_ reader: Reader) throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["RIDGELINE_FUZZ_SECONDS"].flatMap { Double($0) }
    let seed = environment["RIDGELINE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let files = try reader.files.map { try Fixtures.bytes($0) }
    let start = Date()
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("changed")
      var number = 0
      while seconds.map({ Date().timeIntervalSince(start) < $0 }) ?? (number < reader.changes) {
        var generator = RandomGenerator(seed: seed).fork(number)
        let bytes = Self.changed(files[number % files.count], using: &generator)
        try Data(bytes).write(to: url)
        let began = Date()
        try Self.read(reader, url, size: bytes.count, number)
        let took = Date().timeIntervalSince(began)
        #expect(took < 60, "\(reader.name), seed \(seed), change \(number): \(took) s")
        number += 1
      }
      if seconds != nil { print("\(reader.name): \(number) changed files, seed \(seed)") }
    }
  }

  private static func read(_ reader: Reader, _ url: URL, size: Int, _ number: Int) throws {
    do {
      let source = try reader.open(url)
      let total = source.entries.reduce(0) { $0 + $1.byteCount }
      // A member that was unpacked may be larger than its archive.
      #expect(total <= 200 * UnpackedSize.limit(fileSize: size), "\(reader.name), change \(number)")
      for entry in source.entries {
        let bytes = try source.bytes(of: entry)
        #expect(bytes.count == entry.byteCount)
      }
    } catch is InterchangeError {
      // What is wrong was said.
    }
  }

  /// One to four changes of one of several kinds.
  private static func changed(_ original: [UInt8], using generator: inout RandomGenerator) -> [UInt8] {
    var bytes = original
    func below(_ count: Int, _ generator: inout RandomGenerator) -> Int {
      Int.random(in: 0..<max(1, count), using: &generator)
    }
    for _ in 0...below(4, &generator) where !bytes.isEmpty {
      let place = below(bytes.count, &generator)
      switch below(8, &generator) {
      case 0: bytes[place] ^= 1 << UInt8(below(8, &generator))
      case 1: bytes[place] = UInt8(below(256, &generator))
      case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][below(5, &generator)]
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16, &generator)))
      case 4: bytes.removeLast(bytes.count - place)
      case 5:
        let source = below(bytes.count, &generator)
        let piece = Array(bytes[source..<min(bytes.count, source + 1 + below(64, &generator))])
        bytes.insert(contentsOf: piece, at: place)
      case 6:
        // A length or an offset that is far too large, or negative.
        let value = [UInt64.max, 1 << 63, 1 << 62, 1 << 40, 1 << 32, 1 << 31, 0xFFFF, 0][below(8, &generator)]
        let width = [2, 4, 8][below(3, &generator)]
        for index in 0..<width where place + index < bytes.count {
          bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
      default:
        let other = below(bytes.count, &generator)
        bytes.swapAt(place, other)
      }
    }
    return bytes
  }
}
