import Models
public import Tensors

/// Where a file of another library does not fit a network: every tensor, not only the first.
public struct WeightNamesError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A tensor of another shape than the network needs.
  public struct Misshapen: Hashable, Sendable {
    /// The name in the file.
    public let name: String
    /// What the network needs.
    public let expected: Shape
    /// What the file has.
    public let found: Shape
  }

  /// The file.
  public let file: String
  /// The network.
  public let network: String
  /// Whose names the tensors were compared with, or were to be.
  public let convention: WeightNames.Convention?
  /// Whose names are known for the network.
  public let known: [WeightNames.Convention]
  /// Tensors that the file lacks, under the other library's names, in the order of the network's layers.
  public internal(set) var missing: [String] = []
  /// Tensors that the network has no place for.
  public internal(set) var extra: [String] = []
  /// Tensors of another shape.
  public internal(set) var misshapen: [Misshapen] = []
  /// Tensors that stand for the same weights as another one.
  public internal(set) var repeated: [String] = []
  /// Tensors whose elements are no numbers with a fraction, with the type.
  public internal(set) var wrongType: [String] = []

  init(file: String, model: Model, convention: WeightNames.Convention?) {
    let isDefault = Model.catalogue.contains {
      $0.architecture == model.architecture && $0.variant == model.variant && $0.isDefault
    }
    (self.file, self.convention) = (file, convention)
    network = isDefault ? model.architecture : "\(model.architecture)-\(model.variant)"
    known = WeightNames.conventions(for: model)
  }

  /// The networks that some library's names are known for.
  private static let named = Model.catalogue.filter { entry in
    (try? Model(named: entry.architecture, variant: entry.variant)).map { !WeightNames.conventions(for: $0).isEmpty }
      ?? false
  }.map(\.name)

  var isEmpty: Bool {
    missing.isEmpty && extra.isEmpty && misshapen.isEmpty && repeated.isEmpty && wrongType.isEmpty
  }

  /// One sentence that names them all.
  public var description: String {
    guard let convention, known.contains(convention) else {
      guard !known.isEmpty else {
        return "no other library's names are known for \(network); they are for \(Self.named.joined(separator: ", "))"
      }
      let libraries = known.map(\.rawValue).joined(separator: ", ")
      return "\(convention?.rawValue ?? "the library") has no \(network) whose names are known; known are \(libraries)"
    }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
    if !extra.isEmpty { parts.append("not in the network: \(extra.joined(separator: ", "))") }
    if !misshapen.isEmpty {
      let list = misshapen.map { "\($0.name) (expected \($0.expected), found \($0.found))" }
      parts.append("of another shape: \(list.joined(separator: ", "))")
    }
    if !repeated.isEmpty { parts.append("there twice: \(repeated.joined(separator: ", "))") }
    if !wrongType.isEmpty { parts.append("no floating-point numbers: \(wrongType.joined(separator: ", "))") }
    return "the tensors in \(file) are not those of \(convention.rawValue)'s \(network); "
      + parts.joined(separator: "; ") + ". Nothing was read"
  }
}
