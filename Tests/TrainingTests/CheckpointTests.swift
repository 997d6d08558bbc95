import Autodiff
import BLAS
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

/// Training that is interrupted and goes on.
@Suite("Checkpoints")
struct CheckpointTests {
  private static let network = Sequential {
    Dense(8, activation: .tanh)
    Dropout(0.2)
    BatchNormalization()
    Dense(2)
  }

  /// A fresh trainer, as a new process would make it.
  private func trainer(seed: UInt64 = 7, rate: Double = 0.05, _ network: Sequential = network) throws -> Trainer {
    try Trainer(
      network, input: [2], optimizer: SGD(learningRate: rate, momentum: 0.9),
      schedule: .plateau(factor: 0.5, patience: 1), seed: seed)
  }

  /// Trains for 5 epochs of 6 steps, and stops after `limit` of them.
  private func train(
    _ trainer: Trainer, on data: (any Dataset)? = nil, in folder: URL?, every steps: Int = 4, resumes: Bool = true,
    epochs: Int = 5, batch: Int = 10, stoppingAfter limit: Int = .max, accumulation: GradientAccumulation? = nil
  ) throws -> History {
    var made = 0
    return try trainer.fit(
      try data ?? exclusiveOr(count: 57), epochs: epochs, batch: batch, accumulation: accumulation,
      validation: try exclusiveOr(count: 20, seed: 9), earlyStopping: EarlyStopping(patience: 4),
      checkpoints: folder.map { Checkpoints(directory: $0, everySteps: steps, resumes: resumes) },
      shouldStop: {
        made += 1
        return made == limit
      })
  }

  /// The history without its clock.
  private func figures(_ history: History) -> [[Double?]] {
    history.epochs.map {
      [Double($0.epoch), $0.learningRate, $0.loss, $0.error, $0.validationLoss, $0.validationError]
    }
      + [history.stepLosses.map { Double($0) }, [history.bestEpoch.map { Double($0) }]]
  }

  @Test("training goes on to the same bits from any step", arguments: [1, 3, 4, 5, 6, 7, 11, 12, 18, 23, 29, 30])
  func resumes(_ stop: Int) throws {
    let whole = try trainer()
    let wanted = try train(whole, in: nil)
    try withTemporaryFolder { folder in
      #expect(try train(try trainer(), in: folder, stoppingAfter: stop).wasStopped)
      let second = try trainer()
      let found = try train(second, in: folder)
      #expect(bits(second.weights) == bits(whole.weights))
      #expect(bits(second.state.tensors) == bits(whole.state.tensors))
      #expect(figures(found) == figures(wanted))
      #expect(second.stepCount == whole.stepCount && second.epochCount == whole.epochCount)
      // Once finished, there is nothing left to do.
      let third = try trainer()
      #expect(figures(try train(third, in: folder)) == figures(wanted) && bits(third.weights) == bits(whole.weights))
    }
  }

  @Test("a run that died between two checkpoints repeats the steps after the last one, several times over")
  func dies() throws {
    let whole = try trainer()
    let wanted = try train(whole, in: nil)
    try withTemporaryFolder { folder in
      for limit in [3, 6, 2, 9, 5] {
        let data = DyingDataset(try exclusiveOr(count: 57), after: limit * 10)
        #expect(throws: (any Error).self) { try train(try trainer(), on: data, in: folder, every: 2) }
      }
      let last = try trainer()
      let found = try train(last, in: folder, every: 2)
      #expect(bits(last.weights) == bits(whole.weights) && figures(found) == figures(wanted))
    }
  }

