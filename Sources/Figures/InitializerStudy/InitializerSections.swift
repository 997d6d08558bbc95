import Studies

extension ReportSection {
  /// The sections of a report, without those that have no figure.
  ///
  /// One fully connected network leads, that with tanh where there is one as in the paper; of the other networks only
  /// LeNet-5's training stands beside it. Everything else is a supplement.
  static func outline(_ figures: InitializerFigures) -> [ReportSection] {
    let groups = figures.results.groups(.comparison)
    let perceptrons = groups.filter { $0.model == "mlp" }
    let lead = perceptrons.first { $0.activation == "tanh" } ?? perceptrons.first ?? groups.first
    /// A figure of a group, folded away where another group leads.
    func ranked(_ figure: Figure?, _ group: RunGroup, leads: Bool? = nil) -> Figure? {
      guard var figure else { return nil }
      figure.isSupplement = figure.isSupplement || !(leads ?? (group == lead))
      return figure
    }
    let initial = groups.flatMap { group in
      let rest = Self.others(group)
      return [
        ranked(figures.activationHistograms(group), group),
        rest.isEmpty ? nil : figures.activationHistograms(group, initializers: rest),
        ranked(figures.gradientHistograms(group), group),
        rest.isEmpty ? nil : figures.gradientHistograms(group, initializers: rest),
        ranked(figures.layerDeviations(group), group, leads: false),
      ]
    }
    let training = groups.flatMap { group in
      let rest = Self.others(group)
      return [
        ranked(figures.weightGradients(group), group),
        rest.isEmpty ? nil : figures.weightGradients(group, initializers: rest),
        ranked(figures.training(group), group, leads: group == lead || group.model == "lenet5"),
      ]
    }
    let zeros =
      groups.map { ranked(figures.zeroInitialisation($0), $0) }
      + figures.results.groups(.threeLayer).map(figures.threeLayers)
    let others = "other initializers, activations and networks"
    return [
      ReportSection(
        title: "At initialisation",
        introduction: """
          Before the first update, activations pass forward through the layers and the cost’s gradients back. In the
          linear range of the activation, weights of variance <i>v</i> multiply the variance by <i>n</i><sub>in</sub><i>v</i>
          on the way forward and by <i>n</i><sub>out</sub><i>v</i> on the way back. The standard choice,
          <i>v</i> = 1/(3<i>n</i>), lets both shrink; Glorot and Bengio’s,
          <i>v</i> = 2/(<i>n</i><sub>in</sub> + <i>n</i><sub>out</sub>), is a compromise that keeps both.
          """,
        figures: initial.compactMap(\.self), supplementTitle: others),
      ReportSection(
        title: "While training",
        introduction: """
          What the first weights decide may last: the gradients by which the layers learn, the loss and the test error,
          from the first update to the last.
          """,
        figures: training.compactMap(\.self), supplementTitle: others),
      ReportSection(
        title: "Zero weights",
        introduction: """
          With all weights zero every unit of a layer computes the same, receives the same gradient and stays the same:
          the network never becomes larger than one unit a layer.
          """,
        figures: zeros.compactMap(\.self), supplementTitle: others),
      ReportSection(
        title: "Random weights of the wrong size",
        introduction: """
          Random weights break the symmetry, but their size matters. Too small, and the signal dies out before it
          reaches the output; too large, and bounded units saturate, where their derivative is nearly zero, while
          unbounded ones pass on ever larger numbers.
          """,
        figures: [figures.scales()].compactMap(\.self), supplementTitle: others),
    ].filter { !$0.figures.isEmpty }
  }

  /// The initializers of a group beside the two that the paper compares.
  private static func others(_ group: RunGroup) -> [String] {
    let pair = InitializerFigures.pair(of: group)
    return group.initializers.filter { !pair.contains($0) }
  }
}
