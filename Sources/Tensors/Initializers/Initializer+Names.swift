extension Initializer: CustomStringConvertible {
  /// The initializers that a name stands for, each with its default parameters.
  public static let named: [String: Initializer] = {
    let all: [Initializer] = [
      .zeros, .ones, .standard, .randomUniform(), .randomNormal(), .truncatedNormal(), .lecun1998, .lecunUniform,
      .lecunNormal, .glorotUniform, .glorotNormal, .heUniform, .heNormal, .orthogonal, .identity, .dirac, .sparse,
      .varianceScaling(),
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }()

  /// The names that ``init(named:)`` knows, sorted.
  public static var knownNames: [String] { named.keys.sorted() }

  /// The initializer of a name such as `glorot_uniform`, with its default parameters.
  ///
  /// - Throws: ``InitializerError/unknownName(_:known:)``, which lists the names there are.
  public init(named name: String) throws(InitializerError) {
    guard let found = Initializer.named[name] else {
      throw .unknownName(name, known: Initializer.knownNames)
    }
    self = found
  }

  /// The name; in parentheses the parameters where they are not the family's defaults.
  public var description: String {
    if self == Initializer.named[name] { return name }
    return switch rule {
    case .constant(let value): "\(name)(\(value))"
    case .uniform(let range): "\(name)(in: \(range.lowerBound)...\(range.upperBound))"
    case .normal(let mean, let deviation): "\(name)(mean: \(mean), standardDeviation: \(deviation))"
    case .truncatedNormal(let mean, let deviation, let truncation):
      "\(name)(mean: \(mean), standardDeviation: \(deviation), truncation: \(truncation))"
    case .varianceScaling(let scale, let mode, let form):
      "\(name)(scale: \(scale), mode: \(mode), distribution: \(form))"
    case .uniformOverFanIn(let numerator): "\(name)(numerator: \(numerator))"
    case .orthogonal(let gain, let convention): "\(name)(gain: \(gain), convention: \(convention))"
    case .identity(let gain): "\(name)(gain: \(gain))"
    case .dirac(let groups): "\(name)(groups: \(groups))"
    case .sparse(let fraction, let deviation): "\(name)(zeroFraction: \(fraction), standardDeviation: \(deviation))"
    }
  }
}

extension Initializer.Truncation: CustomStringConvertible {
  /// How it is written.
  public var description: String {
    switch self {
    case .standardDeviations(let count): "standardDeviations(\(count))"
    case .absolute(let bounds): "absolute(\(bounds.lowerBound)...\(bounds.upperBound))"
    }
  }
}

extension Initializer {
  /// Checks the parameters, none of which traps when the initializer is made.
  func validate() throws(InitializerError) {
    func require(_ holds: Bool, _ parameter: String, _ value: Double, _ expected: String) throws(InitializerError) {
      guard holds else {
        throw .invalidParameter(initializer: name, parameter: parameter, value: value, expected: expected)
      }
    }
    func requireFinite(_ parameter: String, _ value: Double) throws(InitializerError) {
      try require(value.isFinite, parameter, value, "finite")
    }
    func requireDeviation(_ value: Double) throws(InitializerError) {
      try require(value.isFinite && value >= 0, "standardDeviation", value, "finite and not negative")
    }
    switch rule {
    case .constant: break
    case .uniform(let range):
      let width = range.upperBound - range.lowerBound
      try require(width.isFinite, "the range's width", width, "finite")
    case .normal(let mean, let deviation):
      try requireFinite("mean", mean)
      try requireDeviation(deviation)
    case .truncatedNormal(let mean, let deviation, let truncation):
      try requireFinite("mean", mean)
      try require(deviation.isFinite && deviation > 0, "standardDeviation", deviation, "finite and positive")
      switch truncation {
      case .standardDeviations(let count):
        try require(count > 0, "truncation", count, "positive")
      case .absolute(let bounds):
        let cut = Distribution.truncatedNormal(mean: mean, standardDeviation: deviation, bounds: bounds)
        try require(cut.isValid, "truncation", bounds.lowerBound, "an interval within 37 deviations of the mean")
      }
    case .varianceScaling(let scale, _, _):
      try require(scale.isFinite && scale >= 0, "scale", scale, "finite and not negative")
    case .uniformOverFanIn(let numerator):
      try require(numerator.isFinite && numerator >= 0, "numerator", numerator, "finite and not negative")
    case .orthogonal(let gain, _), .identity(let gain):
      try requireFinite("gain", gain)
    case .dirac(let groups):
      try require(groups > 0, "groups", Double(groups), "positive")
    case .sparse(let zeroFraction, let deviation):
      try require((0...1).contains(zeroFraction), "zeroFraction", zeroFraction, "between 0 and 1")
      try requireDeviation(deviation)
    }
  }
}
