/// The factor by which a layer's weights are widened to make up for what its activation takes from the signal.
///
/// A number can be written where a gain is expected: `.glorotUniform(gain: 1.5)`.
public struct Gain: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The factor on the standard deviation; the variance grows by its square.
  public let value: Double

  /// Makes a gain of a factor.
  public init(_ value: Double) { self.value = value }

  /// Makes a gain of a literal.
  public init(floatLiteral value: Double) { self.init(value) }

  /// Makes a gain of a literal.
  public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// 1, for no activation.
  public static let linear = Gain(1)
  /// 1, as PyTorch has it.
  public static let sigmoid = Gain(1)
  /// 5/3, as Torch and PyTorch have it.
  public static let tanh = Gain(5.0 / 3)
  /// √2: half of a symmetric signal is set to 0 (He et al. 2015, equation 10).
  public static let relu = Gain(2.0.squareRoot())
  /// 3/4, as PyTorch has it.
  public static let selu = Gain(0.75)
  /// `√(2 / (1 + slope²))` (He et al. 2015, equation 15).
  public static func leakyRelu(slope: Double = 0.01) -> Gain { Gain((2 / (1 + slope * slope)).squareRoot()) }
}
