import Foundation
import Studies

/// The report of a study as one HTML page that needs no other file: style and pictures are inside.
struct ReportPage: Sendable {
  /// What the study measured, in a few words.
  let title: String
  /// What was compared, and how often.
  let subtitle: String
  let sections: [ReportSection]
  /// What the reader should know about missing pictures or runs.
  let notices: [String]
  /// What stands between the summary and the figures.
  var results: Markup = ""
  /// What stands below the figures.
  var comparison: Markup = ""
  /// How the study was done, and on what.
  var methods: Markup = ""

  var html: String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light">
      <title>\(title)</title>
      <style>
      \(Markup(raw: Stylesheet.text))
      </style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      <p class="subtitle">\(subtitle)</p>
      </header>
      <main>
      \(warning)\(summary)\(results)\(figureSections)\(comparison)\(methods)</main>
      </body>
      </html>

      """
    return page.text
  }

  private var warning: Markup {
    "\(notices.map { "<p class=\"warning\" role=\"note\">\($0)</p>\n" as Markup })"
  }

  /// The leading figures counted down the page.
  private var numbered: [(number: String, figure: Figure)] {
    sections.flatMap(\.leading).enumerated().map { (number: String($0.offset + 1), figure: $0.element) }
  }

  private var summary: Markup {
    guard !numbered.isEmpty else { return "<p>The results hold nothing to draw.</p>\n" }
    let items = numbered.map { entry -> Markup in
      "<li><strong>\(entry.figure.title).</strong> \(Markup.prose(entry.figure.conclusion)) <a href=\"#\(entry.figure.name)\">Figure\u{A0}\(entry.number)</a></li>\n"
    }
    return "<section>\n<h2>What it shows</h2>\n<ul class=\"summary\">\n\(items)</ul>\n</section>\n"
  }

  private var figureSections: Markup {
    var (number, supplement) = (0, 0)
    let parts = sections.map { section -> Markup in
      let leading = section.leading.map { figure -> Markup in
        number += 1
        return markup(figure, number: String(number))
      }
      let rest = section.supplements.map { figure -> Markup in
        supplement += 1
        return markup(figure, number: "S\(supplement)")
      }
      let folded: Markup =
        rest.isEmpty
        ? ""
        : """
        <details>
        <summary>\(Wording.count(rest.count, "more figure"))\(section.supplementTitle.isEmpty ? "" : ": " + section.supplementTitle)</summary>
        \(rest)</details>

        """
      return
        "<section>\n<h2>\(section.title)</h2>\n<p>\(section.introduction)</p>\n\(leading)\(section.table)\(folded)</section>\n"
    }
    return "\(parts)"
  }

  private func markup(_ figure: Figure, number: String) -> Markup {
    let picture: Markup =
      figure.svg.map { "\(Markup(raw: SVGDocument.inline($0)))" }
      ?? "<p class=\"missing\">Not drawn. The data and the script that draws them are linked below.</p>"
    return """
      <figure id="\(figure.name)">
      <h3>Figure\u{A0}\(number). \(figure.title)</h3>
      <div class="picture">
      \(picture)
      </div>
      <figcaption>
      <p class="conclusion">\(Markup.prose(figure.conclusion))</p>
      <p class="note">\(Markup.prose(figure.caption)) <span class="files">Files: <a href="data/\(figure.name).csv">data</a>,
      <a href="figures/\(figure.name).gnuplot">script</a>.</span></p>
      </figcaption>
      </figure>

      """
  }
}
