public import BLAS
public import Datasets
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
  /// Factors for the learning rate by the name of a layer or a variable.
  public var rateFactors: [String: Double] = [:]
  /// Where the weights start.
  public var start = Start.drawn
  /// How images of files are prepared; nil where the network takes grey levels, which the model's scaling prepares.
  public var augmentation: Augmentation?

  /// Where the weights of a training start.
  public enum Start: Sendable, Hashable {
    /// Drawn by the layers' initializers.
    case drawn
    /// Drawn, and then some layers taken from another network that was trained before, where its weights are given.
    case trained(architecture: String, layers: [String])
  }

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
  /// How images of files are prepared: as the recipe says, or by the model's scaling of grey levels.
  public var augmentation: Augmentation { recipe.augmentation ?? Augmentation(preprocessing.scaling) }

  /// A trainer for the model under its recipe.
  ///
  /// - Parameters:
  ///   - recipe: the model's own where none is given.
  ///   - steps: how many steps training will take; a cosine schedule ends there.
  ///   - seed: of the parameters, the order of the examples and dropout.
  ///   - memoryBudget: the most bytes of activations, gradients and scratch of a training step; see `Trainer`.
  ///   - pool: the threads that share the work; results do not depend on how many there are.
  ///   - load: gives the parameters their values, which then are not drawn; see `Trainer`.
  /// - Throws: `GraphError` where the network does not fit its input; what `load` throws.
  public func makeTrainer(
    recipe: Recipe? = nil, steps: Int, seed: UInt64, memoryBudget: Int? = nil, pool: ThreadPool = .shared,
    loading load: ((Trainer) throws -> Void)? = nil
  ) throws -> Trainer {
    let recipe = recipe ?? self.recipe
    return try Trainer(
      network, input: inputShape, loss: recipe.loss, optimizer: recipe.optimizer,
      schedule: recipe.schedule(steps: steps), rateFactors: recipe.rateFactors, seed: seed,
      memoryBudget: memoryBudget, pool: pool, loading: load)
  }

  /// The memory that training under the recipe takes, without taking it.
  ///
  /// - Parameters:
  ///   - recipe: the model's own where none is given.
  ///   - batch: examples a step; the recipe's where not given.
  ///   - memoryBudget: the most bytes of activations, gradients and scratch of a step; what they take where nil.
  /// - Throws: `GraphError` where the network does not fit its input.
  public func trainingMemory(
    recipe: Recipe? = nil, batch: Int? = nil, memoryBudget: Int? = nil
  ) throws -> TrainingMemory {
    let recipe = recipe ?? self.recipe
    return try TrainingMemory(
      network, input: inputShape, loss: recipe.loss, optimizer: recipe.optimizer, batch: batch ?? recipe.batch,
      memoryBudget: memoryBudget)
  }

  /// The kernel calls of a step under the recipe, without taking memory.
  ///
  /// - Parameters:
  ///   - step: training or inference.
  ///   - recipe: the model's own where none is given.
  ///   - batch: examples a step; the recipe's where not given.
  ///   - memoryBudget: the most bytes of activations, gradients and scratch of a training step; what they take where nil.
  /// - Throws: `GraphError` where the network does not fit its input.
  public func stepPlan(
    _ step: Trainer.TimedStep, recipe: Recipe? = nil, batch: Int? = nil, memoryBudget: Int? = nil
  ) throws -> StepPlan {
    let recipe = recipe ?? self.recipe
    return try StepPlan(
      step, of: network, input: inputShape, loss: recipe.loss, optimizer: recipe.optimizer,
      batch: batch ?? recipe.batch,
      memoryBudget: memoryBudget)
  }
}

extension Recipe: CustomStringConvertible {
  /// A line for each of what it says.
  public var description: String {
    var lines = [
      "loss          \(loss.kind)", "optimizer     \(optimizer)",
      "rate          \(rateDescription)", "batch         \(batch)", "epochs        \(epochs)",
    ]
    if !rateFactors.isEmpty {
      let factors = rateFactors.sorted { $0.key < $1.key }.map { "\($0.key) x\($0.value)" }
      lines.append("rate factors  \(factors.joined(separator: ", "))")
    }
    if let augmentation { lines.append("images        \(augmentation)") }
    switch start {
    case .drawn: lines.append("weights       drawn by the layers' initializers")
    case .trained(let architecture, let layers):
      lines.append(
        "weights       drawn; \(layers.joined(separator: ", ")) from a trained \(architecture) where one is given")
    }
    return lines.joined(separator: "\n")
  }

  private var rateDescription: String {
    switch annealing {
    case .fixed(let schedule): schedule.description
    case .cosine: "half a cosine down to 0 over the whole training"
    }
  }
}
