import Studies

/// A part of the report: a heading, a few sentences on what is measured, and figures.
struct ReportSection: Sendable {
  let title: String
  let introduction: String
  var figures: [Figure]

  /// The sections of a report, without those that have no figure.
  static func outline(_ figures: InitializerFigures) -> [ReportSection] {
    let groups = figures.results.groups(.comparison)
    let initial = groups.flatMap { group in
      let others = others(group)
      return [
        figures.activationHistograms(group),
        others.isEmpty ? nil : figures.activationHistograms(group, initializers: others),
        figures.gradientHistograms(group),
        others.isEmpty ? nil : figures.gradientHistograms(group, initializers: others),
        figures.layerDeviations(group),
      ]
    }
    let training = groups.flatMap { group in
      let others = others(group)
      return [
        figures.weightGradients(group),
        others.isEmpty ? nil : figures.weightGradients(group, initializers: others),
        figures.training(group),
      ]
    }
    let zeros = groups.map(figures.zeroInitialisation) + figures.results.groups(.threeLayer).map(figures.threeLayers)
    return [
      ReportSection(
        title: "At initialisation",
        introduction: "Before the first update, activations pass forward through the layers and the cost's gradients "
          + "back. Weights of variance 1/(3n), the standard choice, let both shrink from layer to layer; Glorot and "
          + "Bengio choose the variance 2/(n_in + n_out), a compromise that keeps both.",
        figures: initial.compactMap(\.self)),
      ReportSection(
        title: "While training",
        introduction: "What the first weights decide lasts: the gradients by which the layers learn, the loss and the "
          + "test error, from the first update to the last.",
        figures: training.compactMap(\.self)),
      ReportSection(
        title: "Zero weights",
        introduction: "With all weights zero every unit of a layer computes the same, receives the same gradient and "
          + "stays the same: the network never becomes larger than one unit a layer.",
        figures: zeros.compactMap(\.self)),
      ReportSection(
        title: "Random weights of the wrong size",
        introduction: "Random weights break the symmetry, but their size matters. Too small, and the signal dies out "
          + "before it reaches the output; too large, and bounded units saturate, where their derivative is nearly "
          + "zero, while unbounded ones explode.",
        figures: [figures.scales()].compactMap(\.self)),
    ].filter { !$0.figures.isEmpty }
  }

  /// The initializers of a group beside the two that the paper compares.
  private static func others(_ group: RunGroup) -> [String] {
    let pair = InitializerFigures.pair(of: group)
    return group.initializers.filter { !pair.contains($0) }
  }
}
