import Foundation
import Tensors
import Testing

@testable import Interchange

@Suite struct SafetensorsSourceTests {
  @Test func everyElementTypeIsReadAndWrittenBitForBit() throws {
    let source = try SafetensorsSource(Fixtures.url("types.safetensors"))
    let pickled = try PyTorchFile(Fixtures.url("types.pth"))
    #expect(Set(source.entries.map(\.elementType)).count == 10)
    for entry in source.entries {
      #expect(try source.bytes(of: entry) == pickled.bytes(of: try pickled.entry(named: entry.name)), "\(entry.name)")
    }
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("out.safetensors")
      try TensorFiles.write(source, to: url)
      let written = try SafetensorsSource(url)
      #expect(Set(written.entries) == Set(source.entries))
      for entry in source.entries { #expect(try source.bytes(of: entry) == written.bytes(of: entry)) }
    }
  }

  @Test func halvesWidenInNumPyArchivesWhereNumPyHasNone() throws {
    let source = try SafetensorsSource(Fixtures.url("types.safetensors"))
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("out.npz")
      try TensorFiles.write(source, to: url)
      let written = try NPZFile(url)
      #expect(try written.entry(named: "float16").elementType == .float16)
      #expect(try written.entry(named: "bfloat16").elementType == .float32)
      #expect(try written.tensor("bfloat16") == Fixtures.counted([2, 3]) as Tensor<Float>)
    }
  }

  @Test func shardsAreOneSource() throws {
    let source = try TensorFiles.open(Fixtures.url("sharded/model.safetensors.index.json"))
    #expect(source.entries.map(\.name).sorted() == ["a", "b", "c"])
    #expect(try source.tensor("b") == Fixtures.counted([4], plus: 1) as Tensor<Float>)
    #expect(try source.tensor("c") == Fixtures.counted([2, 2], plus: 2) as Tensor<Float>)
    #expect(source.metadata["total_size"] == "40")
  }

  @Test(arguments: [
    (#""c": "model-00002-of-00002.safetensors""#, #""c": "../types.safetensors""#),
    (#""c": "model-00002-of-00002.safetensors""#, #""c": "model-00001-of-00002.safetensors""#),
    (#""c": "model-00002-of-00002.safetensors""#, #""d": "model-00002-of-00002.safetensors""#),
    (#""c": "model-00002-of-00002.safetensors""#, #""c": "none.safetensors""#), ("weight_map", "map"),
  ])
  func anIndexThatDoesNotAgreeIsAnError(_ old: String, _ new: String) throws {
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("sharded")
      try FileManager.default.copyItem(at: Fixtures.url("sharded"), to: copy)
      let index = copy.appendingPathComponent("model.safetensors.index.json")
      let text = try String(contentsOf: index, encoding: .utf8)
      try #require(text.contains(old))
      try text.replacingOccurrences(of: old, with: new).write(to: index, atomically: true, encoding: .utf8)
      #expect(throws: InterchangeError.self) { try TensorFiles.open(index) }
    }
  }

  @Test func formatsAreToldByTheEndsOfNames() throws {
    #expect(TensorFiles.Format(URL(fileURLWithPath: "a/MODEL.PTH")) == .pytorch)
    #expect(TensorFiles.Format(URL(fileURLWithPath: "model.safetensors.index.json")) == .sharded)
    #expect(TensorFiles.Format(URL(fileURLWithPath: "model.json")) == nil)
    #expect(throws: InterchangeError.self) { try TensorFiles.open(URL(fileURLWithPath: "model.txt")) }
    #expect(throws: InterchangeError.self) { try TensorFiles.checkWritable(URL(fileURLWithPath: "model.pth")) }
  }
}
