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

    /// The cells, in the order of `headings`.
    var cells: [String] {
      let note = diverged > 0 ? "diverged (\(diverged) of \(seeds))" : nil
      return [
        initializer, note ?? loss.text(), note.map { _ in "–" } ?? testError.percentText,
        Self.factor(activations.factor), Self.factor(gradients.factor), Self.factor(gradients.theory),
        saturation.isFinite ? Wording.fixed(saturation * 100, decimals: 1) + "\u{A0}%" : "–",
      ]
    }

    private static func factor(_ factor: Double) -> String {
      (0.01..<1000).contains(factor) ? Wording.fixed(factor, decimals: 2) : Wording.number(factor, digits: 2)
    }

    /// The heading of the row's group.
    var title: String {
      let isOfScales = group.runs.first?.experiment == .scales
      return InitializerFigures.name(group) + (isOfScales ? ", weights of several sizes" : "")
        + " (\(Wording.count(group.seedCount, "seed")))"
    }

    static let headings = [
      "initializer", "final loss", "test error", "activation factor", "gradient factor", "in theory", "saturated",
    ]
  }

  let rows: [Row]
  /// What a reader must know of results that lack runs; nil for all of them.
  public let incompleteness: String?

  /// What the columns mean, in a sentence.
  public static let legend =
    "Activation factor: growth of the activations' standard deviation a layer towards the output; gradient factor: "
    + "that of the back-propagated gradients a layer towards the input (both at initialisation, geometric means over "
    + "layers and seeds); saturated: the layer with the most; ±: interval over the seeds."

  /// The rows of `results`, in the order of its runs.
  public init(_ results: InitializerStudyResults) {
    incompleteness =
      results.isComplete
      ? nil
      : "Incomplete: the study was stopped after \(results.runs.count) of its \(results.study.plannedRuns ?? 0) runs. "
        + "Settings that are not shown were not finished, and some that are rest on fewer seeds than the others."
    rows = InitializerExperiment.allCases.flatMap { experiment in
      results.groups(experiment).flatMap { group in
        group.initializers.map { Row(group: group, initializer: $0) }
      }
    }
  }

  /// The test errors of the comparison alone: a row an initializer, a column a network; nil without a comparison.
  var testErrors: HTMLTable? {
    let groups = rows.map(\.group).filter { $0.runs.first?.experiment == .comparison }
    let columns = groups.enumerated().filter { $0.offset == 0 || groups[$0.offset - 1] != $0.element }.map(\.element)
    guard let first = columns.first else { return nil }
    var table = HTMLTable(
      caption: "Test error after training",
      note: (["Mean over seeds ± \(Wording.percent(first.confidence)) interval.", Plateau(columns)?.sentence])
        .compactMap(\.self).joined(separator: " "),
      headings: ["initializer"] + columns.map { "\(InitializerFigures.modelName($0.model)), \($0.activation)" })
    var names: [String] = []
    for name in columns.flatMap(\.initializers) where !names.contains(name) { names.append(name) }
    table.rows = names.map { name in
      [name]
        + columns.map { group in
          let diverged = group.divergedCount(of: name)
          return diverged > 0
            ? "diverged (\(diverged) of \(group.runs(of: name).count))" : group.testError(of: name).percentText
        }
    }
    return table
  }

  /// The legend, the sentence on what has learnt nothing and that on runs that lack, in lines of at most `width` characters.
  public func notes(width: Int = 120, style: TextTable.Style = .unicode) -> String {
    let groups = rows.map(\.group).filter { $0.runs.first?.experiment == .comparison }
    return [Self.legend, Plateau(groups)?.sentence, incompleteness].compactMap(\.self)
      .map { Paragraph.wrapped(TextTable.clean($0, style), width: width) }.joined(separator: "\n")
  }

  /// The table as text, no wider than `width` where that is possible; a rule with a title before each model.
  public func text(width: Int = 120, style: TextTable.Style = .unicode) -> String {
    let ranks = [9, 7, 8, 1, 6, 2, 4]
    var table = TextTable(
      columns: zip(Row.headings, ranks).enumerated().map { index, column in
        TextTable.Column(column.0, isNumeric: index > 0, rank: column.1)
      })
    var previous: RunGroup?
    for row in rows {
      if previous != row.group { table.appendGroup(row.title) }
      table.append(row.cells)
      previous = row.group
    }
    return table.text(width: width, style: style)
  }
}
