/// How a series looks: a colour, a dash pattern and a symbol, any one of which is enough to tell it from the others.
///
/// The colours are those of M. Okabe and K. Ito, "Color Universal Design", 2008, without their yellow, which is too
/// pale for a line on white paper.
struct Look: Sendable {
  let color: String
  /// Lengths of dash and gap in gnuplot's notation; `solid` for none.
  let dash: String
  /// gnuplot's number of the symbol.
  let point: Int

  static let all = [
    Look(color: "#D55E00", dash: "solid", point: 7),
    Look(color: "#0072B2", dash: "(7,3)", point: 5),
    Look(color: "#009E73", dash: "(2,2)", point: 9),
    Look(color: "#CC79A7", dash: "(9,3,2,3)", point: 11),
    Look(color: "#E69F00", dash: "(14,4)", point: 13),
    Look(color: "#56B4E9", dash: "(4,2)", point: 6),
    Look(color: "#000000", dash: "(9,2,2,2,2,2)", point: 4),
    Look(color: "#777777", dash: "solid", point: 8),
    Look(color: "#D55E00", dash: "(12,2)", point: 10),
    Look(color: "#0072B2", dash: "(3,1)", point: 12),
    Look(color: "#009E73", dash: "(6,2,1,2)", point: 1),
    Look(color: "#CC79A7", dash: "(2,4)", point: 2),
  ]

  /// The number of the line type that the script gives to theory's predictions.
  static let theory = all.count + 1

  /// gnuplot's definitions of all line types, from 1.
  static var definitions: [String] {
    all.enumerated().map { index, look in
      "set linetype \(index + 1) linecolor rgb '\(look.color)' dashtype \(look.dash) linewidth 1.8 "
        + "pointtype \(look.point) pointsize 0.75"
    } + ["set linetype \(theory) linecolor rgb '#000000' dashtype (1.5,2.5) linewidth 1.2 pointtype 2 pointsize 1"]
  }
}

/// One look for each name, the same in every figure of a report.
struct LookBook: Sendable {
  private let numbers: [String: Int]

  /// The looks of names that every study has, so that reports can be compared too.
  private static let fixed = ["standard": 1, "glorot_uniform": 2, "zeros": 8]

  /// Gives looks to `names` in their order; where there are more names than looks, looks return.
  ///
  /// - Parameter fixed: the looks that some names have in every report.
  init(_ names: [String], fixed: [String: Int] = Self.fixed) {
    let free = (1...Look.all.count).filter { !fixed.values.contains($0) }
    var numbers: [String: Int] = [:]
    var count = 0
    for name in names where numbers[name] == nil {
      if let number = fixed[name] {
        numbers[name] = number
      } else {
        numbers[name] = free[count % free.count]
        count += 1
      }
    }
    self.numbers = numbers
  }

  /// The line type of `name`.
  subscript(_ name: String) -> Int { numbers[name] ?? 1 }

  /// The line type of the entry `index`, for series without a name of their own, such as layers.
  static func number(_ index: Int) -> Int { index % Look.all.count + 1 }
}
