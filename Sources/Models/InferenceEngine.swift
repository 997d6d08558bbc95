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
  private let state: State<Float>
  private let pool: ThreadPool
  private let lock = NSLock()
  /// Plans that no call uses, the one that was used last at the end.
  private var idle: [Plan<Float>] = []
  /// How many of them are kept: for each thread one of the largest batch and one of a call's rest. More calls at once than
  /// threads gain nothing, and a plan's activations are memory that a quiet process should not hold.
  private let idleLimit: Int
  /// The most bytes of a plan's arena, and of those of the idle plans together.
  private let activationMemory: Int
  /// The most examples in one plan, once a call has asked: larger calls take several turns.
  private var batchLimit: Int?

  /// The most examples in one plan, whatever the memory.
  static let largestBatch = 64

  /// An engine that runs a network with the weights of a state, which nothing else touches any more.
  ///
  /// - Throws: `GraphError` where the state lacks a weight of the network or has one of another shape.
  init(_ model: Model, state: State<Float>, activationMemory: Int, pool: ThreadPool) throws {
    (self.state, self.pool, self.activationMemory) = (state, pool, activationMemory)
    idleLimit = 2 * pool.threadCount
    input = graph.input(
      SymbolicShape([.batch] + model.inputShape.dimensions.map { Dimension($0) }), name: "input")
    output = model.network(input, mode: .inference).output
    try graph.validate()
    give(try state.withoutDrawing { try compile(batch: 1) })
  }

  /// The outputs of inputs [n] + the input shape, example after example.
  func outputs(for inputs: Tensor<Float>) throws -> [Float] {
    let count = inputs.shape[0]
    let size = count > 0 ? inputs.count / count : 0
    var result: [Float] = []
    let limit = try largestBatch(of: count)
    for start in stride(from: 0, to: count, by: limit) {
      let batch = min(limit, count - start)
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

  /// How many of a call's examples one plan takes: no more than fit the memory, which compute as fast a piece.
  private func largestBatch(of count: Int) throws -> Int {
    if count <= 1 { return 1 }
    lock.lock()
    defer { lock.unlock() }
    if let batchLimit { return batchLimit }
    var batch = Self.largestBatch
    while batch > 1,
      try graph.requirement([output], batch: batch, state: state, updating: false).arenaBytes > activationMemory
    {
      batch /= 2
    }
    batchLimit = batch
    return batch
  }

  /// How many plans are kept for later calls.
  var idleCount: Int { lock.withLock { idle.count } }

  /// The bytes of their arenas.
  var idleBytes: Int { lock.withLock { idle.reduce(0) { $0 + $1.arenaBytes } } }

  private func take(batch: Int) throws -> Plan<Float> {
    lock.lock()
    defer { lock.unlock() }
    if let index = idle.lastIndex(where: { $0.batch == batch }) { return idle.remove(at: index) }
    return try compile(batch: batch)
  }

  private func compile(batch: Int) throws -> Plan<Float> {
    try graph.compile([output], batch: batch, state: state, pool: pool, updating: false)
  }

  private func give(_ plan: Plan<Float>) {
    lock.lock()
    defer { lock.unlock() }
    // One that is too large alone, as of a single example, pushes no other out.
    guard plan.arenaBytes <= activationMemory else { return }
    idle.append(plan)
    var bytes = idle.reduce(0) { $0 + $1.arenaBytes }
    while idle.count > idleLimit || bytes > activationMemory { bytes -= idle.removeFirst().arenaBytes }
  }
}
