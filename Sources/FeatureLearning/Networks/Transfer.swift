import Autodiff
public import BLAS
public import NeuralNetworks
public import Tensors
public import Training

/// How a network for a new task begins.
public enum TransferMethod: Sendable, Hashable {
  /// All parameters are drawn anew.
  case scratch
  /// The layers up to the named one are taken over and stay as they are, those behind it up to the head are taken over and
  /// trained; nil keeps all but the head.
  case frozen(through: String?)
  /// All layers but the head are taken over, and all are trained, at rates that fall by this factor a layer from the head down.
  case fineTuned(decay: Double)
}

/// A network that was trained for one task, as the beginning of one for another.
///
/// ```swift
/// let source = Transfer(network, weights: trainer.weights)
/// let trainer = try source.trainer(.frozen(through: "s4"), classes: 5, input: [28, 28, 1], seed: 1)
/// try trainer.fit(fewImages, epochs: 30)
/// ```
public struct Transfer: Sendable {
  /// What was trained.
  public let network: Sequential
  /// Its variables by name, as `Trainer.weights` gives them.
  public let weights: [String: Tensor<Float>]

  /// Begins from a network and its weights.
  public init(_ network: Sequential, weights: [String: Tensor<Float>]) {
    (self.network, self.weights) = (network, weights)
  }

  /// A trainer of the same network with a head for other classes, whose other layers begin as `method` says.
  ///
  /// - Parameters:
  ///   - method: what is taken over and what is trained.
  ///   - classes: the outputs of the new head, which is always drawn anew.
  ///   - input: the shape of one example, as that of the trained network.
  ///   - loss: what is minimized.
  ///   - optimizer: how parameters are changed.
  ///   - schedule: how the optimizer's rate changes.
  ///   - seed: of the new parameters and the order of the examples.
  ///   - pool: the threads that share the work.
  /// - Throws: ``TransferError`` for a network without head and weights that do not fit it; `NetworkError` for a layer that it
  ///   does not have; `GraphError` where shapes do not fit.
  public func trainer(
    _ method: TransferMethod, classes: Int, input: Shape, loss: Loss = .softmaxCrossEntropy,
    optimizer: any Optimizer = SGD(learningRate: 0.05, momentum: 0.9), schedule: Schedule = .constant, seed: UInt64,
    pool: ThreadPool = .shared
  ) throws -> Trainer {
    let head = try network.headName()
    var target = try network.replacingHead(classes: classes)
    var factors: [String: Double] = [:]
    switch method {
    case .scratch: break
    case .frozen(let layer?): target = try target.freezing(through: layer)
    case .frozen(nil):
      target = try target.freezing(Set(target.layerNames.prefix { $0 != head }))
    case .fineTuned(let decay):
      guard decay > 0, decay <= 1 else { throw TransferError.decay(decay) }
      // The names alone, of a graph without memory or weights.
      let graph = Graph<Float>()
      let recorded = target(graph.input(SymbolicShape([.batch] + input.dimensions.map { Dimension($0) })))
      let names = recorded.context.entries.flatMap { $0.variables.map(\.name) }
      factors = DiscriminativeRates.factors(variableNames: names, decay: decay)
    }
    let trainer = try Trainer(
      target, input: input, loss: loss, optimizer: optimizer, schedule: schedule, rateFactors: factors, seed: seed,
      pool: pool)
    if method != .scratch { try takeOver(into: trainer, head: head) }
    return trainer
  }

  /// Puts all weights but the head's in the place of a trainer's, or throws and changes nothing.
  private func takeOver(into trainer: Trainer, head: String) throws {
    let own = trainer.weights
    var taken: [String: Tensor<Float>] = [:]
    for name in trainer.variableNames where !name.hasPrefix(head + ".") {
      guard let found = weights[name]?.shape, found == own[name]?.shape else {
        throw TransferError.weights(name: name, expected: own[name]?.shape, found: weights[name]?.shape)
      }
      taken[name] = weights[name]
    }
    trainer.restore(taken)
  }
}

/// Draws the same number of examples of every class, without repetition: the positions in `labels`, class by class.
///
/// - Throws: ``TransferError/tooFewExamples(class:expected:found:)`` where a class has less.
public func drawExamples(
  perClass count: Int, labels: [Int], classes: Int, generator: inout RandomGenerator
) throws(TransferError) -> [Int] {
  var result: [Int] = []
  for label in 0..<classes {
    var members = labels.indices.filter { labels[$0] == label }
    guard members.count >= count else {
      throw .tooFewExamples(class: label, expected: count, found: members.count)
    }
    generator.shuffle(&members)
    result += members.prefix(count)
  }
  return result
}

/// Why a network cannot be the beginning of another.
public enum TransferError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No layer is dense, so there is no head to replace.
  case noHead
  /// The last layer that has parameters is not dense, or it is one of several side by side.
  case headIsNotDense(layer: String)
  /// A head needs at least one class.
  case classCount(Int)
  /// Rates fall by a factor above 0 and at most 1.
  case decay(Double)
  /// A variable of the network is missing among the weights or has another shape there.
  case weights(name: String, expected: Shape?, found: Shape?)
  /// A class has fewer examples than were asked for.
  case tooFewExamples(class: Int, expected: Int, found: Int)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .noHead: "a head is the last dense layer, but the network has none"
    case .headIsNotDense(let layer):
      "a head is the last layer with parameters and dense, but those of '\(layer)' are not one dense layer's"
    case .classCount(let count): "a head needs at least one class, found \(count)"
    case .decay(let decay): "rates fall by a factor above 0 and at most 1 a layer, found \(decay)"
    case .weights(let name, let expected, let found):
      "the weights need '\(name)' of shape \(expected.map(\.description) ?? "none"), found "
        + (found?.description ?? "none of that name")
    case .tooFewExamples(let label, let expected, let found):
      "expected \(expected) examples of class \(label), found \(found)"
    }
  }
}
