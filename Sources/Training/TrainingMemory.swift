import Autodiff
import BLAS
public import NeuralNetworks
public import Tensors

/// The memory that a training takes, in bytes, found by planning a step without taking any of it.
///
/// It does not count the data, the copy of all variables that is kept to go back to, the plans of evaluation and of second
/// derivatives, and what the program takes besides.
public struct TrainingMemory: Hashable, Sendable {
  /// Examples a step.
  public let batch: Int
  /// What the network's own variables take: weights, biases, running averages.
  public let parameterBytes: Int
  /// What the optimizer remembers, for instance velocities.
  public let optimizerBytes: Int
  /// What a step needs besides: activations and gradients, each only while it is needed, scratch, and the inputs.
  public let stepBytes: Int

  /// All of it.
  public var totalBytes: Int { parameterBytes + optimizerBytes + stepBytes }

  /// The memory of training `network` on batches of `batch` examples of shape `input`.
  ///
  /// - Parameter memoryBudget: the most bytes of activations, gradients and scratch of a step; what they take where nil.
  /// - Throws: `GraphError` where shapes do not fit, with the layer and the line where it was written.
  public init(
    _ network: Sequential, input: Shape, loss: Loss, optimizer: any Optimizer, batch: Int,
    memoryBudget: Int? = nil
  ) throws {
    let graph = try StepGraph(
      network, input: input, loss: loss, purpose: .training(optimizer, .none, nil, rateFactors: [:]), state: State(),
      pool: .shared, memoryBudget: memoryBudget)
    let use = try graph.requirement(batch: batch)
    // A layer that is applied twice has its variables once.
    let variables = graph.context.entries.flatMap { entry in entry.variables.map { ($0.name, $0.node) } }
    let own = Dictionary(variables) { first, _ in first }.values.reduce(0) { $0 + $1.shape.resolved(batch: 1).count }
    self.batch = batch
    parameterBytes = own * MemoryLayout<Float>.stride
    optimizerBytes = use.variableBytes - parameterBytes
    stepBytes = use.totalBytes - use.variableBytes
  }
}
