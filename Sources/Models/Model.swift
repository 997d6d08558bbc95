public import Datasets
public import NeuralNetworks
public import Tensors

/// An architecture of the literature: the network, what it takes, how its authors trained it and where this one departs.
public struct Model: Sendable {
  /// The name on the command line and in weight files, for instance `lenet5`.
  public let architecture: String
  /// Which of the architecture's versions, for instance `original`.
  public let variant: String
  /// The paper.
  public let citation: String
  /// The layers. They may be frozen or told how to compute; other layers are another model.
  public var network: Sequential
  /// The shape of one example.
  public let inputShape: Shape
  /// How many outputs the network has.
  public let classes: Int
  /// How images are prepared.
  public let preprocessing: Preprocessing
  /// How it is trained.
  public let recipe: Recipe
  /// Where this network, or its recipe, is not the paper's; one sentence each.
  public let departures: [String]

  /// What is done to an image's bytes before the network sees them.
  public struct Preprocessing: Sendable, Hashable {
    /// From pixels in 0...1 to inputs.
    public let scaling: PixelScaling
    /// Rows and columns of background added on every side.
    public let padding: Int
  }

  /// The architectures of ``catalogue`` with their variants, the default first.
  public static let known: [(architecture: String, variants: [String])] = {
    var known: [(architecture: String, variants: [String])] = []
    for entry in catalogue {
      if let index = known.firstIndex(where: { $0.architecture == entry.architecture }) {
        known[index].variants.append(entry.variant)
      } else {
        known.append((entry.architecture, [entry.variant]))
      }
    }
    return known
  }()

  /// The model with a name, as the command line takes it: `vgg16`, `vgg16-bn`, or `vgg16` in the variant `bn`.
  ///
  /// - Parameters:
  ///   - input: rows and columns of an image; the published network's where none is given.
  ///   - classes: how many outputs; the published network's where none is given.
  /// - Throws: ``ModelError``: a name that is not known, with what there is; a size that no network has, or that this one
  ///   cannot have. Whether the layers fit images of this size is found when they are recorded: `GraphError` then names the
  ///   first layer that does not.
  public init(
    named architecture: String, variant: String? = nil, input: Int? = nil, classes: Int? = nil
  ) throws(ModelError) {
    let entry = try Self.entry(named: architecture, variant: variant)
    for (what, value, limit) in [("input", input, 65_536), ("classes", classes, 1_000_000)] {
      guard let value, !(1...limit).contains(value) else { continue }
      throw .size(name: entry.name, what: what, found: value, limit: limit)
    }
    self = try entry.make(input ?? entry.input, classes ?? entry.classes)
  }

  /// The model that a weight file's metadata describe: `architecture`, and where they are there `variant`, `input` (as in
  /// `28x28x1`) and `classes`.
  ///
  /// - Throws: ``ModelError``.
  public init(metadata: [String: String]) throws(ModelError) {
    guard let architecture = metadata["architecture"] else { throw .metadata(key: "architecture", found: nil) }
    var (input, classes): (Int?, Int?) = (nil, nil)
    if let text = metadata["input"] {
      let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard sizes.count == 3, let height = sizes[0], sizes[1] == height else {
        throw .metadata(key: "input", found: text)
      }
      input = height
    }
    if let text = metadata["classes"] {
      guard let count = Int(text) else { throw .metadata(key: "classes", found: text) }
      classes = count
    }
    self = try Model(named: architecture, variant: metadata["variant"], input: input, classes: classes)
  }

  /// What a weight file says about the network; ``init(metadata:)`` reads it.
  public var metadata: [String: String] {
    [
      "architecture": architecture, "variant": variant, "classes": "\(classes)",
      "input": inputShape.dimensions.map(\.description).joined(separator: "x"),
    ]
  }

  init(
    architecture: String, variant: String, citation: String, inputShape: Shape, classes: Int,
    preprocessing: Preprocessing, recipe: Recipe, departures: [String], network: Sequential
  ) {
    self.architecture = architecture
    self.variant = variant
    self.citation = citation
    self.network = network
    self.inputShape = inputShape
    self.classes = classes
    self.preprocessing = preprocessing
    self.recipe = recipe
    self.departures = departures
  }
}

/// Why there is no such model.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nothing has this name.
  case unknown(String, variant: String?)
  /// A size that no network has; `what` is `input` or `classes`.
  case size(name: String, what: String, found: Int, limit: Int)
  /// The network exists in one size only.
  case fixedSize(name: String, input: Int, classes: Int, because: String)
  /// Metadata lack what says which network they are of, or hold something else there.
  case metadata(key: String, found: String?)

  /// Names what was asked for and what there is.
  public var description: String {
    switch self {
    case .unknown(let architecture, let variant):
      let known = Model.known.map { "\($0.architecture) (\($0.variants.joined(separator: ", ")))" }
      let asked = variant.map { "'\(architecture)' in a variant '\($0)'" } ?? "'\(architecture)'"
      return "there is no model \(asked); known are \(known.joined(separator: "; "))"
    case .size(let name, let what, let found, let limit):
      let meaning = what == "input" ? "rows and columns of an image" : "classes"
      return "\(name) takes 1 to \(limit) \(meaning), found \(found)"
    case .fixedSize(let name, let input, let classes, let reason):
      return "\(name) takes images of \(input)x\(input) and has \(classes) classes, and no others: \(reason)"
    case .metadata(let key, nil): return "the metadata have no '\(key)'"
    case .metadata(let key, let found?):
      let wanted =
        key == "input" ? "rows, columns and channels as in 28x28x1, as many columns as rows" : "a whole number"
      return "the metadata's '\(key)' is expected to be \(wanted), found '\(found)'"
    }
  }
}
