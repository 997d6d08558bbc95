/// What training measured, epoch by epoch.
public struct History: Sendable, Codable, Equatable {
  /// One pass over the data.
  public struct Epoch: Sendable, Codable, Equatable {
    /// Counted from 1.
    public let epoch: Int
    /// At the epoch's last step.
    public let learningRate: Double
    /// The mean of the batches' losses, penalties included.
    public let loss: Double
    /// The fraction of training examples answered wrongly while training, where targets are classes.
    public let error: Double?
    /// The loss on the validation data, penalties left out.
    public let validationLoss: Double?
    /// The fraction of validation examples answered wrongly.
    public let validationError: Double?
    /// Wall-clock seconds of the training part.
    public let seconds: Double
  }

  /// The finished epochs.
  public internal(set) var epochs: [Epoch] = []
  /// The loss of every step in order.
  public internal(set) var stepLosses: [Float] = []
  /// Whether training was asked to stop before its last epoch.
  public internal(set) var wasStopped = false
  /// The epoch (counted from 1) whose weights were kept, where early stopping chose one.
  public internal(set) var bestEpoch: Int?

  /// A history of nothing.
  public init() {}
}

/// What a network does on data that it was not trained on.
public struct Evaluation: Sendable, Codable, Equatable {
  /// The mean loss an example, penalties left out.
  public let loss: Double
  /// The fraction answered wrongly, or `nil` where targets are not classes.
  public let error: Double?
  /// How many examples there were.
  public let count: Int
}

/// Where training stands, after each step.
public struct TrainingProgress: Sendable {
  /// Counted from 1.
  public let epoch: Int
  /// How many epochs were asked for.
  public let epochs: Int
  /// Counted from 1 within the epoch.
  public let step: Int
  /// Steps of an epoch.
  public let stepsPerEpoch: Int
  /// The mean loss of the epoch so far.
  public let loss: Double
  /// Examples seen in this epoch so far.
  public let examples: Int
  /// Seconds since the epoch began.
  public let seconds: Double
  /// Set after an epoch's last step.
  public let finished: History.Epoch?
}

/// Stopping when the validation data say that nothing more is learnt.
public struct EarlyStopping: Sendable, Hashable {
  /// What is watched.
  public enum Metric: Sendable, Hashable {
    /// The validation loss.
    case loss
    /// The validation error.
    case error
  }

  /// What is watched.
  public let metric: Metric
  /// How many epochs without a new best are waited for.
  public let patience: Int
  /// By how much a new best must lie below the old.
  public let minimumImprovement: Double

  /// The weights of the best epoch are kept in any case.
  public init(metric: Metric = .loss, patience: Int = 5, minimumImprovement: Double = 0) {
    self.metric = metric
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }
}
