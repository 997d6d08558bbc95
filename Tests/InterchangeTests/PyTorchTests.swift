import Foundation
import Tensors
import Testing

@testable import Interchange

@Suite struct PyTorchTests {
  static let formats = ["", "-legacy"]

  @Test(arguments: ["module", "module-legacy", "module-protocol4", "module-legacy-protocol4"])
  func modules(_ name: String) throws {
    let file = try PyTorchFile(Fixtures.url("\(name).pth"))
    #expect(file.isLegacy == name.contains("legacy"))
    let names = [
      "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
      "2.weight",
      "2.bias",
    ]
    #expect(file.entries.map(\.name) == names)
    #expect(try file.tensor("0.weight") == Fixtures.counted([3, 2, 3, 3]) as Tensor<Float>)
    #expect(try file.tensor("1.running_var") == Fixtures.counted([3], plus: 5) as Tensor<Float>)
    #expect(try file.tensor("1.num_batches_tracked") == Tensor<Float>(scalar: 6))
    #expect(try file.tensor("2.weight") == Fixtures.counted([2, 4], plus: 7) as Tensor<Float>)
  }

  @Test(arguments: formats)
  func viewsOfSharedStorages(_ format: String) throws {
    let file = try PyTorchFile(Fixtures.url("views\(format).pth"))
    let whole: Tensor<Float> = Fixtures.counted([4, 6])
    #expect(try file.tensor("whole") == whole)
    #expect(try file.tensor("transposed") == whole.transposed())
    #expect(try file.tensor("part") == Tensor<Float>([[8, 9, 10], [14, 15, 16]]).map { $0 / 8 })
    let everySecond: Tensor<Float> = try file.tensor("every_second")
    #expect(everySecond.elements == whole.elements.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element))
    #expect(try file.tensor("row") == Tensor<Float>((12..<18).map { Float($0) / 8 }))
    #expect(try file.tensor("element") == Tensor<Float>(scalar: 23 / 8))
    #expect(try file.tensor("repeated") == Tensor<Float>([[0, 1, 2], [0, 1, 2]]).map { $0 / 8 })
    #expect(try file.tensor("empty") == Tensor<Float>([0, 3], []))
  }

  @Test(arguments: formats)
  func everyElementType(_ format: String) throws {
    let file = try PyTorchFile(Fixtures.url("types\(format).pth"))
    #expect(file.entries.map(\.elementType).contains(.bfloat16))
    for entry in file.entries {
      let tensor: Tensor<Double> = try file.tensor(entry.name)
      switch entry.name {
      case "bool": #expect(tensor == [1, 0, 1])
      case "float64", "float32", "float16", "bfloat16": #expect(tensor == Fixtures.counted([2, 3]), "\(entry.name)")
      default: #expect(tensor == Tensor<Double>([2, 3], repeating: 0), "\(entry.name)")
      }
    }
    #expect(try PyTorchFile(Fixtures.url("unsigned.pth")).tensor("unsigned") == Tensor<Float>([1, 2, 3]))
  }

  @Test(arguments: formats)
  func checkpoints(_ format: String) throws {
    let file = try PyTorchFile(Fixtures.url("checkpoint\(format).pth"))
    #expect(try file.tensor("state_dict.0.bias") == Fixtures.counted([3], plus: 1) as Tensor<Float>)
    #expect(try file.tensor("parameters.weight") == Fixtures.counted([2, 2]) as Tensor<Float>)
    #expect(file.metadata["epoch"] == "3" && file.metadata["best"] == "0.5" && file.metadata["name"] == "run")
    #expect(file.metadata["finished"] == "False" && file.metadata["list.1.1"] == "3")
  }

