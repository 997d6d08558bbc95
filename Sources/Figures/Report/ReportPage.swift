import Foundation
import Studies

/// The report as one HTML page that needs no other file: style and pictures are inside.
struct ReportPage: Sendable {
  let results: InitializerStudyResults
  let sections: [ReportSection]
  /// What the reader should know about missing pictures.
  let notice: String?

  var html: String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light">
      <title>\(Self.title)</title>
      <style>
      \(Markup(raw: Stylesheet.text))
      </style>
      </head>
      <body>
      <header>
      <h1>\(Self.title)</h1>
      <p class="subtitle">\(subtitle)</p>
      </header>
      <main>
      \(warning)\(summary)\(finalResults)\(figureSections)\(publishedSection)\(methods)\(environment)</main>
      </body>
      </html>

      """
    return page.text
  }

  static let title = "How a network’s first weights decide what it learns"

  private var subtitle: String {
    func distinct(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
    let models = distinct(results.runs.map { InitializerFigures.modelName($0.model) })
    let initializers = Set(results.runs.map(\.initializer)).count
    let seeds = results.groups(.comparison).map(\.seedCount).max() ?? 0
    let count = seeds > 0 ? ", \(Wording.count(seeds, "seed")) each" : ""
    return "\(Wording.count(initializers, "initializer")) on \(Wording.list(models))\(count), "
      + "\(Wording.count(results.runs.count, "run"))"
  }

  private var warning: Markup {
    let texts = [ComparisonTable(results).incompleteness, notice].compactMap(\.self)
    return "\(texts.map { "<p class=\"warning\" role=\"note\">\($0)</p>\n" as Markup })"
  }

  /// The leading figures counted down the page.
  private var numbered: [(number: String, figure: Figure)] {
    sections.flatMap(\.leading).enumerated().map { (number: String($0.offset + 1), figure: $0.element) }
  }

  private var summary: Markup {
    guard !numbered.isEmpty else { return "<p>The results hold nothing to draw.</p>\n" }
    let items = numbered.map { entry -> Markup in
      "<li>\(Markup.prose(entry.figure.conclusion)) <a href=\"#\(entry.figure.name)\">Figure\u{A0}\(entry.number)</a></li>\n"
    }
    return "<section>\n<h2>What it shows</h2>\n<ul class=\"summary\">\n\(items)</ul>\n</section>\n"
  }

  private var finalResults: Markup {
    let rows = ComparisonTable(results).rows
    guard !rows.isEmpty else { return "" }
    var table = HTMLTable(
      caption: "Final results by model, activation, data and initializer", note: ComparisonTable.legend,
      headings: ComparisonTable.Row.headings)
    var previous: RunGroup?
    for row in rows {
      if previous != row.group { table.groups[table.rows.count] = row.title }
      table.rows.append(row.cells)
      previous = row.group
    }
    return """
      <section>
      <h2>Final results</h2>
      \(ComparisonTable(results).testErrors.map { $0.markup } ?? "")<details>
      <summary>All \(rows.count) settings: loss, test error, spreads, saturation</summary>
      \(table.markup)</details>
      </section>

      """
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
        <summary>\(Wording.count(rest.count, "more figure")): other initializers, activations and networks</summary>
        \(rest)</details>

        """
      return
        "<section>\n<h2>\(section.title)</h2>\n<p>\(section.introduction)</p>\n\(leading)\(folded)</section>\n"
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

  private var publishedSection: Markup {
    let tables = PublishedComparison(results: results).tables
    guard !tables.isEmpty else { return "" }
    return """
      <section>
      <h2>Beside the published numbers</h2>
      <p>X. Glorot and Y. Bengio, <cite>Understanding the difficulty of training deep feedforward neural networks</cite>,
      2010. What the paper shows in figures is read off them.</p>
      \(tables.map(\.markup))</section>

      """
  }
}
