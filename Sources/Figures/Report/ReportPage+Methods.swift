import Foundation
import Studies

extension ReportPage {
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
      \(Self.definitions(facts))\(Self.part("Networks and training", Self.definitions(models), isShown: !models.isEmpty))
      \(Self.formulas("Initializers", study.initializers))\(Self.formulas("Theory’s predictions", study.predictions))
      </section>

      """
  }

  /// The machine, the software and the commands that make the report again.
  var environment: Markup {
    let environment = results.environment
    let versions = environment.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let facts =
      [
        ("Processor", environment.cpu), ("System", environment.operatingSystem), ("BLAS", environment.blasLibrary),
        ("BLAS configuration", environment.blasConfiguration), ("SIMD level", environment.simdLevel),
        ("Threads", String(environment.threads)), ("Versions", versions.joined(separator: ", ")),
        ("First seed", String(environment.seed)),
      ] + results.study.options.map { ("Option \($0.name)", $0.text) }
    let commands = results.study.commands.joined(separator: "\n")
    let reproduction: Markup = "<pre><code>\(commands)</code></pre>\n"
    return """
      <section>
      <h2>Environment and reproduction</h2>
      \(Self.definitions(facts))\(commands.isEmpty ? "" : reproduction)<p class="note">Every number of this report is in
      <a href="results.json">results.json</a>; each figure names its data and its script.</p>
      </section>

      """
  }

  private static func part(_ title: String, _ content: Markup, isShown: Bool) -> Markup {
    isShown ? "<h3>\(title)</h3>\n\(content)" : ""
  }

  private static func definitions(_ facts: [(name: String, text: String)]) -> Markup {
    let items = facts.filter { !$0.text.isEmpty }.map { fact -> Markup in
      "<dt>\(fact.name)</dt><dd>\(fact.text)</dd>\n"
    }
    return items.isEmpty ? "" : "<dl>\n\(items)</dl>\n"
  }

  private static func formulas(_ title: String, _ formulas: [NamedText]) -> Markup {
    let items = formulas.map { entry -> Markup in
      "<dt><code>\(entry.name)</code></dt><dd>\(Markup.formula(entry.text))</dd>\n"
    }
    return part(title, "<dl class=\"formulas\">\n\(items)</dl>\n", isShown: !items.isEmpty)
  }
}
