import Foundation

/// An axis: its label with the unit, its range and its ticks, so that positions on it can be computed here.
struct Axis: Sendable {
  /// A mark on the axis.
  struct Tick: Sendable, Hashable {
    let value: Double
    let label: String
  }

  /// The label; none is drawn where it is empty.
  var label: String
  let lower: Double
  let upper: Double
  let isLogarithmic: Bool
  let ticks: [Tick]

  /// Numbers beyond this are left off an axis: their ranges and ticks would overflow.
  private static let largest = 1e100

  /// Where `value` lies between the ends, 0 to 1 and beyond.
  func fraction(_ value: Double) -> Double {
    isLogarithmic
      ? log(value / lower) / log(upper / lower)
      : (value - lower) / (upper - lower)
  }

  /// An axis with exactly these ends.
  init(_ label: String, from lower: Double, to upper: Double, ticks: [Tick]? = nil, tickCount: Int = 6) {
    self.label = label
    self.lower = abs(lower) < Self.largest ? lower : 0
    let end = abs(upper) < Self.largest ? upper : Self.largest
    self.upper = end > self.lower ? end : self.lower + max(abs(self.lower), 1)
    isLogarithmic = false
    self.ticks = ticks ?? Self.linearTicks(self.lower, self.upper, count: tickCount)
  }

  /// An axis that covers the finite ones of `values` with a little room; `from` and `to` fix an end.
  static func covering(
    _ label: String, _ values: [Double], from: Double? = nil, to: Double? = nil, tickCount: Int = 6
  ) -> Axis {
    let finite = values.filter { abs($0) < largest }
    let low = from ?? finite.min() ?? 0
    let high = to ?? finite.max() ?? 1
    let room = (high - low) * 0.06
    return Axis(label, from: from ?? low - room, to: to ?? high + room, tickCount: tickCount)
  }

  /// A logarithmic axis that covers the positive ones of `values` with a little room.
  static func logarithmic(_ label: String, _ values: [Double]) -> Axis {
    let positive = values.filter { $0 > 1 / largest && $0 < largest }
    let low = (positive.min() ?? 0.1) / 1.4
    let high = (positive.max() ?? 1) * 1.4
    return Axis(logarithmic: label, from: low, to: high)
  }

  private init(logarithmic label: String, from lower: Double, to upper: Double) {
    self.label = label
    self.lower = lower
    self.upper = upper
    isLogarithmic = true
    ticks = Self.logarithmicTicks(lower, upper)
  }

  /// The ticks 1, 2 or 5 times a power of ten apart, about `count` of them.
  private static func linearTicks(_ lower: Double, _ upper: Double, count: Int) -> [Tick] {
    let rough = (upper - lower) / Double(max(count, 1))
    // Ends that differ only in their last digits have no ticks between them.
    guard rough > 0, max(abs(lower), abs(upper)) / rough < 1e12 else { return [] }
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5].first { $0 * power >= rough * 0.999 } ?? 10)
    let decimals = max(0, Int(-floor(log10(step) + 1e-9)))
    let first = Int((lower / step - 1e-6).rounded(.up))
    let last = Int((upper / step + 1e-6).rounded(.down))
    guard first <= last, last - first < 100 else { return [] }
    return (first...last).map { index in
      let value = Double(index) * step
      let text =
        decimals > 6 || abs(value) >= 1e7 ? Wording.number(value) : Wording.fixed(value, decimals: decimals)
      return Tick(value: value, label: text)
    }
  }

  /// The powers of ten, with 2 and 5 or with 3 between them where the axis spans few decades.
  private static func logarithmicTicks(_ lower: Double, _ upper: Double) -> [Tick] {
    let first = Int(floor(log10(lower)))
    let last = Int(ceil(log10(upper)))
    let decades = log10(upper / lower)
    let mantissas = decades < 2.2 ? [1.0, 2, 5] : decades < 3 ? [1.0, 3] : [1.0]
    let stride = max(1, Int((decades / 7).rounded(.up)))
    // One way of writing all along the axis.
    let isWritten = decades <= 5 && (mantissas.count > 1 || lower >= 0.9e-4)
    var ticks: [Tick] = []
    for exponent in Swift.stride(from: first, through: last, by: stride) {
      for mantissa in mantissas {
        let value = mantissa * pow(10, Double(exponent))
        guard value >= lower * 0.999, value <= upper * 1.001 else { continue }
        let label = isWritten ? Wording.number(value) : Wording.powerOfTen(exponent)
        ticks.append(Tick(value: value, label: label))
      }
    }
    return ticks
  }
}
