import Autodiff
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Weight files")
struct WeightsTests {
  func trainer(seed: UInt64 = 1, _ network: Sequential = smallNetwork) throws -> Trainer {
    try Trainer(network, input: [2], optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: seed)
  }

  @Test("give back every bit, under readable names, and say what they hold")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let first = try trainer()
      try first.fit(exclusiveOr(count: 16), epochs: 2, batch: 4)
      try Weights.save(first, to: url, metadata: ["architecture": "small", "variant": "tanh"])
      #expect(
        try Weights.metadata(of: url)
          == ["format": "ridgeline", "input": "2", "architecture": "small", "variant": "tanh"])
      #expect(
        try NamedTensors(contentsOf: url).names == [
          "dense1.bias", "dense1.kernel", "dense2.bias", "dense2.kernel", "output.bias", "output.kernel",
        ])
      let second = try trainer(seed: 2)
      #expect(bits(second.weights) != bits(first.weights))
      try Weights.load(into: second, from: url)
      #expect(bits(second.weights) == bits(first.weights))
      let data = try exclusiveOr(count: 8)
      #expect(try first.predict(data.inputs) == second.predict(data.inputs))
    }
  }

  @Test("a trainer that is made with a file draws nothing, and trains on as one that was drawn first")
  func loading() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let (first, data) = (try trainer(), try exclusiveOr(count: 16))
      try first.fit(data, epochs: 2, batch: 4)
      try Weights.save(first, to: url)
      func loaded(_ load: @escaping (Trainer) throws -> Void) throws -> Trainer {
        try Trainer(
          smallNetwork, input: [2], optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: 2, loading: load)
      }
      let direct = try loaded { trainer in
        #expect(trainer.weights.values.allSatisfy { $0.elements.allSatisfy { $0 == 0 } })
        try Weights.load(into: trainer, from: url)
      }
      #expect(bits(direct.weights) == bits(first.weights))
      let drawn = try trainer(seed: 2)
      try Weights.load(into: drawn, from: url)
      for trainer in [direct, drawn] { try trainer.fit(data, epochs: 2, batch: 4) }
      #expect(bits(direct.weights) == bits(drawn.weights) && bits(direct.weights) != bits(first.weights))
      // What does not fit is the error that it always was, and what is not loaded at all is one too.
      var tensors = NamedTensors()
      for (name, tensor) in first.weights { tensors.insert(tensor, named: name) }
      tensors["dense1.bias"] = nil
      try tensors.write(to: url)
      let error = #expect(throws: WeightsError.self) { try loaded { try Weights.load(into: $0, from: url) } }
      #expect(error?.missing == ["dense1.bias"])
      #expect(throws: GraphError.withoutValue(variables: ["dense1.bias"])) {
        try loaded { $0.restore(first.weights.filter { $0.key != "dense1.bias" }) }
      }
      #expect(throws: GraphError.withoutValue(variables: first.variableNames.sorted())) { try loaded { _ in } }
    }
  }

  @Test("a file that does not fit loads nothing and lists every tensor")
  func mismatch() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let trainer = try trainer()
      let before = bits(trainer.weights)
      var tensors = NamedTensors()
      for (name, tensor) in trainer.weights { tensors.insert(Tensor<Float>.ones(tensor.shape), named: name) }
      tensors["dense1.bias"] = nil
      tensors["output.kernel"] = nil
      tensors.insert(Tensor<Float>.ones([8, 9]), named: "dense2.kernel")
      tensors.insert(Tensor<Float>.ones([3]), named: "conv1.bias")
      tensors.insert(Tensor<Float>.ones([3]), named: "rest")
      try tensors.write(to: url)
      let error = #expect(throws: WeightsError.self) { try Weights.load(into: trainer, from: url) }
      #expect(error?.missing == ["dense1.bias", "output.kernel"])
      #expect(error?.extra == ["conv1.bias", "rest"])
      #expect(error?.misshapen.map(\.name) == ["dense2.kernel"])
      #expect(error?.misshapen.first?.expected == [8, 8])
      #expect(error?.misshapen.first?.found == [8, 9])
      for name in ["dense1.bias", "output.kernel", "conv1.bias", "rest", "dense2.kernel", "[8, 8]", "[8, 9]"] {
        #expect(error?.description.contains(name) == true, "\(name)")
      }
      #expect(bits(trainer.weights) == before)
    }
  }

  @Test("Double tensors are rounded")
  func rounding() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let trainer = try trainer()
      var tensors = NamedTensors()
      for (name, tensor) in trainer.weights {
        tensors.insert(Tensor<Double>(tensor.shape, repeating: 0.1), named: name)
      }
      try tensors.write(to: url)
      try Weights.load(into: trainer, from: url)
      #expect(trainer.weights.values.allSatisfy { $0.elements.allSatisfy { $0 == Float(0.1) } })
    }
  }

  @Test("running averages and fixed centres are part of a file")
  func buffers() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let network = Sequential {
        Dense(3)
        BatchNormalization()
        RadialBasis(centres: Tensor([2, 3], [1, -1, 1, -1, 1, -1]), name: "codes")
      }
      let trainer = try Trainer(network, input: [2], loss: .distance)
      try Weights.save(trainer, to: url)
      let names = try NamedTensors(contentsOf: url).names
      #expect(names.contains("batchnorm1.runningMean") && names.contains("codes.centres"))
    }
  }

  @Test("what is no weight file is refused, and the weights stay")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer()
      let before = bits(trainer.weights)
      for (name, bytes) in [
        ("empty", [UInt8]()), ("short", [1, 2, 3]), ("noise", [UInt8](repeating: 200, count: 400)),
      ] {
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        #expect(throws: SafetensorsError.self, "\(name)") { try Weights.load(into: trainer, from: url) }
      }
      #expect(throws: SafetensorsError.self) {
        try Weights.load(into: trainer, from: folder.appendingPathComponent("absent"))
      }
      #expect(bits(trainer.weights) == before)
    }
  }

  @Test("a place that cannot be written leaves the old file whole")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer()
      #expect(throws: SafetensorsError.self) {
        try Weights.save(trainer, to: folder.appendingPathComponent("absent/weights.safetensors"))
      }
      // A folder stands where the file should: its content must survive.
      let taken = folder.appendingPathComponent("taken")
      try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
      try Data("kept".utf8).write(to: taken.appendingPathComponent("kept"))
      #expect(throws: SafetensorsError.self) { try Weights.save(trainer, to: taken) }
      #expect(try String(contentsOf: taken.appendingPathComponent("kept"), encoding: .utf8) == "kept")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"], "nothing half-written")
    }
  }
}
