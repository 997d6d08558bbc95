extension RandomGenerator {
  /// A number of `[0, 1)`, a multiple of 2⁻⁵³; draws one word.
  public mutating func uniform() -> Double { RandomGenerator.unit(next()) }

  /// A number of a half-open range; draws one word.
  ///
  /// - Precondition: The range is not empty and its width is finite.
  public mutating func uniform(in range: Range<Double>) -> Double {
    precondition(!range.isEmpty && (range.upperBound - range.lowerBound).isFinite, "cannot draw from \(range)")
    let value = range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    // Rounding can reach the excluded end.
    return value < range.upperBound ? value : range.upperBound.nextDown
  }

  /// A number of a closed range; draws one word.
  ///
  /// - Precondition: The width of the range is finite.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double { draw(.uniform(range)) }

  /// A number of the normal distribution of mean 0 and variance 1; draws one word.
  ///
  /// The inverse of the distribution function is taken (Wichura's AS 241, relative error 1e-16), so a draw is a
  /// function of one word and lies within ±8.21.
  public mutating func normal() -> Double { NormalQuantile.value(RandomGenerator.openUnit(next())) }

  /// A number of the normal distribution of a mean and a standard deviation; draws one word.
  public mutating func normal(mean: Double, standardDeviation: Double) -> Double {
    draw(.normal(mean: mean, standardDeviation: standardDeviation))
  }

  /// A number of a distribution; draws one word.
  ///
  /// - Precondition: The distribution's parameters are valid (``Distribution/isValid``).
  public mutating func draw(_ distribution: Distribution) -> Double {
    var value = 0.0
    withUnsafeMutableBytes(of: &value) { fill($0.assumingMemoryBound(to: Double.self), from: distribution) }
    return value
  }

  /// A whole number of `0..<upperBound`, each as likely as the others.
  ///
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), algorithm 5.
  ///
  /// - Precondition: `upperBound > 0`.
  public mutating func next(upperBound: UInt64) -> UInt64 {
    precondition(upperBound > 0, "there is no whole number below 0 to draw")
    var (high, low) = next().multipliedFullWidth(by: upperBound)
    if low < upperBound {
      let threshold = (0 &- upperBound) % upperBound
      while low < threshold {
        (high, low) = next().multipliedFullWidth(by: upperBound)
      }
    }
    return high
  }

  /// A whole number of `0..<upperBound`, each as likely as the others.
  ///
  /// - Precondition: `upperBound > 0`.
  public mutating func next(upperBound: Int) -> Int {
    precondition(upperBound > 0, "there is no whole number below \(upperBound) to draw")
    return Int(next(upperBound: UInt64(upperBound)))
  }

  /// Brings the elements into a random order, each order as likely as the others (Fisher and Yates).
  ///
  /// Unlike the standard library's `shuffle(using:)`, the order is promised to be the same in every version.
  public mutating func shuffle<Elements: MutableCollection & RandomAccessCollection>(_ elements: inout Elements) {
    var remaining = elements.count
    var last = elements.endIndex
    while remaining > 1 {
      elements.formIndex(before: &last)
      let chosen = elements.index(elements.startIndex, offsetBy: next(upperBound: remaining))
      elements.swapAt(chosen, last)
      remaining -= 1
    }
  }

  /// The numbers `0..<count` in a random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }
}

extension RandomGenerator {
  /// Fills memory with draws of a distribution, one word each: element `i` takes word `position + i`.
  ///
  /// - Precondition: The distribution's parameters are valid (``Distribution/isValid``).
  public mutating func fill(_ target: UnsafeMutableBufferPointer<Double>, from distribution: Distribution) {
    precondition(distribution.isValid, "cannot draw from \(distribution)")
    switch distribution {
    case .uniform(let range):
      let width = range.upperBound - range.lowerBound
      fill(target) { min(range.lowerBound + width * RandomGenerator.unit($0), range.upperBound) }
    case .normal(let mean, let deviation):
      fill(target) { mean + deviation * NormalQuantile.value(RandomGenerator.openUnit($0)) }
    case .truncatedNormal(let mean, let deviation, let bounds):
      // Through the quantile of the distribution function between the bounds: no rejection, one word a draw.
      let cut = TruncatedQuantile(mean: mean, standardDeviation: deviation, bounds: bounds)
      fill(target) { cut.value(RandomGenerator.openUnit($0)) }
    }
  }

  /// Fills memory with functions of successive words.
  @inline(__always)
  private mutating func fill(_ target: UnsafeMutableBufferPointer<Double>, _ transform: (UInt64) -> Double) {
    guard let base = target.baseAddress else { return }
    var index = 0
    if !position.isMultiple(of: 2), index < target.count {
      base.initialize(to: transform(next()))
      index = 1
    }
    while index + 1 < target.count {
      let (even, odd) = Philox.words(position / 2, key: key)
      (base + index).initialize(to: transform(even))
      (base + index + 1).initialize(to: transform(odd))
      position &+= 2
      index += 2
    }
    if index < target.count { (base + index).initialize(to: transform(next())) }
  }

  /// The top 53 bits as a multiple of 2⁻⁵³ in `[0, 1)`.
  @inline(__always)
  static func unit(_ word: UInt64) -> Double { Double(word >> 11) * 0x1p-53 }

  /// The top 52 bits as an odd multiple of 2⁻⁵³: symmetric about one half, never 0 or 1, and so is its complement.
  @inline(__always)
  static func openUnit(_ word: UInt64) -> Double { (Double(word >> 12) + 0.5) * 0x1p-52 }
}
