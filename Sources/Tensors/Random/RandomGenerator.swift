/// A seeded stream of random numbers: a value, passed as an argument wherever something is drawn.
///
/// The `i`-th word of a stream is a function of its ``key`` and of `i` alone (Philox4x32-10), so draws do not depend on
/// the order in which others are made, and a generator is saved and resumed by its key and its position. A named stream
/// is independent of every other name: `RandomGenerator(seed: 1, stream: "conv1/kernel")` is what a layer of that name
/// gets, whatever layers stand before it.
///
/// The words, and every draw made from them here, are the same on every platform and in every version.
public struct RandomGenerator: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// What tells this stream from others.
  public let key: UInt64

  /// How many 64-bit words have been drawn.
  public var position: UInt64

  /// Makes the stream `stream` of a seed; the empty name is the seed's own stream.
  ///
  /// `RandomGenerator(seed: 1, stream: "a")` is `RandomGenerator(seed: 1).fork("a")`.
  public init(seed: UInt64, stream: String = "") {
    self.init(key: stream.isEmpty ? seed : RandomGenerator.key(seed, stream.utf8))
  }

  /// Makes the stream of a key, as read from ``key``, at a position.
  public init(key: UInt64, position: UInt64 = 0) {
    self.key = key
    self.position = position
  }

  /// The stream named `name` under this one: a function of the two names, not of ``position``.
  public func fork(_ name: String) -> RandomGenerator {
    RandomGenerator(key: RandomGenerator.key(key, name.utf8))
  }

  /// The stream numbered `number` under this one, as of an epoch or an example: a function of the key and the number.
  public func fork(_ number: Int) -> RandomGenerator {
    // Begun with a byte that UTF-8 has no use for, so that no name gives the same bytes.
    RandomGenerator(
      key: RandomGenerator.key(key, [0xFF] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }))
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let (even, odd) = Philox.words(position / 2, key: key)
    defer { position &+= 1 }
    return position.isMultiple(of: 2) ? even : odd
  }

  /// The key of a stream below another: FNV-1a over the name's bytes, begun at the parent's key, then SplitMix64's
  /// finaliser. For one name, different parents always give different keys.
  private static func key(_ parent: UInt64, _ name: some Sequence<UInt8>) -> UInt64 {
    var hash = 0xCBF2_9CE4_8422_2325 ^ parent
    for byte in name {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    hash &+= 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}
