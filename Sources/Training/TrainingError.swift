import Foundation
public import Tensors

/// Why training, evaluation or prediction cannot go on.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The data's inputs have another shape than the network was built for.
  case inputShape(expected: Shape, found: Shape)
  /// The data's targets do not suit the loss.
  case targetShape(expected: String, found: Shape)
  /// The data has more classes than the network has outputs.
  case tooManyClasses(classes: Int, outputs: Int)
  /// The data has no examples.
  case noExamples
  /// A batch must have at least one example.
  case batchSize(Int)
  /// An epoch count below zero.
  case epochCount(Int)
  /// A number that must be finite and positive is not.
  case learningRate(Double)
  /// A target that must be a class index below the number of outputs is not.
  case label(Float, outputs: Int)
  /// Batches are to be taken in parts, but these layers normalize by the statistics of the batch.
  case normalizedParts(layers: [String])
  /// The machine has no room for a batch, or for a part of one; `largest` is the largest that would fit, if any does.
  case memory(needed: Int, available: Int, batch: Int, largest: Int?)
  /// A factor for the learning rate was given for something that the network does not have.
  case unknownName(String, known: [String])
  /// The data hold a number that is not finite: "inputs" or "targets", of which example of the set, at which index of it,
  /// "nan", "inf" or "-inf", and where in training: in which row of the batch of which step. All variables are those of
  /// the last good step that was kept.
  case notFinite(
    _ part: String, example: Int, index: [Int], value: String, step: Int, row: Int, keptStep: Int)
  /// The loss is no longer finite, or has grown out of bounds; all variables are those of the last good step that was kept.
  ///
  /// `keptLoss` is the loss of the same examples under those, where the loss is finite; `layer` is the first whose outputs
  /// are not finite or have grown tenfold.
  case diverged(step: Int, loss: Double, keptLoss: Double?, layer: String?, keptStep: Int)

  /// One sentence that says what was expected, what was found and where.
  public var description: String {
    switch self {
    case .inputShape(let expected, let found):
      return "the network was built for inputs of shape \(expected), the data has \(found)"
    case .targetShape(let expected, let found):
      return "the loss expects \(expected), the data's targets have shape \(found)"
    case .tooManyClasses(let classes, let outputs):
      return "the data has \(classes) classes, the network only \(outputs) outputs"
    case .noExamples: return "the data has no examples"
    case .batchSize(let size): return "a batch has at least 1 example, found \(size)"
    case .epochCount(let count): return "training takes 0 or more epochs, found \(count)"
    case .learningRate(let rate): return "a learning rate is a finite number above 0, found \(rate)"
    case .label(let value, let outputs):
      return "a target is a class index from 0 to \(outputs - 1), found \(value)"
    case .normalizedParts(let layers):
      return
        "batch normalization in \(layers.joined(separator: ", ")) sees the parts of a batch one by one, so that a step "
        + "is not that of the whole batch; ask for .byMicroBatch if that is wanted"
    case .memory(let needed, let available, let batch, let largest):
      let found =
        "training in batches of \(batch) takes \(Self.megabytes(needed)) more memory, and "
        + "\(Self.megabytes(available)) can be had"
      guard let largest else { return found + "; not even a batch of 1 would fit" }
      return found + "; a batch of \(largest) would fit, or larger batches in parts of at most \(largest)"
    case .unknownName(let name, let known):
      return "no layer or variable is named '\(name)'; the network has \(known.joined(separator: ", "))"
    case .notFinite(let part, let example, let index, let value, let step, let row, let keptStep):
      let place = index.isEmpty ? "" : " at [\(index.map(String.init).joined(separator: ", "))]"
      return "the data's \(part) hold a number that is not finite: \(value)\(place) in example \(example) "
        + "(row \(row) of the batch of step \(step)); the weights are those of step \(keptStep)"
    case .diverged(let step, let loss, let keptLoss, let layer, let keptStep):
      var parts = ["the loss became \(loss.isNaN ? "not a number" : Self.short(loss)) at step \(step)"]
      if let keptLoss { parts[0] += ", where the weights of step \(keptStep) give \(Self.short(keptLoss))" }
      if let layer {
        parts.append("the first outputs that are not finite or have grown tenfold are those of layer '\(layer)'")
      }
      parts.append("the weights are those of step \(keptStep)")
      return parts.joined(separator: "; ") + ". A smaller learning rate or gradient clipping may help"
    }
  }

  private static func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }

  /// Four digits say enough about a loss.
  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
