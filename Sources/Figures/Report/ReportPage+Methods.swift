import Studies

/// What the reports of all studies say at their end.
extension ReportPage {
  /// The machine, the software and the commands that make the report again.
  static func environment(
    _ environment: StudyEnvironment, _ options: [NamedText], _ commands: [String]
  ) -> Markup {
    let versions = environment.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let facts =
      [
        ("Processor", environment.cpu), ("System", environment.operatingSystem), ("BLAS", environment.blasLibrary),
        ("BLAS configuration", environment.blasConfiguration), ("SIMD level", environment.simdLevel),
        ("Threads", String(environment.threads)), ("Versions", versions.joined(separator: ", ")),
        ("First seed", String(environment.seed)),
      ] + options.map { ("Option \($0.name)", $0.text) }
    let commands = commands.joined(separator: "\n")
    let reproduction: Markup = "<pre><code>\(commands)</code></pre>\n"
    return """
      <section>
      <h2>Environment and reproduction</h2>
      \(definitions(facts))\(commands.isEmpty ? "" : reproduction)<p class="note">Every number of this report is in
      <a href="results.json">results.json</a>; each figure names its data and its script.</p>
      </section>

      """
  }

  static func part(_ title: String, _ content: Markup, isShown: Bool) -> Markup {
    isShown ? "<h3>\(title)</h3>\n\(content)" : ""
  }

  static func definitions(_ facts: [(name: String, text: String)]) -> Markup {
    let items = facts.filter { !$0.text.isEmpty }.map { fact -> Markup in
      "<dt>\(fact.name)</dt><dd>\(fact.text)</dd>\n"
    }
    return items.isEmpty ? "" : "<dl>\n\(items)</dl>\n"
  }

  static func formulas(_ title: String, _ formulas: [NamedText]) -> Markup {
    let items = formulas.map { entry -> Markup in
      "<dt><code>\(entry.name)</code></dt><dd>\(Markup.formula(entry.text))</dd>\n"
    }
    return part(title, "<dl class=\"formulas\">\n\(items)</dl>\n", isShown: !items.isEmpty)
  }
}
