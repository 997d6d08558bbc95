import RealModule

/// The inverse of the standard normal distribution function.
///
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988),
/// procedure PPND16, whose coefficients these are. Only additions, multiplications, divisions and square roots are
/// used, which IEEE 754 rounds the same everywhere.
enum NormalQuantile {
  /// The number below which a standard normal variable lies with a given probability, strictly between 0 and 1.
  @inline(__always)
  static func value(_ probability: Double) -> Double {
    let centred = probability - 0.5
    guard centred.magnitude > 0.425 else {
      let r = 0.180625 - centred * centred
      return centred * ratio(r, centreNumerator, centreDenominator)
    }
    return tail(probability)
  }

  /// The same beyond 0.075 and 0.925.
  @inline(never)
  private static func tail(_ probability: Double) -> Double {
    let isLower = probability < 0.5
    let r = (-logarithm(isLower ? probability : 1 - probability)).squareRoot()
    let magnitude =
      r <= 5
      ? ratio(r - 1.6, middleNumerator, middleDenominator)
      : ratio(r - 5, farNumerator, farDenominator)
    return isLower ? -magnitude : magnitude
  }

  /// The natural logarithm of a normal positive number to within 2 units in the last place, without the platform's
  /// library: `log(2ᵉ·m) = e·log 2 + 2·artanh(s)` with `s = (m − 1) / (m + 1)` and `|s| < 0.172`.
  static func logarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var series = 1.0 / 23
    var divisor = 21.0
    while divisor >= 1 {
      series = series * square + 1 / divisor
      divisor -= 2
    }
    // log 2 in two parts, the first short enough that its multiples by an exponent are exact.
    let high = 0x1.62e42fefap-1
    let low = 0x1.cf79abc9e3b3ap-40
    return exponent * high + (2 * s * series + exponent * low)
  }

  private typealias Coefficients = (Double, Double, Double, Double, Double, Double, Double, Double)

  @inline(__always)
  private static func ratio(_ x: Double, _ numerator: Coefficients, _ denominator: Coefficients) -> Double {
    polynomial(x, numerator) / polynomial(x, denominator)
  }

  @inline(__always)
  private static func polynomial(_ x: Double, _ c: Coefficients) -> Double {
    ((((((c.7 * x + c.6) * x + c.5) * x + c.4) * x + c.3) * x + c.2) * x + c.1) * x + c.0
  }

  private static var centreNumerator: Coefficients {
    (
      3.387_132_872_796_366_608_0e0, 1.331_416_678_917_843_774_5e2, 1.971_590_950_306_551_442_7e3,
      1.373_169_376_550_946_112_5e4, 4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
      3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3
    )
  }
  private static var centreDenominator: Coefficients {
    (
      1.0, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_083_0e2, 5.394_196_021_424_751_107_7e3,
      2.121_379_430_158_659_586_7e4, 3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
      5.226_495_278_852_854_561_0e3
    )
  }
  private static var middleNumerator: Coefficients {
    (
      1.423_437_110_749_683_577_34e0, 4.630_337_846_156_545_295_90e0, 5.769_497_221_460_691_405_50e0,
      3.647_848_324_763_204_605_04e0, 1.270_458_252_452_368_382_58e0, 2.417_807_251_774_506_117_70e-1,
      2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4
    )
  }
  private static var middleDenominator: Coefficients {
    (
      1.0, 2.053_191_626_637_758_821_87e0, 1.676_384_830_183_803_849_40e0, 6.897_673_349_851_000_045_50e-1,
      1.481_039_764_274_800_745_90e-1, 1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4,
      1.050_750_071_644_416_843_24e-9
    )
  }
  private static var farNumerator: Coefficients {
    (
      6.657_904_643_501_103_777_20e0, 5.463_784_911_164_114_369_90e0, 1.784_826_539_917_291_335_80e0,
      2.965_605_718_285_048_912_30e-1, 2.653_218_952_657_612_309_30e-2, 1.242_660_947_388_078_438_60e-3,
      2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7
    )
  }
  private static var farDenominator: Coefficients {
    (
      1.0, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1, 1.487_536_129_085_061_485_25e-2,
      7.868_691_311_456_132_591_00e-4, 1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
      2.044_263_103_389_939_785_64e-15
    )
  }
}

/// The quantiles of a normal distribution cut to an interval.
struct TruncatedQuantile {
  private let mean: Double
  private let deviation: Double
  private let bounds: ClosedRange<Double>
  private let lower: Double
  private let width: Double
  private let isMirrored: Bool

  init(mean: Double, standardDeviation: Double, bounds: ClosedRange<Double>) {
    self.mean = mean
    deviation = standardDeviation
    self.bounds = bounds
    let low = (bounds.lowerBound - mean) / standardDeviation
    let high = (bounds.upperBound - mean) / standardDeviation
    // An interval above the mean is drawn below it and turned over: small probabilities keep their digits, those near
    // one do not.
    isMirrored = low > 0
    lower = TruncatedQuantile.probability(below: isMirrored ? -high : low)
    width = TruncatedQuantile.probability(below: isMirrored ? -low : high) - lower
  }

  @inline(__always)
  func value(_ unit: Double) -> Double {
    let quantile = NormalQuantile.value(min(max(lower + width * unit, 0x1p-1022), 1 - 0x1p-53))
    let drawn = mean + deviation * (isMirrored ? -quantile : quantile)
    return min(max(drawn, bounds.lowerBound), bounds.upperBound)
  }

  /// The standard normal distribution function.
  static func probability(below z: Double) -> Double { 0.5 * Double.erfc(-z * 0.5.squareRoot()) }
}
