import Foundation

/// How a quantity changes from layer to layer, in words chosen by the measured factor.
struct Trend: Sendable {
  /// The factor of growth a layer in the direction that the sentence speaks of; NaN where it was not measured.
  let factor: Double
  /// Theory's factor; NaN where there is no theory.
  let theory: Double

  /// Changes of at most this much a layer count as small.
  static let small = 0.15
  /// Measured and predicted factors agree when they differ by at most this much.
  static let agreement = 0.10

  /// Whether the quantity changes by at most 15 % a layer.
  var isSmall: Bool { factor.isFinite && abs(log(factor)) <= log(1 + Self.small) }

  /// Whether the measured factor lies within 10 % of theory's; nil without a measurement or a theory.
  var agrees: Bool? {
    factor.isFinite && theory.isFinite && factor > 0 && theory > 0
      ? abs(log(factor / theory)) <= log(1 + Self.agreement) : nil
  }

  /// "falls by a factor 1.73 a layer (theory 1.73)", "rises by 4 % a layer (theory: constant)".
  var phrase: String {
    guard factor.isFinite, factor > 0 else { return "has no measurable trend" }
    guard let agrees else { return Self.describe(factor) + " a layer" }
    let falls = factor < 1
    let comparison =
      abs(log(theory)) < log(1.005)
      ? "constant" : (theory < 1) == falls && !isSmall ? Self.size(theory) : Self.describe(theory)
    let direct = comparison.first?.isNumber == true ? "theory \(comparison)" : "theory: \(comparison)"
    return Self.describe(factor) + " a layer (\(direct)\(agrees ? "" : ", which it misses by more than 10\u{A0}%"))"
  }

  /// What several initializers do: "falls by a factor 1.73 a layer (theory 1.73) under `a` and ... under `b`".
  ///
  /// Those that behave alike share a phrase; among more than two, so do all that change little.
  static func sentence(_ trends: [(name: String, trend: Trend)]) -> String {
    let small = trends.count > 2 ? trends.filter { $0.trend.isSmall } : []
    var phrases: [(text: String, names: [String])] = []
    if small.count > 1 {
      let largest = small.map { abs(log($0.trend.factor)) }.max() ?? 0
      let missed = small.filter { $0.trend.agrees == false }.map(\.name)
      let remark = missed.isEmpty ? "" : ", which misses theory by more than 10\u{A0}% for \(Wording.names(missed)),"
      phrases.append(
        ("changes by at most \(Wording.percent(exp(largest) - 1, digits: 2)) a layer\(remark)", small.map(\.name)))
    }
    for (name, trend) in trends where small.count < 2 || !trend.isSmall {
      if let index = phrases.firstIndex(where: { $0.text == trend.phrase }) {
        phrases[index].names.append(name)
      } else {
        phrases.append((trend.phrase, [name]))
      }
    }
    return Wording.list(phrases.map { "\($0.text) under \(Wording.names($0.names))" })
  }

  private static func size(_ factor: Double) -> String { Wording.number(factor < 1 ? 1 / factor : factor) }

  private static func describe(_ factor: Double) -> String {
    let size = factor < 1 ? 1 / factor : factor
    if size < 1.005 { return "changes by less than 0.5\u{A0}%" }
    let verb = factor < 1 ? "falls" : "rises"
    return size <= 1 + small
      ? "\(verb) by \(Wording.percent(abs(factor - 1), digits: 2))" : "\(verb) by a factor \(Wording.number(size))"
  }
}
