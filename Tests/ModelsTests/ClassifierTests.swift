import Autodiff
import BLAS
import Datasets
import Foundation
import Tensors
import Testing
import Training

@testable import Models

@Suite("Classifiers")
struct ClassifierTests {
  private static let names = (0..<10).map { "digit \($0)" }

  /// Calls `body` with a file of drawn weights of LeNet-5 and the trainer that they are of.
  private func withFile(
    _ metadata: [String: String] = [:], _ body: (URL, Trainer) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("classifier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try Model(named: "lenet5")
    let trainer = try model.makeTrainer(steps: 1, seed: 3)
    let url = folder.appendingPathComponent("model.safetensors")
    let own = ["class_names": String(decoding: try JSONEncoder().encode(Self.names), as: UTF8.self)]
      .merging([WeightsDigest.key: WeightsDigest.sha256(of: trainer.weights)]) { $1 }
    try Weights.save(trainer, to: url, metadata: model.metadata.merging(own) { $1 }.merging(metadata) { $1 })
    try await body(url, trainer)
  }

  private static func inputs(_ count: Int, seed: UInt64) -> Tensor<Float> {
    var generator = RandomGenerator(seed: seed)
    return Tensor([count, 28, 28, 1], (0..<count * 784).map { _ in Float(generator.normal()) })
  }

  @Test("many tasks at once get the trainer's answers, whatever the size of their calls")
  func tasks() async throws {
    try await withFile { url, trainer in
      let classifier = try Classifier(contentsOf: url)
      #expect(classifier.digest == WeightsDigest.sha256(of: trainer.weights) && classifier.classNames == Self.names)
      let calls = (0..<40).map { number in (number, Self.inputs([1, 3, 70][number % 3], seed: UInt64(number))) }
      let expected = try calls.map { try trainer.predict($0.1) }
      let answers = try await withThrowingTaskGroup(of: (Int, [Classifier.Answer]).self) { group in
        for (number, inputs) in calls { group.addTask { (number, try classifier.classify(inputs)) } }
        return try await group.reduce(into: [Int: [Classifier.Answer]]()) { $0[$1.0] = $1.1 }
      }
      for (number, outputs) in expected.enumerated() {
        let found = try #require(answers[number])
        #expect(found.map(\.classIndex) == trainer.classes(of: outputs))
        for (row, answer) in found.enumerated() {
          #expect(answer.className == "digit \(answer.classIndex)")
          let own = trainer.probabilities(of: Array(outputs.elements[row * 10..<(row + 1) * 10]))
          #expect(zip(own, answer.probabilities).allSatisfy { abs($0 - $1) < 1e-5 })
        }
      }
    }
  }

  @Test("calls of every size and many at once leave a bounded number of plans behind")
  func idlePlans() async throws {
    let model = try Model(named: "lenet5")
    let state = try model.makeTrainer(steps: 1, seed: 3).state
    let engine = try InferenceEngine(model, state: state, activationMemory: 1 << 30, pool: ThreadPool(threads: 2))
    for count in 1...9 { _ = try engine.outputs(for: Self.inputs(count, seed: 1)) }
    #expect(engine.idleCount == 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<24 { group.addTask { _ = try engine.outputs(for: Self.inputs(number % 3 + 1, seed: 1)) } }
      try await group.waitForAll()
    }
    #expect(engine.idleCount <= 4)
    // What was used last is kept: a call of the largest batch and a rest finds both again.
    let inputs = Self.inputs(InferenceEngine.largestBatch + 6, seed: 2)
    let first = try engine.outputs(for: inputs)
    #expect(try engine.outputs(for: inputs) == first && engine.idleCount <= 4)
  }

