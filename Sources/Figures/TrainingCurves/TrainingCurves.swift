public import Foundation
public import Training

/// Loss and error of one training, epoch by epoch, as a figure.
public struct TrainingCurves: Sendable {
  /// The figure: the loss above, the error below where targets are classes; what was trained on beside what was not.
  public let figure: Figure

  /// The curves of `history`; nil where it has no finished epoch.
  ///
  /// - Parameters:
  ///   - name: the stem of the files: small letters, digits and hyphens remain of it.
  ///   - subject: what was trained on what, for the title.
  public init?(_ history: History, name: String, subject: String) {
    guard let last = history.epochs.last else { return nil }
    let stem = Figure.stem(name)
    let epochs = history.epochs
    var panels = [Self.panel("loss", epochs, train: \.meanLoss, test: \.validationLoss, scale: 1)]
    if last.error != nil {
      panels.append(Self.panel("error", epochs, train: \.error, test: \.validationError, scale: 100))
    }
    panels[panels.count - 1].horizontal.label = "epochs"
    figure = Figure(
      name: stem.isEmpty ? "training" : stem, title: "Training of \(subject)", conclusion: Self.conclusion(epochs),
      caption:
        "While training, loss and error are means over an epoch in which the weights change, with dropout, augmentation and "
        + "penalties; those of other examples are measured after it, without.",
      table: Self.table(epochs), sheet: Sheet(title: "Training of \(subject)", panels: panels, boxHeight: 215))
  }

  /// Writes `data/<name>.csv`, `figures/<name>.gnuplot` and, where gnuplot is found, `figures/<name>.svg` to `directory`, which
  /// is made where it is missing; a folder may hold the curves of several trainings.
  ///
  /// - Throws: `ReportError` where a file cannot be written.
  public func write(to directory: URL, gnuplot: Gnuplot? = .find()) throws(ReportError) -> FigureFiles {
    try FigureFiles(writing: figure, to: directory, gnuplot: gnuplot)
  }

  private static func table(_ epochs: [History.Epoch]) -> CSVTable {
    var table = CSVTable(columns: [
      "epoch", "learning_rate", "train_loss", "test_loss", "train_error", "test_error", "seconds",
    ])
    for epoch in epochs {
      table.append(
        [.integer(epoch.epoch)]
          + [
            epoch.learningRate, epoch.loss, epoch.validationLoss, epoch.error, epoch.validationError, epoch.seconds,
          ].map { .number($0 ?? .nan) })
    }
    return table
  }

  private static func panel(
    _ quantity: String, _ epochs: [History.Epoch], train: KeyPath<History.Epoch, Double?>,
    test: KeyPath<History.Epoch, Double?>, scale: Double
  ) -> Panel {
    let series = [(name: "train", value: train, look: 1), (name: "test", value: test, look: 2)]
    let heights = series.map(\.value).flatMap { value in epochs.compactMap { $0[keyPath: value] }.map { $0 * scale } }
    var panel = Panel(
      title: "", horizontal: Axis("", from: 0, to: Double(max(epochs.last?.epoch ?? 1, 1))),
      vertical: .covering(scale == 1 ? quantity : "\(quantity) (%)", heights, from: 0, tickCount: 5))
    for (name, value, look) in series {
      guard let end = epochs.last(where: { $0[keyPath: value]?.isFinite ?? false }) else { continue }
      panel.curves.append(
        Curve(
          kind: .marked(every: max(1, epochs.count / 10)), number: look, rows: [], x: "epoch", y: "\(name)_\(quantity)",
          scale: scale))
      panel.labels.append(
        DirectLabel(text: name, x: Double(end.epoch), y: (end[keyPath: value] ?? 0) * scale, number: look))
    }
    return panel
  }

  private static func conclusion(_ epochs: [History.Epoch]) -> String {
    guard let first = epochs.first, let last = epochs.last else { return "" }
    let count = Wording.count(epochs.count, "epoch")
    let loss =
      "the training loss \(last.loss < first.loss ? "falls" : "goes") from \(Wording.number(first.loss)) in the first epoch to "
      + "\(Wording.number(last.loss)) in the last"
    let errors = epochs.compactMap { epoch in epoch.validationError.map { (epoch: epoch.epoch, error: $0) } }
    guard let error = last.validationError, let best = errors.min(by: { $0.error < $1.error }) else {
      return "In \(count) \(loss)."
    }
    let smallest =
      best.error == error ? "its smallest" : "its smallest was \(Wording.percent(best.error)) after epoch \(best.epoch)"
    return "After \(count) the test error is \(Wording.percent(error)), \(smallest); \(loss)."
  }
}

extension History.Epoch {
  /// The loss, as something that may be missing like the others.
  fileprivate var meanLoss: Double? { loss }
}
