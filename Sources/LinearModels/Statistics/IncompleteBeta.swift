import RealModule

/// The regularised incomplete beta function and its distributions' tails, to about 13 digits.
enum IncompleteBeta {
  /// I_x(a, b), with y = 1 − x given beside x so that neither end loses digits.
  ///
  /// The continued fraction of Abramowitz and Stegun 26.5.8, by Lentz's method, on the side where it converges fast.
  static func regularised(x: Double, y: Double, a: Double, b: Double) -> Double {
    guard !x.isNaN, !y.isNaN else { return .nan }
    if x <= 0 { return 0 }
    if y <= 0 { return 1 }
    let front = Double.exp(a * Double.log(x) + b * Double.log(y) - logBeta(a, b))
    if x < (a + 1) / (a + b + 2) { return front * continuedFraction(x, a, b) / a }
    return 1 - front * continuedFraction(y, b, a) / b
  }

  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func nonzero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...10_000 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      let factor = d * c
      result *= factor
      if abs(factor - 1) < 1e-16 { break }
    }
    return result
  }

  /// ln B(a, b), without the cancellation of three large logarithms of Γ.
  static func logBeta(_ a: Double, _ b: Double) -> Double {
    let (p, q) = (min(a, b), max(a, b))
    let log1p = Double.log(onePlus: -p / (p + q))
    if p >= 10 {
      let correction = stirling(p) + stirling(q) - stirling(p + q)
      return -0.5 * Double.log(q) + 0.5 * Double.log(2 * .pi) + correction
        + (p - 0.5) * Double.log(p / (p + q)) + q * log1p
    }
    if q >= 10 {
      return Double.logGamma(p) + stirling(q) - stirling(p + q) + p - p * Double.log(p + q) + (q - 0.5) * log1p
    }
    return Double.logGamma(p) + Double.logGamma(q) - Double.logGamma(p + q)
  }

  /// ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π) for x >= 10.
  private static func stirling(_ x: Double) -> Double {
    let s = 1 / (x * x)
    var series = 1.0 / 1188 - s * 691.0 / 360_360
    for coefficient in [1.0 / 1680, 1.0 / 1260, 1.0 / 360, 1.0 / 12] { series = coefficient - s * series }
    return series / x
  }
}
