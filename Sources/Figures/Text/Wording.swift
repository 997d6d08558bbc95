import Foundation

/// Numbers as words: the same digits and units in figures, tables and sentences.
enum Wording {
  /// A number with `digits` significant digits: 0.123, 1.73, 12,300, 1.2 × 10⁻⁵; "–" where it is not finite.
  static func number(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    let exponent = Int(floor(log10(abs(value))))
    if exponent < -4 || exponent > 6 {
      var mantissa = value / pow(10, Double(exponent))
      var shown = exponent
      if abs(mantissa) >= 9.995 { (mantissa, shown) = (mantissa / 10, exponent + 1) }
      let text = trimmed(fixed(mantissa, decimals: max(digits - 1, 0)))
      return (text == "1" ? "" : text == "−1" ? "−" : text + "\u{A0}×\u{A0}") + "10" + superscript(shown)
    }
    return trimmed(fixed(value, decimals: max(digits - 1 - exponent, 0)))
  }

  /// A number with a fixed number of decimals and a comma every three digits.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(decimals)f", locale: nil, value == 0 ? 0 : value)
    let parts = text.split(separator: ".", maxSplits: 1)
    let sign = parts[0].hasPrefix("-") ? "−" : ""
    let digits = Array(parts[0].drop { $0 == "-" })
    let grouped = digits.enumerated().map { index, digit in
      (index > 0 && (digits.count - index) % 3 == 0 ? "," : "") + String(digit)
    }
    return sign + grouped.joined() + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A fraction as a percentage: "15.6 %", with a space that does not break.
  static func percent(_ fraction: Double, digits: Int = 3) -> String {
    fraction.isFinite ? number(fraction * 100, digits: digits) + "\u{A0}%" : "–"
  }

  /// A list in a sentence: "a", "a and b", "a, b and c".
  static func list(_ items: [String], conjunction: String = "and") -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }

  /// "1 seed", "5 seeds".
  static func count(_ count: Int, _ noun: String) -> String {
    "\(fixed(Double(count), decimals: 0)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The first letter in upper case.
  static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(digits.reversed())
  }

  /// 10⁻³, and 1 for the power 0.
  static func powerOfTen(_ exponent: Int) -> String { exponent == 0 ? "1" : "10" + superscript(exponent) }

  /// The name of an initializer or an activation in a sentence: in backticks, which the page sets as code.
  static func name(_ name: String) -> String { "`\(name.replacing("`", with: "'"))`" }

  /// "`a`, `b` and `c`".
  static func names(_ names: [String]) -> String { list(names.map(name)) }

  private static func superscript(_ exponent: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
    ]
    return String(String(exponent).map { digits[$0] ?? $0 })
  }
}
