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
  /// The layers.
  public let network: Sequential
  /// The shape of one example.
  public let inputShape: Shape
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

  /// The models that ``init(named:variant:)`` knows.
  public static let known: [(architecture: String, variants: [String])] = [("lenet5", ["modern", "original"])]

  /// The model with a name, as the command line takes it.
  ///
  /// - Throws: ``ModelError/unknown(_:variant:)``, which lists what there is.
  public init(named architecture: String, variant: String? = nil) throws(ModelError) {
    switch (architecture, variant) {
    case ("lenet5", "modern"), ("lenet5", nil): self = LeNet5.modern
    case ("lenet5", "original"): self = LeNet5.original
    default: throw .unknown(architecture, variant: variant)
    }
  }

  init(
    architecture: String, variant: String, citation: String, inputShape: Shape, preprocessing: Preprocessing,
    recipe: Recipe, departures: [String], network: Sequential
  ) {
    self.architecture = architecture
    self.variant = variant
    self.citation = citation
    self.network = network
    self.inputShape = inputShape
    self.preprocessing = preprocessing
    self.recipe = recipe
    self.departures = departures
  }
}

/// Why there is no such model.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nothing has this name.
  case unknown(String, variant: String?)

  /// Names what was asked for and what there is.
  public var description: String {
    switch self {
    case .unknown(let architecture, let variant):
      let known = Model.known.map { "\($0.architecture) (\($0.variants.joined(separator: ", ")))" }
      let asked = variant.map { "'\(architecture)' in a variant '\($0)'" } ?? "'\(architecture)'"
      return "there is no model \(asked); known are \(known.joined(separator: "; "))"
    }
  }
}
