/// One network that a name stands for.
public struct CatalogueEntry: Sendable {
  /// The architecture, for instance `vgg16`.
  public let architecture: String
  /// The variant, for instance `bn`.
  public let variant: String
  /// Whether the architecture's name alone means this variant.
  public let isDefault: Bool
  /// Rows and columns of the published network's images.
  public let input: Int
  /// The published network's classes.
  public let classes: Int
  /// Builds the model; throws where the size cannot be changed.
  let make: @Sendable (_ input: Int, _ classes: Int) throws(ModelError) -> Model

  /// The name on the command line: the architecture, followed by a hyphen and the variant where that is not the default.
  public var name: String { isDefault ? architecture : "\(architecture)-\(variant)" }
}

extension Model {
  /// Every network that ``init(named:variant:input:classes:)`` knows; an architecture's default variant comes first.
  public static let catalogue: [CatalogueEntry] = lenet5 + alexNets + vggs

  private static let lenet5 = [
    CatalogueEntry(architecture: "lenet5", variant: "modern", isDefault: true, input: 28, classes: 10) {
      LeNet5.modern(input: $0, classes: $1)
    },
    CatalogueEntry(architecture: "lenet5", variant: "original", isDefault: false, input: 32, classes: 10) {
      input, classes throws(ModelError) in
      guard input == 32, classes == 10 else {
        throw .fixedSize(name: "lenet5-original", input: 32, classes: 10, because: "its outputs are drawings of digits")
      }
      return LeNet5.original
    },
  ]

  private static let alexNets = AlexNet.Variant.allCases.map { variant in
    CatalogueEntry(
      architecture: "alexnet", variant: variant.rawValue, isDefault: variant == .original,
      input: AlexNet.publishedInput(variant), classes: 1000
    ) { AlexNet(variant, input: $0, classes: $1).model }
  }

  private static let vggs = VGG.Configuration.allCases.flatMap { configuration in
    [false, true].map { hasBatchNormalization in
      let model = VGG(configuration, batchNormalization: hasBatchNormalization).model
      return CatalogueEntry(
        architecture: model.architecture, variant: model.variant, isDefault: model.variant == "original", input: 224,
        classes: 1000
      ) { VGG(configuration, batchNormalization: hasBatchNormalization, input: $0, classes: $1).model }
    }
  }

  /// The entry of a name: an architecture with a variant, an architecture alone, or the two joined by a hyphen.
  ///
  /// - Throws: ``ModelError/unknown(_:variant:)``, which lists what there is.
  public static func entry(named name: String, variant: String? = nil) throws(ModelError) -> CatalogueEntry {
    let found = catalogue.first { entry in
      guard let variant else { return entry.name == name || "\(entry.architecture)-\(entry.variant)" == name }
      return entry.architecture == name && entry.variant == variant
    }
    guard let found else { throw .unknown(name, variant: variant) }
    return found
  }

  /// What there is to say about a network of another size than the published one.
  static func sizeDepartures(input: Int, published: Int, classes: Int, publishedClasses: Int) -> [String] {
    var list: [String] = []
    if input != published { list.append("Inputs are \(input)x\(input), not \(published)x\(published).") }
    if classes != publishedClasses { list.append("There are \(classes) outputs, not \(publishedClasses).") }
    return list
  }
}
