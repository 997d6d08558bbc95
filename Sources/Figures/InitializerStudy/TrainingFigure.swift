import Foundation
public import Studies

extension InitializerFigures {
  /// Loss and test error against updates, a curve an initializer with the interval over seeds as a band.
  public func training(_ group: RunGroup) -> Figure? {
    var table = CSVTable(columns: ["quantity", "initializer", "step", "mean", "low", "high"])
    let subjects = [TrainingSubject.loss, TrainingSubject.testError]
    let curves = subjects.map { subject in
      group.initializers.map { (initializer: $0, points: group.curve(of: $0, subject.series)) }
    }
    guard curves.joined().contains(where: { !$0.points.isEmpty }) else { return nil }
    var panels: [Panel] = []
    for (subject, curves) in zip(subjects, curves) where curves.contains(where: { !$0.points.isEmpty }) {
      for (initializer, points) in curves {
        for point in points {
          table.append([
            .text(subject.name), .text(initializer), .integer(point.step), .number(point.estimate.mean),
            .number(point.estimate.lower), .number(point.estimate.upper),
          ])
        }
      }
      panels.append(panel(group, subject, curves))
    }
    panels[panels.count - 1].horizontal.label = Self.stepsLabel
    return Figure(
      name: Figure.stem("training", group.model, group.dataset, group.activation),
      title: "Loss and test error while training (\(Self.name(group)))",
      conclusion: Self.conclusion(group),
      caption:
        "Mean \(Self.interval(group)) as a band. A curve ends where a seed diverges; what is above the axis is cut "
        + "off.\(Self.divergence(group))",
      table: table, sheet: Sheet(title: "Training, \(Self.name(group))", panels: panels, boxHeight: 235))
  }

  private func panel(
    _ group: RunGroup, _ subject: TrainingSubject, _ curves: [(initializer: String, points: [CurvePoint])]
  ) -> Panel {
    let lastStep = curves.flatMap { $0.points.map(\.step) }.max() ?? 1
    var panel = Panel(
      title: "", horizontal: Axis("", from: 0, to: Double(max(lastStep, 1))),
      vertical: subject.axis(curves.map(\.points)))
    for (initializer, points) in curves where !points.isEmpty {
      let rows = [("quantity", subject.name), ("initializer", initializer)].map { (column: $0.0, value: $0.1) }
      let number = looks[initializer]
      panel.curves.append(Curve(kind: .band, number: number, rows: rows, x: "step", scale: subject.scale))
      panel.curves.append(
        Curve(
          kind: .marked(every: max(1, points.count / 9)), number: number, rows: rows, x: "step", scale: subject.scale))
      guard let end = points.last else { continue }
      let diverged = group.divergedCount(of: initializer) > 0 ? " (diverged)" : ""
      panel.labels.append(
        DirectLabel(
          text: initializer + diverged, x: Double(end.step), y: end.estimate.mean * subject.scale, number: number))
    }
    return panel
  }

  private static func divergence(_ group: RunGroup) -> String {
    let parts = group.initializers.compactMap { initializer -> String? in
      let runs = group.runs(of: initializer)
      let steps = runs.compactMap(\.divergedAtStep)
      guard let first = steps.min() else { return nil }
      return "\(Wording.name(initializer)) in \(steps.count) of \(runs.count), first at update \(first)"
    }
    return parts.isEmpty ? "" : " Diverged: \(Wording.list(parts))."
  }

  private static func conclusion(_ group: RunGroup) -> String {
    let errors = group.initializers.map { (name: $0, error: group.testError(of: $0)) }
    let finished = errors.filter { $0.error.mean.isFinite }.sorted { $0.error.mean < $1.error.mean }
    guard let best = finished.first else { return "No initializer finished with a test error." }
    guard finished.count > 1, let worst = finished.last else {
      return "After \(updates(group)) \(Wording.name(best.name)) reaches a test error of \(best.error.percentText)."
    }
    let rival = finished[1]
    // A diverged run has no error to stand in the list.
    let stuck = unlearned(group).filter { name in finished.contains { $0.name == name } }
    if stuck.count == finished.count {
      return
        "Nothing is learnt in \(updates(group)): under every initializer the loss ends at the level of guessing or less than "
        + "\(Wording.percent(margin)) below it, and the mean test errors \(range(best.error.mean, worst.error.mean)). "
        + "That shows how slowly such a network starts, not where longer training would bring it."
    }
    let certainty =
      best.error.halfWidth.isNaN || rival.error.halfWidth.isNaN
      ? "with one seed nothing can be said about chance"
      : best.error.overlaps(rival.error)
        ? "an interval that overlaps that of the next, \(Wording.name(rival.name)) (\(rival.error.percentText))"
        : "clear of the next, \(Wording.name(rival.name)) (\(rival.error.percentText))"
    let remark =
      stuck.isEmpty
      ? ""
      : "; the loss has not come \(Wording.percent(margin)) below the level of guessing with \(Wording.names(stuck))"
    return
      "After \(updates(group)) \(Wording.name(best.name)) has the lowest mean test error, \(best.error.percentText), "
      + "\(certainty), and \(Wording.name(worst.name)) the highest, \(worst.error.percentText)\(remark)."
  }

  private static func range(_ low: Double, _ high: Double) -> String {
    let ends = [low, high].map { Wording.percent($0) }
    return ends[0] == ends[1] ? "are all \(ends[0])" : "lie between \(ends[0]) and \(ends[1])"
  }

  /// A loss that ends less than this fraction below guessing shows nothing learnt.
  static let margin = 0.01

  /// The initializers whose loss has not left the level of guessing, and whose test error may be that of guessing too: weights
  /// that start out too large may answer better than they can be sure of.
  static func unlearned(_ group: RunGroup) -> [String] {
    let guessing = (loss: Self.guessingLoss(group), error: Self.guessingError(group))
    return group.initializers.filter { name in
      LossFall(group.curve(of: name, \.loss)).end > (1 - margin) * guessing.loss
        && !(group.testError(of: name).upper < (1 - margin) * guessing.error)
    }
  }
}

/// What a panel of the training figure shows.
struct TrainingSubject: Sendable {
  let name: String
  /// The heading of the axis.
  let title: String
  let scale: Double
  let series: @Sendable (InitializerRun) -> [StepValue]

  static let loss = TrainingSubject(name: "loss", title: "training loss (nats)", scale: 1, series: \.loss)
  static let testError = TrainingSubject(
    name: "test_error", title: "test error (%)", scale: 100, series: \.testErrorOverTime)

  /// The vertical axis, from a little below the lowest mean, since what networks learn is small beside what they start
  /// with. Curves that rise above 1.4 times the lowest start are cut off, so that they do not flatten the others.
  func axis(_ curves: [[CurvePoint]], label: String? = nil, tickCount: Int = 6) -> Axis {
    let means = curves.joined().map(\.estimate.mean).filter(\.isFinite)
    let start = curves.compactMap { $0.first?.estimate.mean }.filter(\.isFinite).min() ?? 1
    let top = min((means.max() ?? 1) * 1.05, start * 1.4)
    let low = min(means.min() ?? 0, top)
    let bottom = max(0, low - max(0.1 * (top - low), 0.05 * top))
    return Axis(label ?? title, from: bottom * scale, to: top * scale, tickCount: tickCount)
  }
}
