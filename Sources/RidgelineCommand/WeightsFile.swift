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

  static func write(_ trainer: Trainer, model: Model, trainedOn data: PreparedData, to url: URL) throws {
    try Weights.save(
      trainer, to: url,
      metadata: model.metadata.merging(data.metadata) { $1 }
        .merging([WeightsDigest.key: WeightsDigest.sha256(of: trainer.weights)]) { $1 })
  }

  /// What a file says about the data that its weights were trained on.
  ///
  /// - Parameter preparation: how images of files are prepared for the network.
  static func metadata(
    _ name: DataOptions.Name, classNames: [String], preparation: ImagePipeline? = nil
  ) throws -> [String: String] {
    var metadata = ["dataset": name.rawValue, "class_names": try text(classNames)]
    if let preparation { metadata["preparation"] = try text(preparation) }
    return metadata
  }

  private static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A network with the weights of a file, and what the file says about their data.
  struct Contents {
    fileprivate let description: WeightsDescription
    let trainer: Trainer
    /// The name of the data, where the file says it.
    let dataset: String?
    /// The file.
    let path: String

    var model: Model { description.model }
    /// The names of the classes, where the file says them.
    var classNames: [String]? { description.classNames }

    /// How images of files are prepared: as the file says, or as the model does where that depends on no training images.
    func preparation() throws -> ImagePipeline {
      guard let preparation = try description.preparation() else {
        throw CommandError("\(path) does not say how images are prepared (metadata key 'preparation')")
      }
      return preparation
    }

    /// The name of output `index`.
    func name(of index: Int) -> String {
      classNames.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "output \(index)"
    }
  }

  /// The model that a file says it holds, with its weights.
  ///
  /// - Parameter network: the network whose weights the file holds under another library's names.
  static func read(_ url: URL, as network: String? = nil, pool: ThreadPool) throws -> Contents {
    let source = try network.map { try MappedTensors(TensorFiles.open(url), as: $0) }
    let metadata = try source?.metadata ?? Weights.metadata(of: url)
    guard metadata["architecture"] != nil else {
      throw CommandError("\(url.path) does not say which architecture it holds (metadata key 'architecture')")
    }
    let description: WeightsDescription
    do {
      description = try WeightsDescription(metadata, file: url.path)
    } catch let error as ModelError {
      throw CommandError("\(url.path) is for a network that is not known: \(error)")
    }
    let model = description.model
    let trainer = try model.makeTrainer(steps: 1, seed: 0, pool: pool) { trainer in
      if let source { try source.load(into: trainer) } else { try Weights.load(into: trainer, from: url) }
    }
    return Contents(
      description: description, trainer: trainer, dataset: metadata["dataset"], path: url.path)
  }
}

/// A sentence for the person at the terminal.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
