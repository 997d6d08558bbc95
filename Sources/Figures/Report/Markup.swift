/// A piece of HTML. What is interpolated into it is escaped unless it is markup itself, so escaping cannot be forgotten.
struct Markup: Sendable, ExpressibleByStringInterpolation {
  let text: String

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Text that is markup already, such as a picture.
  init(raw text: String) { self.text = text }

  struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { text += Markup.escaped(value) }
    mutating func appendInterpolation(_ value: Int) { text += String(value) }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ values: [Markup]) { for value in values { text += value.text } }
  }

  /// `text` with the five characters that mean something in HTML and XML replaced, and without control characters,
  /// which XML forbids.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: if scalar.value >= 0x20 && scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }

  /// Prose: escaped, with what stands between backticks set as code.
  static func prose(_ text: String) -> Markup {
    let parts = escaped(text).split(separator: "`", omittingEmptySubsequences: false)
    // An even number of parts would leave a backtick without its partner.
    guard parts.count % 2 == 1 else { return Markup(raw: parts.joined(separator: "`")) }
    return Markup(raw: parts.enumerated().map { $0 % 2 == 1 ? "<code>\($1)</code>" : String($1) }.joined())
  }

  /// A formula: escaped, in italics, with what follows an underscore set as a subscript (`n_in`).
  static func formula(_ text: String) -> Markup {
    let escaped = escaped(text).replacing(#/_\{?(?<index>[A-Za-z0-9+\-]+)\}?/#) { "<sub>\($0.index)</sub>" }
    return Markup(raw: "<span class=\"formula\">\(escaped)</span>")
  }
}
