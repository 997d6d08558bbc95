/// In files a step is an object of its kind and its values, as in `{"centreCrop": {"size": {"height": 224, "width": 224}}}`.
extension ImagePipeline: Codable {
  private enum CodingKeys: CodingKey {
    case steps
    case encoding
  }

  private enum CodingStepKeys: String, CodingKey, CaseIterable {
    case resizeShorterSide
    case centreCrop
    case randomCrop
    case randomResizedCrop
    case horizontalFlip
    case principalColours

    var type: any ImageTransformation.Type {
      switch self {
      case .resizeShorterSide: ResizeShorterSide.self
      case .centreCrop: CentreCrop.self
      case .randomCrop: RandomCrop.self
      case .randomResizedCrop: RandomResizedCrop.self
      case .horizontalFlip: HorizontalFlip.self
      case .principalColours: PrincipalColours.self
      }
    }
  }

  /// Reads steps of the kinds that are known here.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    encoding = try container.decode(PixelEncoding.self, forKey: .encoding)
    var list = try container.nestedUnkeyedContainer(forKey: .steps)
    steps = []
    while !list.isAtEnd {
      let step = try list.nestedContainer(keyedBy: CodingStepKeys.self)
      guard let kind = step.allKeys.first, step.allKeys.count == 1 else {
        let known = CodingStepKeys.allCases.map(\.rawValue).joined(separator: ", ")
        throw DecodingError.dataCorruptedError(in: list, debugDescription: "expected a step of one kind: \(known)")
      }
      steps.append(try step.decode(kind.type, forKey: kind))
    }
    for step in steps { try step.validate() }
    try encoding.validate()
  }

  /// Writes steps of the kinds that are known here; others are an error.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(encoding, forKey: .encoding)
    var list = container.nestedUnkeyedContainer(forKey: .steps)
    for step in steps {
      guard let kind = CodingStepKeys.allCases.first(where: { $0.type == type(of: step) }) else {
        throw EncodingError.invalidValue(
          step,
          .init(codingPath: list.codingPath, debugDescription: "a step of one's own has no name in files: \(step)"))
      }
      var object = list.nestedContainer(keyedBy: CodingStepKeys.self)
      try object.encode(step, forKey: kind)
    }
  }
}
