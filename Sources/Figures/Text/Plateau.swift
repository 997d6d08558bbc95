import Studies

/// The settings of a comparison that had learnt nothing when training ended.
///
/// Their test errors stand in a table beside those of networks that learn, and a reader would take them for what the
/// initializer can do at all.
struct Plateau: Sendable {
  /// The networks with the initializers that are still at the level of guessing.
  private let entries: [(group: RunGroup, initializers: [String])]

  /// Nil where everything has learnt something.
  init?(_ groups: [RunGroup]) {
    var seen: Set<RunGroup> = []
    entries = groups.filter { seen.insert($0).inserted }.compactMap { group in
      // A diverged run has no test error to be mistaken.
      let stuck = InitializerFigures.unlearned(group).filter { group.divergedCount(of: $0) == 0 }
      return stuck.isEmpty ? nil : (group, stuck)
    }
    if entries.isEmpty { return nil }
  }

  /// Which they are, and what follows from it.
  var sentence: String {
    let places = entries.map { group, initializers in
      let names =
        initializers.count == group.initializers.count && initializers.count > 1
        ? "every initializer" : Wording.list(initializers)
      return "\(InitializerFigures.modelName(group.model)), \(group.activation), after "
        + "\(InitializerFigures.updates(group)) under \(names)"
    }
    let names = Set(entries.flatMap(\.initializers))
    let fate =
      names == ["zeros"]
      ? "Zero weights stay there however long training goes on."
      : names.contains("zeros")
        ? "Zero weights stay there; the others show how slowly such a network starts, not where it would end."
        : "That shows how slowly such a network starts, not where it would end."
    return
      "Still guessing, with a loss less than \(Wording.percent(InitializerFigures.margin)) below that of guessing: "
      + places.joined(separator: "; ") + ". " + fate
  }
}
