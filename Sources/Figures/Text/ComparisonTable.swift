import Foundation
public import Studies

/// The final results of a study as rows: one an initializer, activation and model.
public struct ComparisonTable: Sendable {
  /// The final results of one initializer.
  struct Row: Sendable {
    let group: RunGroup
    let initializer: String

    var loss: Estimate { group.finalLoss(of: initializer) }
    var testError: Estimate { group.testError(of: initializer) }
    var activations: Trend { HistogramSubject.activations.trend(group, initializer) }
    var gradients: Trend { HistogramSubject.gradients.trend(group, initializer) }
    /// The saturated fraction of the layer where it is largest; NaN for a function without a bound.
    var saturation: Double {
      group.layerEstimates(of: initializer, \.saturatedFraction).map(\.mean).filter(\.isFinite).max() ?? .nan
    }
    var seeds: Int { group.runs(of: initializer).count }
    var diverged: Int { group.divergedCount(of: initializer) }

    /// The cells after the names, in the order of `headings`.
    var cells: [String] {
      let note = diverged > 0 ? "diverged (\(diverged) of \(seeds))" : nil
      return [
        note ?? loss.text(), note.map { _ in "–" } ?? testError.percentText, Wording.number(activations.factor),
        Wording.number(gradients.factor), Wording.number(gradients.theory), Wording.percent(saturation), String(seeds),
      ]
    }

    static let headings = [
      "final loss", "test error", "activation factor", "gradient factor", "in theory", "saturated", "seeds",
    ]
  }

  let rows: [Row]

  /// What the columns mean, in a sentence.
  public static let legend =
    "Activation factor: growth of the activations' standard deviation a layer towards the output; gradient factor: "
    + "that of the back-propagated gradients a layer towards the input (both at initialisation, geometric means over "
    + "layers and seeds); saturated: the layer with the most; ±: interval over the seeds."

  /// The rows of `results`, in the order of its runs.
  public init(_ results: InitializerStudyResults) {
    rows = InitializerExperiment.allCases.flatMap { experiment in
      results.groups(experiment).flatMap { group in
        group.initializers.map { Row(group: group, initializer: $0) }
      }
    }
  }

  /// The table as text, with a rule between models and activations.
  public func text(width: Int = 120, style: TextTable.Style = .unicode) -> String {
    let names = [("model", 3), ("activation", 5), ("initializer", 9)]
    let ranks = [8, 9, 1, 7, 2, 4, 0]
    var table = TextTable(
      columns: names.map { TextTable.Column($0.0, rank: $0.1) }
        + zip(Row.headings, ranks).map { TextTable.Column($0, isNumeric: true, rank: $1) })
    var previous: RunGroup?
    for row in rows {
      let isNew = previous != row.group
      if isNew { table.appendRule() }
      let name = "\(InitializerFigures.modelName(row.group.model)), \(row.group.dataset)"
      table.append([isNew ? name : "", isNew ? row.group.activation : "", row.initializer] + row.cells)
      previous = row.group
    }
    return table.text(width: width, style: style)
  }
}