  @Test("a step that is made part by part goes on too, and its sums are not kept")
  func parts() throws {
    let network = smallNetwork
    let accumulation = GradientAccumulation(microBatch: 4)
    let whole = try trainer(network)
    _ = try train(whole, in: nil, accumulation: accumulation)
    try withTemporaryFolder { folder in
      _ = try train(
        try trainer(network), in: folder, every: 100, stoppingAfter: 8, accumulation: accumulation)
      let file = try NamedTensors(contentsOf: folder.appendingPathComponent("checkpoint.safetensors"))
      #expect(!file.names.contains { $0.hasSuffix("gradient sum") })
      let second = try trainer(network)
      _ = try train(second, in: folder, every: 100, accumulation: accumulation)
      #expect(bits(second.weights) == bits(whole.weights))
    }
  }

  @Test("without resuming, training starts anew and replaces the file")
  func startsAnew() throws {
    try withTemporaryFolder { folder in
      let first = try trainer()
      _ = try train(first, in: folder, epochs: 1)
      let second = try trainer()
      _ = try train(second, in: folder, resumes: false, epochs: 1)
      #expect(bits(second.weights) == bits(first.weights) && second.stepCount == 6)
    }
  }

  @Test("a validation loss that is infinite under any weights is kept as it is")
  func infiniteLoss() throws {
    let far = try TensorDataset(inputs: Tensor([1, 2], [1, 1]), targets: Tensor([1, 1], [1e30]), classNames: [])
    let near = try TensorDataset(
      inputs: Tensor([4, 2], [0, 1, 1, 0, 1, 1, 0, 0]), targets: Tensor([4, 1], [1, 0, 1, 0]), classNames: [])
    try withTemporaryFolder { folder in
      func validationLosses(epochs: Int) throws -> [Double?] {
        let trainer = try Trainer(
          Sequential { Dense(1) }, input: [2], loss: .squaredError, optimizer: SGD(learningRate: 0.01), seed: 1)
        return try trainer.fit(
          near, epochs: epochs, batch: 2, validation: far,
          checkpoints: Checkpoints(directory: folder, everySteps: 1, resumes: true)
        ).epochs.map(\.validationLoss)
      }
      let first = try validationLosses(epochs: 1)
      let both = try validationLosses(epochs: 2)
      #expect(first == [.infinity] && both == [.infinity, .infinity])
    }
  }

