public import Autodiff
import BLAS
public import NeuralNetworks
public import Tensors

/// The kernel calls that a step is made of, found by planning it without drawing a weight or taking memory.
///
/// ```swift
/// let plan = try Model(named: "vgg16").stepPlan(.training, batch: 8)
/// for call in plan.calls { print(call.scope, call.operations, call.choice?.method ?? "") }
/// ```
public struct StepPlan: Hashable, Sendable {
  /// Examples a step.
  public let batch: Int
  /// The calls in their order: what each computes, how, and why in that way.
  public let calls: [PlannedCall]

  /// Plans a step of `network` on batches of `batch` examples of shape `input`.
  ///
  /// - Parameters:
  ///   - step: forward, backward and update, or forward alone.
  ///   - optimizer: whose updates are part of a training step.
  ///   - memoryBudget: the most bytes of activations, gradients and scratch of a training step; what they take where nil. For
  ///     less than that, activations are computed again.
  /// - Throws: `GraphError` where shapes do not fit or an algorithm was asked for that cannot compute a convolution, with the
  ///   layer and the line where it was written.
  public init(
    _ step: Trainer.TimedStep, of network: Sequential, input: Shape, loss: Loss, optimizer: any Optimizer, batch: Int,
    memoryBudget: Int? = nil
  ) throws {
    let graph = try StepGraph(
      network, input: input, loss: loss,
      purpose: step == .training ? .training(optimizer, .none, nil, rateFactors: [:]) : .inference, state: State(),
      pool: .shared, memoryBudget: step == .training ? memoryBudget : nil)
    self.batch = batch
    calls = try graph.calls(batch: batch)
  }
}
