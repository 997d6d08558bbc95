import Studies

/// Numbers published in X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
/// networks", 2010, to stand beside measured ones. Those of the figures are read off the pictures.
enum GlorotBengio2010 {
  /// A row of a table: whose numbers, one a layer from the input, and whether they were read off a figure.
  struct LayerRow: Sendable {
    let name: String
    let values: [Double]
  }

  /// The heights of the densities' peaks in figure 6, tanh, layers 1 to 5. "Normalized" is Glorot's initialisation,
  /// for which the figure shows 1.3 to 1.5 in every layer.
  static let activationPeaks = [
    "standard": [1.3, 2.6, 4.3, 7.7, 13.8], "glorot_uniform": [1.4, 1.4, 1.4, 1.4, 1.4],
  ]

  /// The heights of the densities' peaks in figure 7.
  static let gradientPeaks = ["standard": [87.0, 45, 25, 13, 8], "glorot_uniform": [9.0, 9, 9, 9, 9]]

  /// The standard deviations of the weight gradients in figure 9 late in training (epochs 60 to 95).
  static let lateWeightGradients = [
    "standard": [0.055, 0.037, 0.029, 0.019, 0.016], "glorot_uniform": [0.045, 0.038, 0.037, 0.032, 0.026],
  ]

  /// Table 1: test error in per cent by data, activation and initializer.
  static let testErrors: [String: [String: [String: Double]]] = [
    "shapeset": [
      "softsign": ["standard": 16.27, "glorot_uniform": 16.06],
      "tanh": ["standard": 27.15, "glorot_uniform": 15.60],
      "sigmoid": ["standard": 82.61],
    ],
    "mnist": [
      "softsign": ["standard": 1.64, "glorot_uniform": 1.72],
      "tanh": ["standard": 1.76, "glorot_uniform": 1.64],
      "sigmoid": ["standard": 2.21],
    ],
  ]

  /// The growth from a layer to the next, the geometric mean over layers.
  static func factor(_ values: [Double]) -> Double {
    Statistics.geometricMean(zip(values, values.dropFirst()).map { $1 / $0 })
  }
}

/// The tables that set a study's numbers beside the published ones.
struct PublishedComparison: Sendable {
  let results: InitializerStudyResults

  /// The tables for which there are both measured and published numbers.
  var tables: [HTMLTable] {
    let group = results.groups(.comparison).first {
      $0.model == "mlp" && $0.dataset == "shapeset" && $0.activation == "tanh"
        && $0.initializers.allSatisfy { [group = $0] in group.layers(of: $0).count == 5 }
    }
    let layers = group.map { group in
      [
        layerTable(
          "The paper’s figure 6: peaks of the activations' densities", group, GlorotBengio2010.activationPeaks,
          scale: "the scale of the inputs, which the paper does not state, though no one scale gives both of its rows: "
            + "at its widths the same inputs make the first layer’s activations √3 times as wide under Glorot’s "
            + "initialisation as under the standard one",
          peaks: \.activationHistogram),
        layerTable(
          "The paper’s figure 7: peaks of the gradients' densities", group, GlorotBengio2010.gradientPeaks,
          scale:
            "the scale of the cost and with the width of the layers, though no one scale gives both of the paper’s "
            + "rows: at its widths the output layer’s weights, and so the last layer’s gradients, are 2.4 times as large "
            + "under Glorot’s initialisation as under the standard one",
          peaks: \.gradientHistogram),
        weightGradientTable(group),
      ]
    }
    return ((layers ?? []) + [testErrorTable]).compactMap(\.self)
  }

  private static let headings = ["initializer", "source", "layer 1", "2", "3", "4", "5", "factor a layer"]

  private func layerTable(
    _ title: String, _ group: RunGroup, _ published: [String: [Double]], scale: String,
    peaks: (LayerStatistics) -> Histogram?
  ) -> HTMLTable? {
    table(
      title, group, published,
      note: "A height is a density: under a curve lies an area of 1 however wide the bins are, and a normal "
        + "distribution of deviation σ peaks at 0.4/σ. So heights go with \(scale), and factors hardly do. The "
        + "paper’s row for Glorot’s initialisation is one number read for all layers."
    ) { initializer in
      group.layerHistograms(of: initializer, peaks).compactMap { $0?.densities.max() }
    }
  }

  private func weightGradientTable(_ group: RunGroup) -> HTMLTable? {
    let step = group.runs.flatMap(\.weightGradientDeviations).map(\.step).max() ?? 0
    return table(
      "The paper’s figure 9: standard deviation of the weight gradients late in training", group,
      GlorotBengio2010.lateWeightGradients,
      note: "Here after \(Wording.count(step, "update")); in the paper after 60 to 95 epochs of 20,000 updates."
    ) { initializer in
      WeightGradientPanel(group, initializer).layers.compactMap { $0.points.last?.estimate.mean }
    }
  }

  private func table(
    _ title: String, _ group: RunGroup, _ published: [String: [Double]], note: String,
    measured: (String) -> [Double]
  ) -> HTMLTable? {
    var table = HTMLTable(
      caption: title, note: note, headings: Self.headings, textColumns: 2)
    for initializer in InitializerFigures.pair(of: group) {
      guard let paper = published[initializer] else { continue }
      let values = measured(initializer)
      guard values.count == paper.count else { continue }
      for (source, numbers) in [("here", values), ("paper", paper)] {
        table.rows.append(
          [source == "here" ? initializer : "", source] + numbers.map { Wording.number($0) }
            + [Wording.number(GlorotBengio2010.factor(numbers))])
      }
    }
    return table.rows.isEmpty ? nil : table
  }

  private var testErrorTable: HTMLTable? {
    var table = HTMLTable(
      caption: "The paper’s table 1: test error (%)",
      note: "The paper trains far longer, with a learning rate chosen on validation data.",
      headings: ["data", "activation", "initializer", "here", "paper"], textColumns: 3)
    for group in results.groups(.comparison) where group.model == "mlp" {
      for initializer in group.initializers {
        guard let paper = GlorotBengio2010.testErrors[group.dataset]?[group.activation]?[initializer] else { continue }
        table.rows.append([
          group.dataset, group.activation, initializer, group.testError(of: initializer).text(scale: 100),
          Wording.fixed(paper, decimals: 2),
        ])
      }
    }
    return table.rows.isEmpty ? nil : table
  }
}
