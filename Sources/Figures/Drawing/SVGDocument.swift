import Foundation

/// What gnuplot's SVG needs before it can stand in a report: names for a screen reader, fonts, identifiers of its own.
enum SVGDocument {
  /// The picture as a file: `title` and `description` for who cannot see it, fonts that every system has, and all
  /// identifiers with `name` before them, so that several pictures can stand in one page.
  static func finished(_ drawing: String, name: String, title: String, description: String) -> String {
    var svg = drawing
    for (old, new) in [
      ("id='gp", "id='\(name)-gp"), ("href='#gp", "href='#\(name)-gp"), ("id=\"gnuplot_", "id=\"\(name)-gnuplot_"),
      ("id='textbox'", "id='\(name)-textbox'"), ("id='greybox'", "id='\(name)-greybox'"),
      ("url(#textbox)", "url(#\(name)-textbox)"), ("url(#greybox)", "url(#\(name)-greybox)"),
      ("font-family=\"Helvetica\"", "font-family=\"Helvetica, Arial, Liberation Sans, sans-serif\""),
    ] {
      svg = svg.replacingOccurrences(of: old, with: new)
    }
    let heading =
      "<title id=\"\(name)-title\">\(Markup.escaped(title))</title>\n"
      + "<desc id=\"\(name)-description\">\(Markup.escaped(description.replacing("`", with: "")))</desc>"
    if let start = svg.range(of: "<title>"), let end = svg.range(of: "</desc>") {
      svg.replaceSubrange(start.lowerBound..<end.upperBound, with: heading)
    }
    if let root = svg.range(of: "<svg") {
      svg.insert(
        contentsOf: " role=\"img\" aria-labelledby=\"\(name)-title \(name)-description\"", at: root.upperBound)
    }
    return svg
  }

  /// The picture without the XML declaration, as it stands inside a page.
  static func inline(_ svg: String) -> String {
    guard let root = svg.range(of: "<svg") else { return "" }
    return String(svg[root.lowerBound...])
  }
}
