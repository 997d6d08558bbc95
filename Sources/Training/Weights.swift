import Autodiff
public import Foundation
public import Tensors

/// Weight files: safetensors with the network's own variables by name, and metadata that say what they belong to.
///
/// | metadata | what it says |
/// |---|---|
/// | `format` | `ridgeline`: images are [height, width, channels], convolution kernels [rows, columns, channels/groups, filters], dense kernels [inputs, units] |
/// | `architecture`, `variant` | which network, where the caller gives them |
/// | `dataset` | which data they were trained on, where the caller gives it |
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
    let variables = Set(trainer.variableNames).sorted().compactMap { name in
      trainer.state[shapeOf: name].map { (name: name, elementType: SafetensorsEntry.ElementType.float32, shape: $0) }
    }
    // Written from where they lie: a copy of a large network's weights would be the peak of its training's memory.
    try SafetensorsFile.write(
      variables, metadata: ["format": "ridgeline", "input": input].merging(metadata) { _, given in given }, to: url
    ) { index, writer in
      try trainer.state.withElements(of: variables[index].name) { try writer.write(UnsafeRawBufferPointer($0)) }
    }
  }

  /// What a file says about itself; the tensors are not read.
  ///
  /// - Throws: `SafetensorsError` where the file is not what it should be.
  public static func metadata(of url: URL) throws -> [String: String] { try SafetensorsFile(url).metadata }

  /// Puts a file's tensors in the place of a trainer's weights.
  ///
  /// Tensors of Double are rounded to the trainer's Float.
  ///
  /// - Throws: ``WeightsError`` that lists every tensor that is missing, left over, of another shape or not finite (as Float),
  ///   and `SafetensorsError` where the file is not what it should be. The trainer's weights are then as they were.
  public static func load(into trainer: Trainer, from url: URL) throws {
    let file = try NamedTensors(contentsOf: url)
    var error = WeightsError(file: url.path)
    let known = Set(trainer.variableNames)
    var loaded: [String: Tensor<Float>] = [:]
    for name in trainer.variableNames {
      // The shape alone: a copy of a large network's weights takes as long as reading them.
      guard let expected = trainer.state[shapeOf: name] else { continue }
      guard let stored = file[name] else {
        error.missing.append(name)
        continue
      }
      guard stored.shape == expected else {
        error.misshapen.append(.init(name: name, expected: expected, found: stored.shape))
        continue
      }
      let tensor: Tensor<Float>? = stored.tensor(allowingRounding: true)
      if let fault = tensor.flatMap({ WeightsError.NotFinite(name, $0) }) { error.notFinite.append(fault) }
      loaded[name] = tensor
    }
    error.extra = file.names.filter { !known.contains($0) }
    guard error.isEmpty else { throw error }
    trainer.restore(loaded)
  }
}

/// Where a weight file does not fit a network or cannot be computed with: every tensor, not only the first.
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

  /// A tensor with elements that are NaN or infinite.
  public struct NotFinite: Equatable, Sendable {
    /// The variable.
    public let name: String
    /// The index of the first such element, one number an axis.
    public let index: [Int]
    /// "nan", "inf" or "-inf": what stands there.
    public let value: String
    /// How many such elements there are.
    public let count: Int

    /// Nil where all elements are finite.
    init?(_ name: String, _ tensor: Tensor<Float>) {
      guard let first = tensor.elements.firstIndex(where: { !$0.isFinite }) else { return nil }
      self.name = name
      var (rest, index) = (first, [Int]())
      for size in tensor.shape.dimensions.reversed() {
        index.append(rest % size)
        rest /= size
      }
      self.index = index.reversed()
      value = "\(tensor.elements[first])"
      count = tensor.elements.count { !$0.isFinite }
    }
  }

  /// The file.
  public let file: String
  /// Variables that the file lacks, in the order of the network's layers.
  public internal(set) var missing: [String] = []
  /// Tensors that the network has no place for.
  public internal(set) var extra: [String] = []
  /// Tensors of another shape.
  public internal(set) var misshapen: [Misshapen] = []
  /// Tensors with elements that are not finite.
  public internal(set) var notFinite: [NotFinite] = []

  init(file: String) { self.file = file }

  var isEmpty: Bool { missing.isEmpty && extra.isEmpty && misshapen.isEmpty && notFinite.isEmpty }

  /// One sentence that names them all.
  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
    if !extra.isEmpty { parts.append("not in the network: \(extra.joined(separator: ", "))") }
    if !misshapen.isEmpty {
      let list = misshapen.map { "\($0.name) (expected \($0.expected), found \($0.found))" }
      parts.append("of another shape: \(list.joined(separator: ", "))")
    }
    var sentences: [String] = []
    if !parts.isEmpty { sentences.append("do not fit the network; \(parts.joined(separator: "; "))") }
    if !notFinite.isEmpty {
      let list = notFinite.map { fault in
        let place = "\(fault.name)[\(fault.index.map(String.init).joined(separator: ", "))] is \(fault.value)"
        return fault.count > 1 ? place + " (the first of \(fault.count))" : place
      }
      sentences.append("are not all finite numbers; \(list.joined(separator: "; "))")
    }
    return "the weights in \(file) \(sentences.joined(separator: ", and ")). Nothing was loaded"
  }
}