  @Test(arguments: [("attack.pth", "system"), ("attack-legacy.pth", "system"), ("whole-module.pth", "Sequential")])
  func namesThatNoStateDictionaryNeedsAreRefused(_ name: String, _ global: String) throws {
    let error = #expect(throws: InterchangeError.self) { try PyTorchFile(Fixtures.url(name)) }
    guard case .forbiddenGlobal(let found) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.contains(global))
    // The place of the instruction that asks for it.
    #expect((error?.offset ?? 0) > 0)
  }

  @Test func aProgramIsNoStateDictionary() {
    let error = #expect(throws: InterchangeError.self) { try PyTorchFile(Fixtures.url("script.pt")) }
    #expect(error?.description.contains("TorchScript") == true)
  }

  @Test(arguments: ["module-legacy.pth", "views-legacy.pth", "module.pth"])
  func everyTruncationIsAnError(_ name: String) throws {
    try Fixtures.truncations(name, step: name == "module.pth" ? 37 : 3) { url, count in
      #expect(throws: InterchangeError.self, "\(count) bytes") { try PyTorchFile(url).readAll() }
    }
  }

  /// Runs a pickle that begins with the protocol's version.
  private func run(_ code: [UInt8]) throws(InterchangeError) -> StateDictionary {
    var machine = PickleMachine(ByteList([0x80, 2] + code, path: "memory"))
    let value = try machine.run()
    return try StateDictionary(value, of: machine)
  }

  @Test func picklesThatAreNoProgramsAreErrors() {
    for code in [
      "R.", "}u.", "}(K\u{1}u.", "h\u{0}.", "(.", "}}.", "1.", "0.", "Q.", "b.", "}b.", "K\u{1}.", "cos\nsystem\n.",
      "\u{7}.", "",
    ] {
      #expect(throws: InterchangeError.self, "\(code)") { try run(Array(code.utf8)) }
    }
  }

  @Test func valuesNestedInOneAnotherAMillionTimesEndInAnError() {
    // A tuple of a tuple of a tuple, and lists put into one another.
    let tuples = Array("}K\u{1})".utf8) + [UInt8](repeating: 0x85, count: 1_000_000) + Array("s.".utf8)
    #expect(throws: InterchangeError.self) { try run(tuples) }
    let lists =
      Array("}K\u{1}".utf8) + [UInt8](repeating: UInt8(ascii: "]"), count: 100_000)
      + [UInt8](repeating: UInt8(ascii: "a"), count: 99_999) + Array("s.".utf8)
    #expect(throws: InterchangeError.self) { try run(lists) }
  }

  @Test func aDictionaryThatHoldsItselfEndsInAnError() {
    #expect(throws: InterchangeError.self) { try run(Array("}q\u{0}K\u{1}h\u{0}s.".utf8)) }
    // Eleven dictionaries, each holding the one before ten times.
    var code = Array("}q\u{0}".utf8)
    for level in UInt8(1)...11 {
      code += Array("0}q".utf8) + [level]
      for key in UInt8(0)..<10 { code += Array("K".utf8) + [key] + Array("h".utf8) + [level - 1] + Array("s".utf8) }
    }
    let error = #expect(throws: InterchangeError.self) { try run(code + Array(".".utf8)) }
    #expect(error?.description.contains("holds itself") == true, "\(String(describing: error))")
  }

  @Test func namesThatGrowAtEveryDepthEndInAnError() {
    // A key of 60,000 bytes at each of fifteen depths, and a hundred values at the innermost.
    var code = Array("}q\u{0}".utf8)
    for key in UInt8(0)..<100 { code += Array("K".utf8) + [key] + Array("Ns".utf8) }
    let key = [UInt8](repeating: UInt8(ascii: "k"), count: 60_000)
    for level in UInt8(1)...15 {
      code += Array("0}q".utf8) + [level] + Array("X".utf8) + [0x60, 0xEA, 0, 0] + key + Array("h".utf8) + [level - 1]
      code += Array("s".utf8)
    }
    let error = #expect(throws: InterchangeError.self) { try run(code + Array(".".utf8)) }
    #expect(error?.description.contains("names of more than") == true, "\(String(describing: error))")
  }

  @Test func aDeflatedPickleIsNoLargerThanItsArchive() throws {
    let bytes = try Fixtures.bytes("inflated.pth")
    let error = #expect(throws: InterchangeError.self) { try PyTorchFile(Fixtures.url("inflated.pth")) }
    guard case .tooLarge(let claimed, let limit) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(claimed == 4 << 20 && limit == bytes.count + 1 << 20)
  }

  @Test func oldFilesAreLittleEndianWhoeverWroteThem() throws {
    var bytes = try Fixtures.bytes("module-legacy.pth")
    let key = Array("little_endian".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: key) })
    let value = try #require(bytes[place...].firstIndex(of: 0x88))
    bytes[value] = 0x89
    try Fixtures.withFile(bytes) { url in
      let (changed, whole) = (try PyTorchFile(url), try PyTorchFile(Fixtures.url("module-legacy.pth")))
      #expect(try changed.readAll() == whole.readAll())
    }
  }

  @Test func integersOfEveryWidth() throws {
    let state = try run(
      Array("}K\u{1}".utf8) + [0x8A, 2, 0xFE, 0xFF] + Array("sK\u{2}J".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]
        + Array("sK\u{3}".utf8) + [0x8A, 0] + Array("sK\u{4}M".utf8) + [0xFF, 0xFF] + Array("s.".utf8))
    #expect(state.metadata == ["1": "-2", "2": "-1", "3": "0", "4": "65535"])
  }

  @Test func aViewMustLieInItsStorage() throws {
    // torch.FloatStorage of 6 elements, seen as [2, 4].
    var text = "}K\u{1}ctorch._utils\n_rebuild_tensor_v2\n((X\u{7}\u{0}\u{0}\u{0}storagectorch\nFloatStorage\n"
    text += "X\u{1}\u{0}\u{0}\u{0}0X\u{3}\u{0}\u{0}\u{0}cpuK\u{6}tQK\u{0}K\u{2}K"
    func code(_ columns: UInt8) -> [UInt8] {
      Array(text.utf8) + [columns, 0x86] + Array("K".utf8) + [columns] + Array("K\u{1}".utf8) + [0x86, 0x89]
        + Array("ccollections\nOrderedDict\n)RtRs.".utf8)
    }
    #expect(try run(code(3)).tensors.count == 1)
    #expect(throws: InterchangeError.self) { try run(code(4)) }
  }
}
