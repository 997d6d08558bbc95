import Autodiff
import Datasets
import NeuralNetworks
import Tensors

extension Trainer {
  /// The checkpoint of a run, with everything that decides which steps it makes.
  ///
  /// - Throws: ``CheckpointError/interval(_:)``.
  func checkpointFile(
    _ checkpoints: Checkpoints, _ data: any Dataset, _ batch: Int, _ accumulation: GradientAccumulation?,
    _ shuffles: Bool, _ earlyStopping: EarlyStopping?
  ) throws -> CheckpointFile {
    guard checkpoints.everySteps > 0 else { throw CheckpointError.interval(checkpoints.everySteps) }
    var identity = checkpoints.identity.sorted { $0.key < $1.key }.map { (what: $0.key, value: $0.value) }
    identity += [
      ("shape of an example", "\(inputShape)"),
      ("number of examples", "\(data.count)"),
      ("batch", "\(batch)"),
      ("micro-batch", accumulation.map { "\($0)" } ?? "none"),
      ("order of the examples", shuffles ? "shuffled" : "sequential"),
      ("seed", "\(state.seed)"),
      ("loss", "\(loss)"),
      ("optimizer", "\(optimizer)"),
      ("schedule", "\(schedule)"),
      ("gradient clipping", "\(clipping)"),
      ("weights of the classes", classWeights.map { "\($0)" } ?? "none"),
      ("factors of the learning rate", "\(rateFactors.sorted { $0.key < $1.key })"),
      ("convolution algorithms", "\(network.algorithms.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })"),
      ("early stopping", earlyStopping.map { "\($0)" } ?? "none"),
    ]
    return CheckpointFile(url: checkpoints.file, identity: identity)
  }
}
