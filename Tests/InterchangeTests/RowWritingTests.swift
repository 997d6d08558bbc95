import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

@testable import Interchange

@Suite struct RowWritingTests {
  static let rows: Tensor<Float> = Fixtures.counted([7, 5])
  static let rest = [
    TensorEntry(name: "labels", elementType: .float32, shape: [7]),
    TensorEntry(name: "files", elementType: .uint8, shape: [3]),
  ]

  /// Writes the rows in batches of three.
  private func write(_ rows: Tensor<Float>, count: Int = 7, beside rest: [TensorEntry], to url: URL) throws {
    try TensorWriter.writeRows("features", count: count, metadata: ["a": "b"], beside: rest, to: url) { write in
      let columns = rows.shape[1]
      for start in stride(from: 0, to: rows.shape[0], by: 3) {
        let end = min(start + 3, rows.shape[0])
        try write(Tensor([end - start, columns], Array(rows.elements[start * columns..<end * columns])))
      }
    } bytes: { entry in
      entry.name == "files" ? [1, 2, 3] : (0..<7).flatMap { [0, 0, 0x80, UInt8(0x3F + $0 % 2)] }
    }
  }

  @Test(arguments: ["npz", "safetensors", "npy"])
  func batchesAreTheWholeMatrix(_ format: String) throws {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("rows.\(format)")
      try write(Self.rows, beside: format == "npy" ? [] : Self.rest, to: url)
      let file = try TensorFiles.open(url)
      #expect(try file.tensor(format == "npy" ? "array" : "features") == Self.rows)
      guard format != "npy" else { return }
      #expect(try file.tensor("files") == Tensor<Float>([1, 2, 3]))
      let labels: Tensor<Float> = try file.tensor("labels")
      #expect(labels.elements.prefix(2) == [1, 4])
      if format == "safetensors" { #expect(file.metadata == ["a": "b"]) }
    }
  }

  @Test(arguments: ["npz", "safetensors", "npy"])
  func tooFewRowsTooManyOrWiderOnesLeaveNoFile(_ format: String) throws {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("rows.\(format)")
      for count in [0, 6, 8] {
        #expect(throws: InterchangeError.self) { try write(Self.rows, count: count, beside: [], to: url) }
      }
      #expect(throws: InterchangeError.self) {
        try TensorWriter.writeRows("features", count: 4, to: url) { write in
          try write(Tensor([2, 2], [1, 2, 3, 4]))
          try write(Tensor([2, 3], [1, 2, 3, 4, 5, 6]))
        }
      }
      if format == "npy" {
        #expect(throws: InterchangeError.self) { try write(Self.rows, beside: Self.rest, to: url) }
      }
      #expect(!FileManager.default.fileExists(atPath: url.path))
    }
  }

  @Test func aTrainerTakesTheTensorsOfAnySource() throws {
    let network = Sequential { Dense(2, name: "d") }
    let (from, into) = (try Trainer(network, input: [3], seed: 1), try Trainer(network, input: [3], seed: 2))
    var tensors = NamedTensors()
    for (name, tensor) in from.weights { tensors.insert(tensor, named: name) }
    try tensors.load(into: into)
    #expect(into.weights == from.weights)
    let before = into.weights
    var faulty = tensors
    faulty.insert(Tensor<Float>([2], [1, .nan]), named: "d.bias")
    #expect(throws: InterchangeError.self) { try faulty.load(into: into) }
    faulty.insert(Tensor<Float>([3], [1, 2, 3]), named: "d.bias")
    #expect(throws: InterchangeError.self) { try faulty.load(into: into) }
    var missing = NamedTensors()
    missing.insert(Tensor<Float>([2], [1, 1]), named: "d.bias")
    #expect(throws: InterchangeError.self) { try missing.load(into: into) }
    #expect(into.weights == before)
  }
}
