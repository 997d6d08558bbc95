import Foundation
import Tensors
import Testing

@testable import Interchange

@Suite struct NumPyTests {
  private func array(_ name: String) throws -> NPYFile { try NPYFile(Fixtures.url("\(name).npy")) }

  @Test func floatsOfEveryVersionOrderAndPrecision() throws {
    #expect(try array("f4").tensor("array") == Fixtures.counted([2, 3, 4]) as Tensor<Float>)
    #expect(try array("f8-v2").tensor("array") == Fixtures.counted([2, 3]) as Tensor<Double>)
    #expect(try array("f2-v3").tensor("array") == Fixtures.counted([2, 3]) as Tensor<Float>)
    #expect(try array("f4-big").tensor("array") == Fixtures.counted([2, 3]) as Tensor<Float>)
    #expect(try array("f8-big-fortran").tensor("array") == Fixtures.counted([2, 3, 4]) as Tensor<Double>)
    #expect(try array("f4-fortran").tensor("array") == Fixtures.counted([3, 5]) as Tensor<Float>)
    #expect(try array("scalar").tensor("array") == Tensor(scalar: 2.5))
    #expect(try array("empty").tensor("array") == Tensor<Float>([0, 3], []))
  }

  @Test func aNameThatNoArchiveHoldsIsRefused() throws {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("long.npz")
      var tensors = NamedTensors()
      tensors.insert(Tensor<Float>([1, 2]), named: String(repeating: "n", count: 65_532))
      let error = #expect(throws: InterchangeError.self) { try TensorWriter.writeNPZ(tensors, to: url) }
      #expect(error?.description.contains("expected a name of at most 65531 bytes, found 65532") == true)
      #expect(!FileManager.default.fileExists(atPath: url.path))
      var longest = NamedTensors()
      longest.insert(Tensor<Float>([1, 2]), named: String(repeating: "n", count: 65_531))
      try TensorWriter.writeNPZ(longest, to: url)
      #expect(try NPZFile(url).readAll() == longest)
    }
  }

  @Test func errorsHoldNoControlCharacters() {
    let error = InterchangeError(file: "a\u{1B}[2J", key: "b\r\n", reason: .duplicateName)
    #expect(error.description == "a\u{FFFD}[2J, tensor \"b\u{FFFD}\u{FFFD}\": the name appears twice")
  }

  @Test func precisionIsLostOnlyWhereThatIsAllowed() throws {
    let file = try array("f8-v2")
    #expect(throws: InterchangeError.self) { try file.tensor("array", of: Float.self) }
    #expect(try file.tensor("array", allowingRounding: true) == Fixtures.counted([2, 3]) as Tensor<Float>)
    #expect(try array("f4").tensor("array") == Fixtures.counted([2, 3, 4]) as Tensor<Double>)
  }

  @Test(arguments: ["stored.npz", "deflated.npz"])
  func archives(_ name: String) throws {
    let file = try NPZFile(Fixtures.url(name))
    #expect(try file.tensor("a") == Fixtures.counted([2, 3]) as Tensor<Float>)
    #expect(try file.tensor("b/c") == Fixtures.counted([4], plus: 1) as Tensor<Double>)
    #expect(try file.tensor("truth") == Tensor<Float>([1, 0]))
    for (code, largest) in [
      ("i1", 0x1p6), ("i2", 0x1p14), ("i4", 0x1p30), ("i8", 0x1p62), ("u1", 0x1p7), ("u2", 0x1p15), ("u4", 0x1p31),
      ("u8", 0x1p63),
    ] {
      #expect(try file.tensor(code) == Tensor<Double>([0, 1, 100, largest]))
    }
    #expect(try file.readAll().count == file.entries.count)
  }

  @Test func integersThatFloatCannotHoldAreNotRoundedInSilence() throws {
    var header = try #require(NPYHeader.bytes(.int64, [1]))
    header += [1, 0, 0, 0, 0, 0, 0x20, 0]  // 2⁵³ + 1
    try Fixtures.withFile(header) { url in
      let file = try NPYFile(url)
      #expect(throws: InterchangeError.self) { try file.tensor("array", of: Double.self) }
      #expect(try file.tensor("array", allowingRounding: true) == Tensor<Double>([0x1p53]))
    }
  }

  @Test(arguments: [("object.npy", "Python objects"), ("complex.npy", "c16"), ("record.npy", "record")])
  func whatIsNoArrayOfNumbersIsRefusedByName(_ name: String, _ words: String) {
    let error = #expect(throws: InterchangeError.self) { try NPYFile(Fixtures.url(name)) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    #expect(error?.description.contains(name) == true)
  }

  @Test func aBombIsRefusedBeforeItIsUnpacked() {
    let error = #expect(throws: InterchangeError.self) { try NPZFile(Fixtures.url("bomb.npz")) }
    guard case .tooLarge(let claimed, let limit) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(claimed > 100_000_000 && limit < claimed)
    #expect(error?.member == "zeros.npy")
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try Fixtures.bytes("f4.npy")
    try Fixtures.truncations("f4.npy", step: 1) { url, count in
      #expect(throws: InterchangeError.self, "\(count) bytes") { try NPYFile(url) }
    }
    try Fixtures.withFile(bytes + [0]) { url in
      #expect(throws: InterchangeError.self) { try NPYFile(url) }
    }
  }

  @Test func aChangedByteInsideAnArchiveIsFound() throws {
    var bytes = try Fixtures.bytes("stored.npz")
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0, 0, 0, 0, 0, 0, 0, 0x3E]) }) + 7
    bytes[place] ^= 1
    try Fixtures.withFile(bytes) { url in
      #expect(throws: InterchangeError.self) { try NPZFile(url).readAll() }
    }
  }

  @Test func headersOfPythonTwoAndWrongOnes() throws {
    func file(_ dictionary: String) -> [UInt8] {
      NPYHeader.magic + [1, 0, UInt8(dictionary.utf8.count), 0] + Array(dictionary.utf8)
        + [UInt8](repeating: 0, count: 8)
    }
    try Fixtures.withFile(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}")) { url in
      let file = try NPYFile(url)
      #expect(file.entries[0].shape == [2])
    }
    for wrong in [
      "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", "[]", "",
    ] {
      try Fixtures.withFile(file(wrong)) { url in
        #expect(throws: InterchangeError.self, "\(wrong)") { try NPYFile(url) }
      }
    }
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    var tensors = NamedTensors()
    tensors.insert(Fixtures.counted([2, 3]) as Tensor<Float>, named: "a")
    tensors.insert(Fixtures.counted([4], plus: 1) as Tensor<Double>, named: "b/c")
    tensors.insert(Tensor<Float>(scalar: 7), named: "d")
    try Fixtures.withFolder { folder in
      let archive = folder.appendingPathComponent("out.npz")
      try TensorWriter.writeNPZ(tensors, to: archive)
      #expect(try NPZFile(archive).readAll() == tensors)
      let array = folder.appendingPathComponent("out.npy")
      try TensorWriter.writeNPY("a", of: tensors, to: array)
      #expect(try NPYFile(array).tensor("array") == Fixtures.counted([2, 3]) as Tensor<Float>)
      // NumPy's own file of the same array, byte for byte.
      try TensorWriter.writeNPY("array", of: try NPYFile(Fixtures.url("f4.npy")), to: array)
      #expect(try Data(contentsOf: array) == Data(try Fixtures.bytes("f4.npy")))
    }
  }

  @Test func stridesAgreeWithAPlainWalk() {
    let shape: Shape = [3, 40, 5, 70]
    let source = (0..<UInt32(shape.count)).map { $0 }
    for axes in [[3, 2, 1, 0], [2, 1, 3, 0], [0, 1, 2, 3], [1, 3, 0, 2], [3, 0, 1, 2]] {
      let view = StridedElements(permuting: shape, axes: axes)
      var target = [UInt32](repeating: .max, count: shape.count)
      target.withUnsafeMutableBytes { target in source.withUnsafeBytes { view.copy(from: $0, size: 4, to: target) } }
      let tensor = Tensor<Double>(shape, source.map(Double.init)).transposed(axes)
      #expect(tensor.elements == target.map(Double.init), "\(axes)")
    }
  }
}
