import Autodiff
import BLAS
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Training

/// Exclusive or of two signs, with some play: no linear network can learn it.
func exclusiveOr(count: Int, seed: UInt64 = 3) throws -> TensorDataset {
  var generator = RandomGenerator(seed: seed, stream: "exclusive or")
  var (inputs, targets): ([Float], [Float]) = ([], [])
  for index in 0..<count {
    let (a, b) = (index % 2, index / 2 % 2)
    inputs += [a, b].map { Float($0 * 2 - 1) + Float.random(in: -0.3...0.3, using: &generator) }
    targets.append(a == b ? 0 : 1)
  }
  return try TensorDataset(
    inputs: Tensor([count, 2], inputs), targets: Tensor([count], targets), classNames: ["equal", "different"])
}

/// Two hidden layers of tanh units before two outputs.
let smallNetwork = Sequential {
  Dense(8, activation: .tanh)
  Dense(8, activation: .tanh)
  Dense(2, name: "output")
}

/// A new folder that is removed at the end of `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("training-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The bits of every variable by name.
func bits(_ tensors: [String: Tensor<Float>]) -> [String: [UInt32]] {
  tensors.mapValues { $0.elements.map(\.bitPattern) }
}