  @Test("a call and the plans between calls hold a bounded number of bytes, and answers do not depend on it")
  func activationMemory() async throws {
    let model = try Model(named: "lenet5")
    let trainer = try model.makeTrainer(steps: 1, seed: 3)
    func engine(_ bytes: Int) throws -> InferenceEngine {
      try InferenceEngine(model, state: trainer.state, activationMemory: bytes, pool: ThreadPool(threads: 2))
    }
    func difference(_ a: [Float], _ b: [Float]) -> Float {
      a.count == b.count ? zip(a, b).map { abs($0 - $1) / max(abs($0), abs($1), 1) }.max() ?? 0 : .infinity
    }
    let free = try engine(1 << 30)
    // The plan for one example is there from the start.
    let one = free.idleBytes
    let calls = [1, 2, 3, 4, 5, 6, 40]
    let expected = try calls.map { try free.outputs(for: Self.inputs($0, seed: 1)) }
    #expect(one > 0 && free.idleBytes > 40 * one)
    for bound in [one, 6 * one] {
      let bounded = try engine(bound)
      for (count, outputs) in zip(calls + calls, expected + expected) {
        #expect(difference(try bounded.outputs(for: Self.inputs(count, seed: 1)), outputs) < 1e-5)
        #expect(bounded.idleBytes <= bound && bounded.idleCount > 0)
      }
    }
    // Where not even one example fits nothing is kept.
    let none = try engine(one - 1)
    #expect(none.idleCount == 0)
    #expect(difference(try none.outputs(for: Self.inputs(3, seed: 1)), expected[2]) < 1e-5)
    #expect(none.idleCount == 0 && none.idleBytes == 0)
  }

  @Test("a state that lacks a weight is an error, not a network of zeros")
  func missingWeight() throws {
    let model = try Model(named: "lenet5")
    let state = try model.makeTrainer(steps: 1, seed: 3).state
    state["c1.bias"] = nil
    #expect(throws: GraphError.withoutValue(variables: ["c1.bias"])) {
      try InferenceEngine(model, state: state, activationMemory: 1 << 20, pool: ThreadPool(threads: 1))
    }
  }

  @Test("an image is prepared as the file says")
  func image() async throws {
    try await withFile { url, trainer in
      let classifier = try Classifier(contentsOf: url)
      let image = Image(height: 28, width: 28, channels: 1, bytes: (0..<784).map { UInt8($0 % 251) })
      let input = try #require(classifier.preparation).input(image, using: RandomGenerator(seed: 0))
      let outputs = try trainer.predict(Tensor([1, 28, 28, 1], input.elements))
      #expect(try classifier.classify(image).classIndex == trainer.classes(of: outputs)[0])
    }
  }

  @Test("changed weights, metadata that do not fit and inputs of another shape are typed errors")
  func errors() async throws {
    try await withFile([WeightsDigest.key: String(repeating: "0", count: 64)]) { url, trainer in
      let found = WeightsDigest.sha256(of: trainer.weights)
      #expect(
        throws: ClassifierError.digest(file: url.path, expected: String(repeating: "0", count: 64), found: found)
      ) { try Classifier(contentsOf: url) }
    }
    let eleven = String(decoding: try JSONEncoder().encode(Self.names + ["another"]), as: UTF8.self)
    for (key, text) in [("class_names", "{}"), ("class_names", eleven), ("preparation", "[]")] {
      try await withFile([key: text]) { url, _ in
        let error = #expect(throws: ClassifierError.self) { try Classifier(contentsOf: url) }
        #expect(error?.description.contains(key) == true)
      }
    }
    try await withFile(["architecture": "lenet9"]) { url, _ in
      #expect(throws: ModelError.self) { try Classifier(contentsOf: url) }
    }
    try await withFile { url, _ in
      let classifier = try Classifier(contentsOf: url)
      #expect(throws: ClassifierError.inputShape(expected: [28, 28, 1], found: [1, 784])) {
        try classifier.classify(Tensor([1, 784], repeating: 0))
      }
    }
  }

  @Test("SHA-256 of the standard's examples, however the bytes are divided")
  func hashes() {
    func hash(_ bytes: [UInt8], pieces: Int) -> String {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: pieces) {
        Array(bytes[start..<min(bytes.count, start + pieces)]).withUnsafeBytes { hash.update($0) }
      }
      return hash.hexadecimal
    }
    let examples = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]
    for (text, expected) in examples {
      for pieces in [1, 7, 64, 1000] { #expect(hash(Array(text.utf8), pieces: pieces) == expected) }
    }
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      hash(million, pieces: 1000) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
