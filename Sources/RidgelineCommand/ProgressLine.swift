import Foundation
import Terminal
import Training

/// Shows training as it goes: a bar that redraws itself on a terminal, a line an epoch elsewhere.
struct ProgressLine {
  let line = StatusLine()

  func show(_ progress: TrainingProgress) {
    if let finished = progress.finished {
      line.print(Self.text(finished, of: progress.epochs, columns: line.isTerminal ? line.columns : nil))
    } else {
      line.draw { Self.bar(progress, columns: $0, isUnicode: line.isUnicode) }
    }
  }

  /// The epoch's figures, or on a terminal as many as fit on one line, the most wanted of them.
  private static func text(_ epoch: History.Epoch, of epochs: Int, columns: Int?) -> String {
    let number = "\(epoch.epoch)"
    let padding = String(repeating: " ", count: max(0, "\(epochs)".count - number.count))
    // In the order shown; the number says in which order they give way.
    var parts: [(givesWay: Int, text: String)] = [
      (5, "epoch \(padding)\(number)/\(epochs)"), (3, String(format: "loss %.4f", epoch.loss)),
    ]
    if let error = epoch.error { parts.append((0, String(format: "error %5.2f %%", 100 * error))) }
    if let loss = epoch.validationLoss { parts.append((1, String(format: "test loss %.4f", loss))) }
    if let error = epoch.validationError { parts.append((4, String(format: "test error %5.2f %%", 100 * error))) }
    parts.append((2, String(format: "%.2f s", epoch.seconds)))
    func line() -> String { parts.map(\.text).joined(separator: "  ") }
    while let columns, parts.count > 1, line().count > columns,
      let first = parts.indices.min(by: { parts[$0].givesWay < parts[$1].givesWay })
    {
      parts.remove(at: first)
    }
    return line()
  }

  /// The bar and as many of the figures beside it as `columns` hold, the most wanted first.
  private static func bar(_ progress: TrainingProgress, columns: Int, isUnicode: Bool) -> String {
    let done = Double(progress.step) / Double(max(progress.stepsPerEpoch, 1))
    let rate = Double(progress.examples) / max(progress.seconds, 1e-9)
    let left =
      progress.seconds
      * (Double(progress.stepsPerEpoch) * (Double(progress.epochs - progress.epoch) + 1)
        / Double(max(progress.step, 1)) - 1)
    let start = "epoch \(progress.epoch)/\(progress.epochs) "
    let percent = String(format: " %3.0f %%", 100 * done)
    // Padded, so that the bar keeps its width while the numbers change.
    let wait = time(left)
    let figures = [
      String(format: "loss %.4f", progress.loss),
      String(repeating: " ", count: max(0, 5 - wait.count)) + wait + " left",
      String(format: "%6.0f examples/s", rate),
    ]
    var room = columns - start.count - percent.count
    let narrowest = 8
    // Loss, rate, time left is the order shown; the rate goes first where there is no room.
    var shown: [Int] = []
    for (index, figure) in figures.enumerated() where room - narrowest >= figure.count + 2 {
      room -= figure.count + 2
      shown.append(index)
    }
    let width = min(max(room, 0), 24)
    let filled = min(Int(done * Double(width)), width)
    let (full, empty) = isUnicode ? ("█", "░") : ("#", ".")
    let bar = String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    return start + bar + percent + [0, 2, 1].filter(shown.contains).map { "  " + figures[$0] }.joined()
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 359_999).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d:%02d", whole / 60, whole % 60) }
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
