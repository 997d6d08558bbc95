import ArgumentParser
import Foundation
import Ridgeline

/// What large networks and long runs need: batches in parts, and checkpoints.
struct LargeTrainingOptions: ParsableArguments {
  @Option(
    help: """
      Examples that are computed at a time: a batch is taken in parts of so many, and their gradients are summed. The step is \
      that of the whole batch, but where batch normalization sees each part alone, which is said.
      """)
  var microBatch: Int?
  @Option(help: "The folder of the checkpoint: everything that it takes to go on after an interruption.")
  var checkpoint: String?
  @Option(help: "Steps between two checkpoints; one is written after each epoch besides.")
  var every = 100
  @Flag(help: "Go on from the checkpoint if there is one, to the same bits as without an interruption.")
  var resume = false

  mutating func validate() throws {
    try requirePath(checkpoint, "--checkpoint")
    if let microBatch, microBatch < 1 { throw ValidationError("--micro-batch is 1 or more, found \(microBatch)") }
    guard every > 0 else { throw ValidationError("--every is 1 or more, found \(every)") }
    if resume, checkpoint == nil { throw ValidationError("--resume needs --checkpoint, the folder to go on from") }
  }

  /// Parts of batches, if they are asked for.
  var accumulation: GradientAccumulation? {
    microBatch.map { GradientAccumulation(microBatch: $0, normalization: .byMicroBatch) }
  }

  /// What is different from whole batches, if anything is.
  func remark(on model: Model) -> String? {
    guard let microBatch, Self.normalizes(model.network.layers) else { return nil }
    return "batch normalization takes its statistics from parts of \(microBatch) examples"
  }

  private static func normalizes(_ layers: [any Layer]) -> Bool {
    layers.contains { layer in
      layer is BatchNormalization || ((layer as? any ContainerLayer).map { normalizes($0.layers) } ?? false)
    }
  }

  /// Checkpoints, if they are asked for; `identity` must be the same when training goes on.
  func checkpoints(identity: [String: String]) -> Checkpoints? {
    checkpoint.map {
      Checkpoints(
        directory: URL(fileURLWithPath: $0), everySteps: every, resumes: resume, identity: identity)
    }
  }
}
