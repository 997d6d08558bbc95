import Foundation
import Studies

extension Estimate {
  /// "15.6 ± 0.4": the mean with as many decimals as two digits of the interval need; no interval for one value.
  func text(scale: Double = 1) -> String { Self.text(mean: mean * scale, halfWidth: halfWidth * scale) }

  /// The same of any mean and half width.
  static func text(mean: Double, halfWidth half: Double) -> String {
    guard mean.isFinite else { return "–" }
    guard half.isFinite else { return Wording.number(mean, digits: 4) }
    // Equal numbers have an interval of rounding errors only.
    guard half > 1e-9 * abs(mean) else { return Wording.number(mean, digits: 4) + "\u{A0}±\u{A0}0" }
    let decimals = max(0, 1 - Int(floor(log10(half))))
    guard decimals <= 6 else { return Wording.number(mean) + "\u{A0}±\u{A0}" + Wording.number(half, digits: 2) }
    return Wording.fixed(mean, decimals: decimals) + "\u{A0}±\u{A0}" + Wording.fixed(half, decimals: decimals)
  }

  /// A fraction as a percentage: "15.6 ± 0.4 %".
  var percentText: String { mean.isFinite ? text(scale: 100) + "\u{A0}%" : "–" }
}
