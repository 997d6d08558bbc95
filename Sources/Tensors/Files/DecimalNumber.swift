/// Numbers as text files write them: `-12`, `3.5`, `.5`, `1e-3`, `inf`, `nan`.
///
/// The value is the nearest double of what is written, ties to even. Up to 19 digits and powers of ten up to 27 take a
/// division or a product of integers, which is exact; other numbers go through the standard library.
package enum DecimalNumber {
  /// The number that a text is from its first to its last byte; nil where it is none.
  ///
  /// Infinities and NaN come back as they are, and what is too large for a double as an infinity: the caller decides.
  package static func value(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    bytes.withUnsafeBufferPointer { value(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// The integer, without a decimal point or exponent, that a text is; nil where it is none or too large.
  package static func integer(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard let first = range.first else { return nil }
    let isNegative = bytes[first] == UInt8(ascii: "-")
    let digits = isNegative || bytes[first] == UInt8(ascii: "+") ? range.dropFirst() : range
    guard !digits.isEmpty else { return nil }
    var result = 0
    for index in digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (product, isLarge) = result.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = product.addingReportingOverflow(Int(digit))
      if isLarge || isLarger { return nil }
      result = sum
    }
    return isNegative ? -result : result
  }

  static func value(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { index = 1 }
    let unsigned = index
    var (mantissa, digits, exponent, hasDigit, isFraction) = (UInt64(0), 0, 0, false, false)
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      if digit <= 9 {
        hasDigit = true
        // Leading zeros are no digits of the mantissa, which overflows harmlessly when there are too many.
        if mantissa > 0 || digit > 0 { digits += 1 }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if isFraction { exponent -= 1 }
      } else if text[index] == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      index += 1
    }
    guard hasDigit else {
      guard text.count - unsigned <= 8 else { return nil }
      switch String(decoding: text[unsigned...], as: UTF8.self).lowercased() {
      case "inf", "infinity": return isNegative ? -.infinity : .infinity
      case "nan": return .nan
      default: return nil
      }
    }
    if index < text.count {
      guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
      index += 1
      guard index < text.count else { return nil }
      let isBelow = text[index] == UInt8(ascii: "-")
      if isBelow || text[index] == UInt8(ascii: "+") { index += 1 }
      guard index < text.count else { return nil }
      var power = 0
      while index < text.count {
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        power = min(power * 10 + Int(digit), 1_000_000)
        index += 1
      }
      exponent += isBelow ? -power : power
    }
    if digits <= 19, let magnitude = product(mantissa, exponent) { return isNegative ? -magnitude : magnitude }
    return Double(String(decoding: text, as: UTF8.self))
  }

  /// 5^0 to 5^27, all that fit.
  private static let powersOfFive: [UInt64] = (0..<27).reduce(into: [1]) { powers, _ in powers.append(powers.last! * 5)
  }

  /// mantissa · 10^exponent, rounded once; nil for a power beyond the table.
  private static func product(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    guard exponent >= -27, exponent <= 27 else { return nil }
    let power = powersOfFive[abs(exponent)]
    if exponent >= 0 {
      let (high, low) = mantissa.multipliedFullWidth(by: power)
      if high == 0 {
        let shift = low.leadingZeroBitCount
        return rounded(low << UInt64(shift), isExact: true, exponent: exponent - shift)
      }
      let shift = UInt64(high.leadingZeroBitCount)
      let top = shift == 0 ? high : high << shift | low >> (64 - shift)
      return rounded(top, isExact: low << shift == 0, exponent: exponent + 64 - Int(shift))
    }
    // 64 bits of the quotient of two numbers whose highest bits are set, and whether there is a remainder.
    let (above, below) = (mantissa.leadingZeroBitCount, power.leadingZeroBitCount)
    let (dividend, divisor) = (mantissa << UInt64(above), power << UInt64(below))
    let isLess = dividend < divisor
    let (quotient, remainder) = divisor.dividingFullWidth(
      isLess ? (dividend, 0) : (dividend >> 1, dividend << 63))
    return rounded(quotient, isExact: remainder == 0, exponent: exponent + below - above - (isLess ? 64 : 63))
  }

  /// bits · 2^exponent to 53 bits, to nearest, ties to even; the highest of the 64 bits is set.
  private static func rounded(_ bits: UInt64, isExact: Bool, exponent: Int) -> Double {
    let rest = bits & 0x7FF
    var kept = bits >> 11
    if rest > 0x400 || (rest == 0x400 && (!isExact || kept & 1 == 1)) { kept += 1 }
    return Double(sign: .plus, exponent: exponent + 11, significand: Double(kept))
  }
}
