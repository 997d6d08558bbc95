import Autodiff
import BLAS
import Foundation
import NeuralNetworks
import Tensors

/// A network and its weights, run by several tasks at once.
///
/// It is Sendable because the weights are written before it exists and only read by plans; the graph, the state's list of
/// variables and the list of idle plans are touched under the lock; and a plan, with the memory it writes, belongs to the
/// one call that took it from the list.
final class InferenceEngine: @unchecked Sendable {
  private let graph = Graph<Float>()
  private let input: Node<Float>
  private let output: Node<Float>
  private let state = State<Float>()
  private let pool: ThreadPool
  private let lock = NSLock()
  /// Plans that no call uses, by batch.
  private var idle: [Int: [Plan<Float>]] = [:]

  /// Examples in one plan: larger calls take several turns.
  private static let largestBatch = 64

  init(_ model: Model, weights: [String: Tensor<Float>], pool: ThreadPool) throws {
    self.pool = pool
    input = graph.input(
      SymbolicShape([.batch] + model.inputShape.dimensions.map { Dimension($0) }), name: "input")
    output = model.network(input, mode: .inference).output
    try graph.validate()
    for (name, tensor) in weights { state[name] = tensor }
    give(try compile(batch: 1))
  }

  /// The outputs of inputs [n] + the input shape, example after example.
  func outputs(for inputs: Tensor<Float>) throws -> [Float] {
    let count = inputs.shape[0]
    let size = count > 0 ? inputs.count / count : 0
    var result: [Float] = []
    for start in stride(from: 0, to: count, by: Self.largestBatch) {
      let batch = min(Self.largestBatch, count - start)
      let plan = try take(batch: batch)
      defer { give(plan) }
      try plan.withInput(input) { target in
        inputs.withUnsafeBufferPointer {
          _ = target.update(from: UnsafeBufferPointer(rebasing: $0[start * size..<(start + batch) * size]))
        }
      }
      plan.run()
      try plan.withValue(of: output) { result += $0 }
    }
    return result
  }

  private func take(batch: Int) throws -> Plan<Float> {
    lock.lock()
    defer { lock.unlock() }
    if let plan = idle[batch]?.popLast() { return plan }
    return try compile(batch: batch)
  }

  private func compile(batch: Int) throws -> Plan<Float> {
    try graph.compile([output], batch: batch, state: state, pool: pool, updating: false)
  }

  private func give(_ plan: Plan<Float>) {
    lock.lock()
    defer { lock.unlock() }
    // Calls of one size are the rule; plans of others are not kept beside them for ever.
    if idle.count > 4, idle[plan.batch] == nil { idle.removeAll() }
    idle[plan.batch, default: []].append(plan)
  }
}