  @Test("a folder that cannot be written is refused before the first step")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let trainer = try trainer()
      do {
        _ = try train(trainer, in: file.appendingPathComponent("inside"))
        Issue.record("a folder in a file was accepted")
      } catch CheckpointError.unwritable(let path, _) {
        #expect(path.hasPrefix(file.path))
      }
      #expect(trainer.stepCount == 0)
    }
  }

  @Test("more epochs go on from a finished run")
  func moreEpochs() throws {
    let whole = try trainer()
    _ = try train(whole, in: nil, epochs: 4)
    try withTemporaryFolder { folder in
      _ = try train(try trainer(), in: folder, epochs: 2)
      let second = try trainer()
      _ = try train(second, in: folder, epochs: 4)
      #expect(bits(second.weights) == bits(whole.weights))
    }
  }

  /// Expects that `body` throws and that the file stays as it was.
  private func expectRefusal(
    _ folder: URL, _ what: String, _ words: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let file = folder.appendingPathComponent("checkpoint.safetensors")
    let before = try? Data(contentsOf: file)
    do {
      try body()
      Issue.record("\(what) was accepted", sourceLocation: sourceLocation)
    } catch {
      for word in words + [file.path] {
        #expect("\(error)".contains(word), "\(what): \(error)", sourceLocation: sourceLocation)
      }
    }
    #expect((try? Data(contentsOf: file)) == before, "\(what)", sourceLocation: sourceLocation)
  }

  @Test("a checkpoint of another run is refused by what differs, and kept")
  func anotherRun() throws {
    try withTemporaryFolder { folder in
      _ = try train(try trainer(), in: folder, epochs: 1)
      expectRefusal(folder, "another seed", ["seed", "7", "8"]) { _ = try train(try trainer(seed: 8), in: folder) }
      expectRefusal(folder, "another rate", ["optimizer", "0.05", "0.06"]) {
        _ = try train(try trainer(rate: 0.06), in: folder)
      }
      expectRefusal(folder, "another batch", ["batch", "10", "12"]) {
        _ = try train(try trainer(), in: folder, batch: 12)
      }
      expectRefusal(folder, "another network", ["output.kernel", "missing"]) {
        _ = try train(try trainer(smallNetwork), in: folder)
      }
      let identified = Checkpoints(
        directory: folder, everySteps: 4, resumes: true, identity: ["architecture": "mlp"])
      expectRefusal(folder, "another architecture", ["architecture", "mlp", "not said"]) {
        _ = try trainer().fit(try exclusiveOr(count: 57), epochs: 5, batch: 10, checkpoints: identified)
      }
      #expect(throws: CheckpointError.interval(0)) { try train(try trainer(), in: folder, every: 0) }
    }
  }

  @Test("a damaged checkpoint is refused by name, whatever is cut off or changed, and kept")
  func damaged() throws {
    try withTemporaryFolder { folder in
      _ = try train(try trainer(), in: folder, epochs: 1)
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let good = try Data(contentsOf: file)
      for count in [0, 1, 7, 8, 100, good.count / 2, good.count - 1] {
        try good.prefix(count).write(to: file)
        expectRefusal(folder, "\(count) of \(good.count) bytes", []) { _ = try train(try trainer(), in: folder) }
      }
      func rewritten(_ change: (inout NamedTensors) -> Void) throws {
        try good.write(to: file)
        var tensors = try NamedTensors(contentsOf: file)
        change(&tensors)
        try tensors.write(to: file)
      }
      try rewritten { $0.metadata["format"] = "ridgeline" }
      expectRefusal(folder, "weights", ["no checkpoint"]) { _ = try train(try trainer(), in: folder) }
      try rewritten { $0.metadata["version"] = "2" }
      expectRefusal(folder, "version 2", ["format 2", "format 1"]) { _ = try train(try trainer(), in: folder) }
      try rewritten { $0.metadata["position"] = "{}" }
      expectRefusal(folder, "no position", ["damaged"]) { _ = try train(try trainer(), in: folder) }
      try rewritten {
        $0.metadata["position"] = $0.metadata["position"]?.replacingOccurrences(
          of: "\"stepCount\":6", with: "\"stepCount\":-6")
      }
      expectRefusal(folder, "a negative step", ["damaged", "negative"]) { _ = try train(try trainer(), in: folder) }
      try rewritten { $0["step losses"] = nil }
      expectRefusal(folder, "no losses", ["losses"]) { _ = try train(try trainer(), in: folder) }
      try rewritten { $0["variable/dense1.kernel"] = nil }
      expectRefusal(folder, "no kernel", ["dense1.kernel", "missing"]) { _ = try train(try trainer(), in: folder) }
      try rewritten { $0.insert(Tensor<Float>([3], [1, 2, 3]), named: "variable/dense1.bias") }
      expectRefusal(folder, "another shape", ["dense1.bias", "[3]"]) { _ = try train(try trainer(), in: folder) }
    }
  }
}

/// Data that fail after a number of examples were read, as a process that is killed never sees more.
private final class DyingDataset: Dataset, @unchecked Sendable {
  private let data: TensorDataset
  private let lock = NSLock()
  private var left: Int

  init(_ data: TensorDataset, after count: Int) {
    self.data = data
    left = count
  }

  struct Death: Error {}

  var count: Int { data.count }
  var exampleShape: Shape { data.exampleShape }
  var targetShape: Shape { data.targetShape }
  var classNames: [String] { data.classNames }

  func copyExample(
    _ index: Int, into example: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let isAlive = lock.withLock {
      left -= 1
      return left >= 0
    }
    guard isAlive else { throw Death() }
    try data.copyExample(index, into: example, target: target)
  }
}
