import Foundation
import Tensors
import Testing

@testable import Interchange

/// Valid files with some bytes changed, cut or repeated, given to every reader: a typed error or tensors, never a crash, a
/// hang, or more memory than the file may take.
///
/// Which changes are made is a function of the seed and the number of the change. Each reader goes on for two and a half
/// seconds, or as many as RIDGELINE_FUZZ_SECONDS says (`scripts/fuzz-readers`); RIDGELINE_FUZZ_SEED gives another seed,
/// RIDGELINE_FUZZ_READERS names some readers, RIDGELINE_FUZZ_FIRST the first change, and files that took more than five seconds
/// are left in the folder RIDGELINE_FUZZ_KEEP.
@Suite(.serialized) struct FuzzTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let name: String
    let files: [String]
    let open: @Sendable (URL) throws -> any TensorSource

    var testDescription: String { name }
  }

  static let readers = [
    Reader(
      name: "npy", files: ["f4.npy", "f8-big-fortran.npy", "f8-v2.npy", "object.npy"],
      open: { try NPYFile($0) }),
    Reader(name: "npz", files: ["stored.npz", "deflated.npz"], open: { try NPZFile($0) }),
    Reader(
      name: "pth", files: ["module.pth", "views.pth", "checkpoint.pth", "unsigned.pth", "attack.pth"],
      open: { try PyTorchFile($0) }),
    Reader(
      name: "pth before 1.6",
      files: ["module-legacy.pth", "views-legacy.pth", "checkpoint-legacy.pth", "module-legacy-protocol4.pth"],
      open: { try PyTorchFile($0) }),
    Reader(
      name: "caffemodel", files: ["present.caffemodel", "v1.caffemodel", "v0.caffemodel"],
      open: { try CaffeFile($0) }),
    Reader(name: "safetensors", files: ["types.safetensors"], open: { try SafetensorsSource($0) }),
    Reader(
      name: "h5", files: ["small.h5", "small.weights.h5", "types-v110.h5", "types-earliest.h5", "small-keras2.h5"],
      open: { try HDF5File($0, program: try HDF5Tests.found()) }),
    Reader(
      name: "keras", files: ["small.keras", "small-keras2.keras"],
      open: { try KerasFile($0, program: try HDF5Tests.found()) }),
  ]

  @Test(arguments: readers)
  func changedFiles(_ reader: Reader) throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["RIDGELINE_FUZZ_SECONDS"].flatMap { Double($0) } ?? 2.5
    let seed = environment["RIDGELINE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let chosen = environment["RIDGELINE_FUZZ_READERS"]?.split(separator: ",").map(String.init)
    guard chosen?.contains(reader.name) ?? true else { return }
    let firstNumber = environment["RIDGELINE_FUZZ_FIRST"].flatMap { Int($0) } ?? 0
    let files = try reader.files.map { try Fixtures.bytes($0) }
    let start = Date()
    try Fixtures.withFolder { folder in
      var number = firstNumber
      while Date().timeIntervalSince(start) < seconds {
        var generator = RandomGenerator(seed: seed).fork(number)
        let bytes = Self.changed(files[number % files.count], using: &generator)
        let url = folder.appendingPathComponent("changed-\(number)")
        try Fixtures.write(bytes, to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let began = Date()
        try Self.read(reader, url, size: bytes.count, number)
        let took = Date().timeIntervalSince(began)
        if took > 5, let folder = environment["RIDGELINE_FUZZ_KEEP"] {
          try Fixtures.write(
            bytes, to: URL(fileURLWithPath: folder).appendingPathComponent("\(reader.name)-\(seed)-\(number)"))
        }
        #expect(took < 60, "\(reader.name), seed \(seed), change \(number): \(took) s")
        number += 1
      }
      #expect(number > firstNumber)
      print("\(reader.name): \(number - firstNumber) changed files, seed \(seed)")
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
