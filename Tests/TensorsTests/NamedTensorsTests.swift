import BLAS
import Foundation
import Testing

@testable import Tensors

struct NamedTensorsTests {
  static func fixture(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"))
  }

  /// What `Fixtures/make_safetensors.py` writes.
  static var reference: NamedTensors {
    var tensors = NamedTensors(metadata: ["model": "café 😀"])
    tensors.insert([[0, 0.25, 0.5], [0.75, 1, 1.25]] as Tensor<Float>, named: "dense/kernel")
    tensors.insert(Tensor<Float>([-1.5, .infinity, .leastNonzeroMagnitude]), named: "dense/bias")
    tensors.insert([0.1, -2.5e300] as Tensor<Double>, named: "coefficients")
    tensors.insert(7 as Tensor<Double>, named: "scalar")
    tensors.insert(Tensor<Float>([0, 4], []), named: "empty")
    tensors.insert([1] as Tensor<Float>, named: "quoted \"name\" \\ \n ü \u{1}")
    return tensors
  }

  @Test func readsTheReferenceImplementation() throws {
    let tensors = try NamedTensors(contentsOf: Self.fixture("reference"))
    #expect(tensors == Self.reference)
    #expect(tensors.names.first == "coefficients" && tensors.count == 6)
  }

  @Test func writesTheReferenceImplementationsBytes() throws {
    let folder = try TemporaryFolder()
    try Self.reference.write(to: folder.file("written.safetensors"))
    #expect(try Data(contentsOf: folder.file("written.safetensors")) == Data(contentsOf: Self.fixture("reference")))
    #expect(try folder.names() == ["written.safetensors"])
  }

  @Test func halfPrecisionWidens() throws {
    let file = try SafetensorsFile(Self.fixture("half"))
    #expect(file.entries.map(\.name) == ["brain", "brain/widened", "half", "half/widened", "steps"])
    for name in ["half", "brain"] {
      let widened: Tensor<Float> = try file.tensor(name)
      let expected: Tensor<Float> = try file.tensor("\(name)/widened")
      #expect(widened.elements.map(\.bitPattern) == expected.elements.map(\.bitPattern))
    }
    #expect(float(half: 0x7E00).isNaN && float(half: 0xFE01).isNaN && float(brain: 0x7FC0).isNaN)
    // Every finite half is a multiple of 2⁻²⁴ and its bits say which.
    for bits in UInt16(0)..<0x7C00 {
      let (exponent, fraction) = (Int(bits >> 10), Float(bits & 0x3FF))
      let expected =
        exponent == 0
        ? fraction * 0x1p-24 : (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
      #expect(float(half: bits) == expected)
    }
  }

  @Test func integersAreListedButNotRead() throws {
    let url = try Self.fixture("half")
    let file = try SafetensorsFile(url)
    #expect(file.entry(named: "steps")?.elementType == .int64)
    let error = #expect(throws: SafetensorsError.self) { try file.tensor("steps", of: Float.self) }
    #expect(error?.key == "steps" && error?.file == url.path && error?.offset != nil)
    #expect(throws: SafetensorsError.self) { try NamedTensors(contentsOf: url) }
    #expect(throws: SafetensorsError(file: url.path, key: "none", reason: .missingTensor)) {
      try file.tensor("none", of: Float.self)
    }
  }

  @Test func precisionIsNotLostUnasked() throws {
    let tensors = Self.reference
    #expect(try tensors.tensor("dense/bias", of: Double.self)[0] == -1.5)
    #expect(throws: NamedTensorsError.precision(name: "scalar", found: "F64", expected: "Float")) {
      try tensors.tensor("scalar", of: Float.self)
    }
    #expect(try tensors.tensor("scalar", of: Float.self, allowingRounding: true) == 7)
    let file = try SafetensorsFile(Self.fixture("reference"))
    #expect(throws: SafetensorsError.self) { try file.tensor("scalar", of: Float.self) }
    #expect(try file.tensor("scalar", of: Float.self, allowingRounding: true) == 7)
  }

  @Test func lookingUp() throws {
    var tensors = Self.reference
    #expect(throws: NamedTensorsError.shape(name: "dense/kernel", found: [2, 3], expected: [3, 2])) {
      try tensors.tensor("dense/kernel", of: Float.self, shape: [3, 2])
    }
    let error = #expect(throws: NamedTensorsError.self) { try tensors.tensor("dense/weight", of: Float.self) }
    #expect(error?.description.contains("dense/kernel") == true)
    tensors["scalar"] = nil
    #expect(tensors.count == 5 && tensors["scalar"] == nil && tensors["empty"]?.shape == [0, 4])
  }

  @Test func manyTensorsAndTheEmptyCollection() throws {
    let folder = try TemporaryFolder()
    var tensors = NamedTensors()
    try tensors.write(to: folder.file("empty"))
    #expect(try NamedTensors(contentsOf: folder.file("empty")) == tensors)
    for index in 0..<500 { tensors.insert(Tensor<Float>([index % 7], repeating: Float(index)), named: "t\(index)") }
    tensors.metadata = ["": "\u{0} \" / \\ \t\r\u{8}\u{c}\u{1f}\u{7f}\u{2028}"]
    try tensors.write(to: folder.file("many"))
    #expect(try NamedTensors(contentsOf: folder.file("many")) == tensors)
    let header = try Data(contentsOf: folder.file("many")).prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(header.isMultiple(of: 8))
  }

  @Test func unwritablePlacesLeaveTheOldFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("weights.safetensors")
    try Self.reference.write(to: file)
    var bad = Self.reference
    bad.insert([1] as Tensor<Float>, named: "__metadata__")
    #expect(throws: SafetensorsError(file: file.path, key: "__metadata__", reason: .reservedName)) {
      try bad.write(to: file)
    }
    #expect(try NamedTensors(contentsOf: file) == Self.reference)
    let error = #expect(throws: SafetensorsError.self) {
      try Self.reference.write(to: folder.file("missing/weights.safetensors"))
    }
    guard case .file(let cause) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(cause.cause == .system(ENOENT))
    #expect(try folder.names() == ["weights.safetensors"])
  }

  #if os(Linux)
    @Test func aFullDiskIsATypedError() throws {
      let writer = FileWriter(try FileDescriptor("/dev/full", flags: O_WRONLY))
      #expect(throws: FileError(path: "/dev/full", operation: .write, cause: .system(ENOSPC))) {
        try writer.write(Array("elements".utf8))
      }
    }
  #endif
}
