import Foundation
import Ridgeline

extension Consumer {
  /// Two classes of points, inside and outside a circle: no linear network can tell them apart.
  private static func circle(count: Int, seed: UInt64) throws -> TensorDataset {
    var generator = RandomGenerator(seed: seed, stream: "circle")
    var (inputs, targets): ([Float], [Float]) = ([], [])
    for _ in 0..<count {
      let (x, y) = (Float.random(in: -1...1, using: &generator), Float.random(in: -1...1, using: &generator))
      inputs += [x, y]
      targets.append(x * x + y * y < 0.6 ? 0 : 1)
    }
    return try TensorDataset(
      inputs: Tensor([count, 2], inputs), targets: Tensor([count], targets), classNames: ["inside", "outside"])
  }

  /// A small network learns, and its weights survive a file to the last bit.
  static func training() throws {
    let network = Sequential {
      Dense(16, activation: .tanh)
      Dense(2)
    }
    func makeTrainer(seed: UInt64) throws -> Trainer {
      try Trainer(
        network, input: [2], loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9), seed: seed)
    }
    let data = try circle(count: 512, seed: 1)
    let trainer = try makeTrainer(seed: 1)
    let before = try trainer.evaluate(data).loss
    try trainer.fit(data, epochs: 20, batch: 16)
    let after = try trainer.evaluate(data).loss
    expect(after < before / 2, "the loss went from \(before) to \(after)")

    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try Weights.save(trainer, to: file)
    let other = try makeTrainer(seed: 2)
    expect(try other.predict(data.inputs) != trainer.predict(data.inputs), "two seeds give the same network")
    try Weights.load(into: other, from: file)
    expect(try other.predict(data.inputs) == trainer.predict(data.inputs), "loaded weights predict something else")
  }
}
