/// A measured number in a file of results: JSON's `null` stands for anything that is not finite.
///
/// JSON has no NaN and no infinity, and a diverged run produces both. Whatever is not finite is kept as NaN, so that
/// a value equals itself after a round trip through a file; a missing key also reads as NaN.
@propertyWrapper
public struct Measured: Sendable, Hashable, Codable {
  private var finite: Double?

  /// The number, NaN where it was not finite.
  public var wrappedValue: Double {
    get { finite ?? .nan }
    set { finite = newValue.isFinite ? newValue : nil }
  }

  /// Wraps `wrappedValue`; NaN and the infinities all become NaN.
  public init(wrappedValue: Double) { finite = wrappedValue.isFinite ? wrappedValue : nil }

  /// Reads a number, or NaN from `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(wrappedValue: container.decodeNil() ? .nan : try container.decode(Double.self))
  }

  /// Writes the number, or `null` where it is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let finite { try container.encode(finite) } else { try container.encodeNil() }
  }
}

extension KeyedDecodingContainer {
  /// Lets the synthesised decoders of this module read a missing key as NaN.
  func decode(_ type: Measured.Type, forKey key: Key) throws -> Measured {
    try decodeIfPresent(type, forKey: key) ?? Measured(wrappedValue: .nan)
  }
}
