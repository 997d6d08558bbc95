public import Models
import Tensors

/// Weights of one of our networks under another library's names and in its layouts: what
/// `model.load_state_dict(safetensors.torch.load_file(path))` takes.
public struct ForeignTensors: TensorSource {
  /// The tensors as the other library lists them.
  public let entries: [TensorEntry]
  /// `format: pt` where the names are PyTorch's, as safetensors files written from PyTorch have it.
  public let metadata: [String: String]

  private let source: any TensorSource
  private let origins: [String: (placement: WeightNames.Placement, entry: TensorEntry)]
  private let counters: Set<String>

  /// Gives every variable of a network its name in another library.
  ///
  /// - Parameters:
  ///   - source: The network's variables under our names, as a weight file holds them.
  ///   - model: The network.
  /// - Throws: ``WeightNamesError`` that lists every variable that is missing, left over or of another shape.
  public init(
    _ source: any TensorSource, of model: Model, convention: WeightNames.Convention
  ) throws(WeightNamesError) {
    guard let names = WeightNames(convention, for: model) else {
      throw WeightNamesError(file: source.path, model: model, convention: convention)
    }
    var error = WeightNamesError(file: source.path, model: model, convention: convention)
    var found = Dictionary(source.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var entries: [TensorEntry] = []
    var origins: [String: (placement: WeightNames.Placement, entry: TensorEntry)] = [:]
    for placement in names.placements {
      guard let entry = found.removeValue(forKey: placement.own.name) else {
        error.missing.append(placement.own.name)
        continue
      }
      if entry.shape != placement.own.shape {
        error.misshapen.append(.init(name: entry.name, expected: placement.own.shape, found: entry.shape))
      }
      origins[placement.foreign] = (placement, entry)
      entries.append(
        TensorEntry(name: placement.foreign, elementType: entry.elementType, shape: placement.foreignShape))
    }
    error.extra = found.keys.sorted()
    guard error.isEmpty else { throw error }
    entries += names.counters.map { TensorEntry(name: $0, elementType: .int64, shape: []) }
    (self.source, self.entries, self.origins, counters) = (source, entries, origins, Set(names.counters))
    metadata = [.keras, .caffe].contains(convention) ? [:] : ["format": "pt"]
  }

  /// The path of our file.
  public var path: String { source.path }

  /// Reads a variable and puts its elements in the other library's order.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    if counters.contains(entry.name) {
      // How many batches an average has seen, which only matters where its momentum is none.
      target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    guard let (placement, own) = origins[entry.name] else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    var inverse = [Int](repeating: 0, count: placement.axes.count)
    for (axis, source) in placement.axes.enumerated() { inverse[source] = axis }
    let permuted = Shape(placement.axes.map { placement.view.dimensions[$0] })
    let view = StridedElements(permuting: permuted, axes: inverse)
    if view.isContiguous { return try source.read(own, into: target) }
    let bytes = try source.bytes(of: own)
    bytes.withUnsafeBytes { view.copy(from: $0, size: own.elementType.byteCount, to: target) }
  }
}
