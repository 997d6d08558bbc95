public import Datasets
import Foundation
import Tensors

/// What a file of weights says about its model besides the weights, as the file's metadata hold it.
public struct WeightsDescription: Sendable {
  /// The network: `architecture`, `variant`, `input` and `classes`.
  public let model: Model
  /// The names of the classes, `class_names`, at most as many as outputs; nil where there are none.
  public let classNames: [String]?
  /// How images are prepared, `preparation`; nil where the file does not say so.
  private let recordedPreparation: ImagePipeline?

  /// Reads the metadata of `file`, which is named in errors.
  ///
  /// - Throws: `ModelError` for a network that is not known, ``ClassifierError/metadata(file:key:expected:found:)`` for what cannot
  ///   be understood, ``ClassifierError/preparation(file:expected:found:)`` for images that the network does not take.
  public init(_ metadata: [String: String], file: String) throws {
    model = try Model(metadata: metadata)
    func value<Value: Decodable>(_ key: String, _ expected: String) throws(ClassifierError) -> Value? {
      guard let text = metadata[key] else { return nil }
      guard let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) else {
        throw .metadata(file: file, key: key, expected: expected, found: String(text.prefix(200)))
      }
      return value
    }
    classNames = try value("class_names", "a list of names in JSON")
    if let classNames, classNames.count > model.classes {
      throw ClassifierError.metadata(
        file: file, key: "class_names", expected: "at most \(model.classes) names", found: "\(classNames.count)")
    }
    recordedPreparation = try value("preparation", "an image pipeline in JSON")
    if let recordedPreparation {
      let found = recordedPreparation.outputSize().map {
        [$0.height, $0.width, recordedPreparation.encoding.channels]
      }
      guard found == model.inputShape.dimensions else {
        throw ClassifierError.preparation(file: file, expected: model.inputShape, found: found ?? [])
      }
    }
  }

  /// How images are prepared: as the file says, or as the model does where that depends on no training images; else nil.
  public func preparation() throws -> ImagePipeline? {
    if let recordedPreparation { return recordedPreparation }
    guard !model.augmentation.needsStatistics else { return nil }
    return try model.augmentation.pipelines(input: model.inputShape).evaluation
  }
}
