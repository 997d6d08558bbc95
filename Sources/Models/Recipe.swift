public import BLAS
import Datasets
public import NeuralNetworks
import Tensors
public import Training

/// How a network is trained: everything but the data.
public struct Recipe: Sendable {
  /// What is minimized.
  public var loss: Loss
  /// How parameters are changed, with the rate at the start.
  public var optimizer: any Optimizer
  /// How the rate changes.
  public var annealing: Annealing
  /// Examples a step.
  public var batch: Int
  /// Passes over the data.
  public var epochs: Int

  /// A schedule that may depend on how long training lasts.
  public enum Annealing: Sendable, Hashable {
    /// A schedule as it is.
    case fixed(Schedule)
    /// Half a cosine from the optimizer's rate to 0 over the whole training (Loshchilov and Hutter 2017).
    case cosine
  }

  /// The schedule of a training of so many steps.
  public func schedule(steps: Int) -> Schedule {
    switch annealing {
    case .fixed(let schedule): schedule
    case .cosine: .cosine(steps: steps, minimum: 0)
    }
  }
}

extension Model {
  /// A trainer for the model under its recipe.
  ///
  /// - Parameters:
  ///   - recipe: the model's own where none is given.
  ///   - steps: how many steps training will take; a cosine schedule ends there.
  ///   - seed: of the parameters, the order of the examples and dropout.
  ///   - pool: the threads that share the work; results do not depend on how many there are.
  /// - Throws: `GraphError` where the network does not fit its input.
  public func makeTrainer(recipe: Recipe? = nil, steps: Int, seed: UInt64, pool: ThreadPool = .shared) throws -> Trainer
  {
    let recipe = recipe ?? self.recipe
    return try Trainer(
      network, input: inputShape, loss: recipe.loss, optimizer: recipe.optimizer,
      schedule: recipe.schedule(steps: steps), seed: seed, pool: pool)
  }
}
