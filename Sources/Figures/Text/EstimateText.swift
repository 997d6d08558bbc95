import Foundation
import Studies

extension Estimate {
  /// "15.6 ± 0.4": the mean with as many decimals as two digits of the interval need; no interval for one value.
  func text(scale: Double = 1) -> String {
    let (mean, half) = (mean * scale, halfWidth * scale)
    guard mean.isFinite else { return "–" }
    guard half.isFinite, half > 0 else { return Wording.number(mean) + (half == 0 ? " ± 0" : "") }
    let decimals = max(0, 1 - Int(floor(log10(half))))
    guard decimals <= 6 else { return Wording.number(mean) + " ± " + Wording.number(half, digits: 2) }
    return Wording.fixed(mean, decimals: decimals) + " ± " + Wording.fixed(half, decimals: decimals)
  }

  /// A fraction as a percentage: "15.6 ± 0.4 %".
  var percentText: String { mean.isFinite ? text(scale: 100) + "\u{A0}%" : "–" }
}
