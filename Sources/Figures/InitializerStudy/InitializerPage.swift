import Studies

/// The page of an initializer study.
extension ReportPage {
  init(results: InitializerStudyResults, sections: [ReportSection], notice: String?) {
    let page = InitializerPage(results: results)
    self.init(
      title: "How a network’s first weights decide what it learns", subtitle: page.subtitle, sections: sections,
      notices: [ComparisonTable(results).incompleteness, notice].compactMap(\.self), results: page.finalResults,
      comparison: page.publishedSection,
      methods: "\(page.methods)\(Self.environment(results.environment, results.study.options, results.study.commands))")
  }
}

/// What stands around the figures of an initializer study.
struct InitializerPage: Sendable {
  let results: InitializerStudyResults

  var subtitle: String {
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

  var finalResults: Markup {
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

  var publishedSection: Markup {
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

  /// How the study was done: data, normalisation, seeds, networks, formulas.
  var methods: Markup {
    let study = results.study
    let seeds = Set(results.runs.map(\.seed)).count
    let facts = [
      ("Data", study.data), ("Input normalisation", study.inputNormalisation),
      ("Statistics at initialisation", study.statisticsExamples), ("Saturated", study.saturation),
      ("Seeds", "\(seeds), counted from \(results.environment.seed)"),
      ("Intervals", "Student’s t over seeds, \(Wording.percent(study.confidence)), shown as mean ± half the width"),
      ("Duration", study.seconds.isFinite ? "\(Wording.fixed(study.seconds, decimals: 0)) s" : ""),
    ]
    let models = study.models.map { ($0.name, $0.text) }
    return """
      <section>
      <h2>How it was done</h2>
      \(ReportPage.definitions(facts))\(ReportPage.part("Networks and training", ReportPage.definitions(models), isShown: !models.isEmpty))
      \(ReportPage.formulas("Initializers", study.initializers))\(ReportPage.formulas("Theory’s predictions", study.predictions))
      </section>

      """
  }
}
