import Foundation
import Models
import Tensors

/// Another library's weights as those of one of our networks: our names, our layouts, and metadata that say which network
/// they are of and how images are prepared for it.
///
/// ```swift
/// let weights = try MappedTensors(PyTorchFile(url), as: "vgg16-bn")
/// try TensorWriter.writeSafetensors(weights, to: output)     // what `ridgeline predict --weights` takes
/// ```
///
/// Tensors are read and permuted one at a time, when they are asked for, and keep their element type.
public struct MappedTensors: TensorSource {
  /// The names.
  public let names: WeightNames
  /// Our variables, in the order of the layers.
  public let entries: [TensorEntry]
  /// What the network's weight files say: architecture, variant, input, classes, `preparation`; and `source`, whose weights
  /// they are.
  public let metadata: [String: String]

  private let source: any TensorSource
  private let origins: [String: (placement: WeightNames.Placement, entry: TensorEntry)]

  /// Finds every variable of a network in a file.
  ///
  /// - Parameters:
  ///   - source: The file.
  ///   - name: The network, as the command line takes it: `vgg16`, `vgg16-bn`, `alexnet-torchvision`. It gets as many classes
  ///     as the file's last layer has.
  ///   - convention: Whose names; where none is given, those that most of the file's tensors have.
  /// - Throws: `ModelError` where there is no such network, ``WeightNamesError`` that lists every tensor that is missing, left
  ///   over or of another shape.
  public init(
    _ source: any TensorSource, as name: String, convention: WeightNames.Convention? = nil
  ) throws {
    let published = try Model(named: name)
    let candidates = WeightNames.conventions(for: published).filter { convention == nil || $0 == convention }
      .compactMap { WeightNames($0, for: published) }
    func matches(_ names: WeightNames) -> Int {
      let known = Set(ForeignNames.known(source, names.convention).map(\.name))
      return names.placements.count { known.contains($0.foreign) }
    }
    // The first of equals: torchvision's.
    guard var best = candidates.first else {
      throw WeightNamesError(file: source.path, model: published, convention: convention)
    }
    for candidate in candidates.dropFirst() where matches(candidate) > matches(best) { best = candidate }
    let known = ForeignNames.known(source, best.convention)
    let last = best.placements.last.flatMap { placement in known.first { $0.name == placement.foreign } }
    if let shape = last?.entry.shape, shape.rank == 1, shape[0] != published.classes,
      (1...1_000_000).contains(shape[0]),
      let resized = WeightNames(best.convention, for: try Model(named: name, classes: shape[0]))
    {
      best = resized
    }
    try self.init(source, best)
  }

  /// Finds every variable of a network under the names that are given.
  init(_ source: any TensorSource, _ names: WeightNames) throws {
    // Its tensors are AlexNet's, name by name and shape by shape, and its answers would be wrong.
    if names.convention == .caffe, source.metadata["name"]?.lowercased() == "caffenet" {
      throw InterchangeError(
        file: source.path,
        reason: .unsupported("CaffeNet, which pools before it normalizes as no network here does,"))
    }
    let known = ForeignNames.known(source, names.convention)
    var error = WeightNamesError(file: source.path, model: names.model, convention: names.convention)
    var found: [String: TensorEntry] = [:]
    for (name, entry) in known where found.updateValue(entry, forKey: name) != nil { error.repeated.append(entry.name) }
    var origins: [String: (placement: WeightNames.Placement, entry: TensorEntry)] = [:]
    var entries: [TensorEntry] = []
    for placement in names.placements {
      guard let entry = found.removeValue(forKey: placement.foreign) else {
        error.missing.append(placement.foreign)
        continue
      }
      if entry.shape != placement.foreignShape {
        error.misshapen.append(.init(name: entry.name, expected: placement.foreignShape, found: entry.shape))
      }
      if !entry.elementType.isFloatingPoint { error.wrongType.append("\(entry.name) (\(entry.elementType.rawValue))") }
      origins[placement.own.name] = (placement, entry)
      entries.append(
        TensorEntry(name: placement.own.name, elementType: entry.elementType, shape: placement.own.shape))
    }
    for counter in names.counters { found[counter] = nil }
    error.extra = found.values.map(\.name).sorted()
    guard error.isEmpty else { throw error }
    (self.source, self.names, self.entries, self.origins) = (source, names, entries, origins)
    metadata = try names.metadata()
  }

  /// The path of the other library's file.
  public var path: String { source.path }

  /// Reads a tensor and puts its elements in our order.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let (placement, foreign) = origins[entry.name] else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    let view = StridedElements(permuting: placement.view, axes: placement.axes)
    if view.isContiguous { return try source.read(foreign, into: target) }
    let bytes = try source.bytes(of: foreign)
    bytes.withUnsafeBytes { view.copy(from: $0, size: entry.elementType.byteCount, to: target) }
  }
}
