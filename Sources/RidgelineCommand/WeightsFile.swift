import Foundation
import Ridgeline

/// Weight files as the command writes and reads them: safetensors whose metadata say which model they belong to.
enum WeightsFile {
  /// A place that cannot be written is better known before an hour of training than after it.
  static func checkWritable(_ url: URL) throws {
    do {
      try AtomicFile.checkWritable(url)
    } catch {
      throw CommandError("the weights cannot be written: \(error)")
    }
  }

  static func write(_ trainer: Trainer, model: Model, trainedOn data: DataOptions.Name, to url: URL) throws {
    try Weights.save(
      trainer, to: url,
      metadata: model.metadata.merging(["dataset": data.rawValue]) { $1 })
  }

  /// The model that a file says it holds, with its weights, and the name of the data that these were trained on.
  static func read(_ url: URL, pool: ThreadPool) throws -> (model: Model, trainer: Trainer, dataset: String?) {
    let metadata = try Weights.metadata(of: url)
    guard metadata["architecture"] != nil else {
      throw CommandError("\(url.path) does not say which architecture it holds (metadata key 'architecture')")
    }
    let model: Model
    do {
      model = try Model(metadata: metadata)
    } catch {
      throw CommandError("\(url.path) is for a network that is not known: \(error)")
    }
    let trainer = try model.makeTrainer(steps: 1, seed: 0, pool: pool)
    try Weights.load(into: trainer, from: url)
    return (model, trainer, metadata["dataset"])
  }
}

/// A sentence for the person at the terminal.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
