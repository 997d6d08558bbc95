import Tensors

/// What one call of `fit` remembers from step to step, apart from the variables: with them, all that it takes to go on.
struct TrainingRun: Codable {
  /// The metric and the weights of the best epoch so far.
  struct Best {
    var value: Double
    var weights: [String: Tensor<Float>]
  }

  var history = History()
  /// Where the pass stands that was interrupted.
  var pass: Pass.Totals?
  /// Epochs since the best.
  var waited = 0
  /// Whether early stopping ended training.
  var stoppedEarly = false
  var bestValue: Double?
  /// Not encoded: tensors have places of their own.
  var bestWeights: [String: Tensor<Float>] = [:]

  private enum CodingKeys: CodingKey { case history, pass, waited, stoppedEarly, bestValue }

  /// Takes notice of an epoch.
  ///
  /// - Returns: whether training should stop.
  mutating func watch(
    _ record: History.Epoch, _ earlyStopping: EarlyStopping, weights: () -> [String: Tensor<Float>]
  ) -> Bool {
    let value = (earlyStopping.metric == .loss ? record.validationLoss : record.validationError) ?? record.loss
    if value < (bestValue ?? .infinity) - earlyStopping.minimumImprovement {
      (bestValue, bestWeights) = (value, weights())
      history.bestEpoch = record.epoch
      waited = 0
    } else {
      waited += 1
      stoppedEarly = waited >= earlyStopping.patience
    }
    return stoppedEarly
  }
}

/// Where a trainer stands.
struct TrainerPosition: Codable {
  var stepCount: Int
  var epochCount: Int
  /// The watched metric after each epoch.
  var metrics: [Double]
  /// The loss of the very first step.
  var firstLoss: Double?
}
