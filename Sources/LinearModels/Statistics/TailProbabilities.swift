/// Student's t distribution.
enum StudentT {
  /// P(|T| >= |t|) with ν degrees of freedom: I_{ν/(ν + t²)}(ν/2, ½).
  static func twoSidedTail(_ t: Double, degrees: Double) -> Double {
    let sum = degrees + t * t
    // A square beyond the range of numbers leaves no tail.
    if sum.isInfinite { return 0 }
    return IncompleteBeta.regularised(x: degrees / sum, y: t * t / sum, a: degrees / 2, b: 0.5)
  }

  /// The t that |T| exceeds with probability `tail`, by bisection to the last bit.
  static func twoSidedQuantile(tail: Double, degrees: Double) -> Double {
    guard tail > 0 else { return .infinity }
    guard tail < 1 else { return 0 }
    var (low, high) = (0.0, 1.0)
    while twoSidedTail(high, degrees: degrees) > tail, high < 1e150 { (low, high) = (high, high * 2) }
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if twoSidedTail(middle, degrees: degrees) > tail { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}

/// Fisher's F distribution.
enum FisherF {
  /// P(F >= f) with d1 and d2 degrees of freedom.
  static func upperTail(_ f: Double, _ d1: Double, _ d2: Double) -> Double {
    guard f > 0 else { return f.isNaN ? .nan : 1 }
    let sum = d2 + d1 * f
    if sum.isInfinite { return 0 }
    return IncompleteBeta.regularised(x: d2 / sum, y: d1 * f / sum, a: d2 / 2, b: d1 / 2)
  }
}
