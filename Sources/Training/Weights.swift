public import Foundation
public import Tensors

/// Weight files: safetensors with the network's own variables by name, and metadata that say what they belong to.
///
/// | metadata | what it says |
/// |---|---|
/// | `format` | `ridgeline`: images are [height, width, channels], convolution kernels [rows, columns, channels/groups, filters], dense kernels [inputs, units] |
/// | `architecture`, `variant` | which network, where the caller gives them |
/// | `input` | the shape of one example, as in `28x28x1` |
///
/// What an optimizer remembers is not part of the file.
public enum Weights {
  /// Writes the variables of a trainer's network, whole or not at all.
  ///
  /// - Parameter metadata: added to `format` and `input`, which it may replace.
  /// - Throws: `SafetensorsError` where the file cannot be written (no such folder, no right, no room); the old file is
  ///   then as it was.
  public static func save(_ trainer: Trainer, to url: URL, metadata: [String: String] = [:]) throws {
    let input = trainer.inputShape.dimensions.map(String.init).joined(separator: "x")
    var tensors = NamedTensors(
      metadata: ["format": "ridgeline", "input": input].merging(metadata) { _, given in given })
    for (name, tensor) in trainer.weights { tensors.insert(tensor, named: name) }
    try tensors.write(to: url)
  }

  /// What a file says about itself; the tensors are not read.
  ///
  /// - Throws: `SafetensorsError` where the file is not what it should be.
  public static func metadata(of url: URL) throws -> [String: String] { try SafetensorsFile(url).metadata }

  /// Puts a file's tensors in the place of a trainer's weights.
  ///
  /// Tensors of Double are rounded to the trainer's Float.
  ///
  /// - Throws: ``WeightsError`` that lists every tensor that is missing, left over or of another shape, and
  ///   `SafetensorsError` where the file is not what it should be. The trainer's weights are then as they were.
  public static func load(into trainer: Trainer, from url: URL) throws {
    let file = try NamedTensors(contentsOf: url)
    var error = WeightsError(file: url.path)
    let known = trainer.weights
    var loaded: [String: Tensor<Float>] = [:]
    for name in trainer.variableNames {
      guard let expected = known[name]?.shape else { continue }
      guard let stored = file[name] else {
        error.missing.append(name)
        continue
      }
      guard stored.shape == expected else {
        error.misshapen.append(.init(name: name, expected: expected, found: stored.shape))
        continue
      }
      loaded[name] = stored.tensor(allowingRounding: true)
    }
    error.extra = file.names.filter { known[$0] == nil }
    guard error.isEmpty else { throw error }
    trainer.restore(loaded)
  }
}

/// Where a weight file does not fit a network: every tensor, not only the first.
public struct WeightsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A tensor with another shape than the network's variable.
  public struct Misshapen: Equatable, Sendable {
    /// The variable.
    public let name: String
    /// The network's shape.
    public let expected: Shape
    /// The file's shape.
    public let found: Shape
  }

  /// The file.
  public let file: String
  /// Variables that the file lacks, in the order of the network's layers.
  public internal(set) var missing: [String] = []
  /// Tensors that the network has no place for.
  public internal(set) var extra: [String] = []
  /// Tensors of another shape.
  public internal(set) var misshapen: [Misshapen] = []

  init(file: String) { self.file = file }

  var isEmpty: Bool { missing.isEmpty && extra.isEmpty && misshapen.isEmpty }

  /// One sentence that names them all.
  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
    if !extra.isEmpty { parts.append("not in the network: \(extra.joined(separator: ", "))") }
    if !misshapen.isEmpty {
      let list = misshapen.map { "\($0.name) (expected \($0.expected), found \($0.found))" }
      parts.append("of another shape: \(list.joined(separator: ", "))")
    }
    return "the weights in \(file) do not fit the network; \(parts.joined(separator: "; ")). Nothing was loaded"
  }
}
