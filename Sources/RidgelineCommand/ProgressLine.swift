import Foundation
import Ridgeline

/// Shows training as it goes: a bar that redraws itself on a terminal, a line an epoch elsewhere. It writes to standard
/// error, so that standard output holds results alone.
final class ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private var lastDraw = ContinuousClock.now
  private var hasDrawn = false

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ progress: TrainingProgress) {
    guard !isQuiet else { return }
    if let finished = progress.finished {
      write((isTerminal ? "\r\u{1B}[K" : "") + Self.line(finished, of: progress.epochs) + "\n")
      hasDrawn = false
    } else if isTerminal, !hasDrawn || lastDraw.duration(to: .now) > .milliseconds(100) {
      lastDraw = .now
      hasDrawn = true
      write("\r\u{1B}[K" + Self.bar(progress))
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private static func line(_ epoch: History.Epoch, of epochs: Int) -> String {
    let width = "\(epochs)".count
    var parts = [
      "epoch \(String(repeating: " ", count: max(0, width - "\(epoch.epoch)".count)))\(epoch.epoch)/\(epochs)",
      String(format: "loss %.4f", epoch.loss),
    ]
    if let error = epoch.error { parts.append(String(format: "error %5.2f %%", 100 * error)) }
    if let loss = epoch.validationLoss { parts.append(String(format: "test loss %.4f", loss)) }
    if let error = epoch.validationError { parts.append(String(format: "test error %5.2f %%", 100 * error)) }
    parts.append(String(format: "%.2f s", epoch.seconds))
    return parts.joined(separator: "  ")
  }

  private static func bar(_ progress: TrainingProgress) -> String {
    let width = 24
    let done = Double(progress.step) / Double(max(progress.stepsPerEpoch, 1))
    let filled = Int(done * Double(width))
    let rate = Double(progress.examples) / max(progress.seconds, 1e-9)
    let left =
      progress.seconds
      * (Double(progress.stepsPerEpoch) * (Double(progress.epochs - progress.epoch) + 1)
        / Double(max(progress.step, 1)) - 1)
    return "epoch \(progress.epoch)/\(progress.epochs) " + String(repeating: "█", count: filled)
      + String(repeating: "░", count: width - filled)
      + String(format: " %3.0f %%  loss %.4f  %.0f examples/s  ", 100 * done, progress.loss, rate) + time(left)
      + " left"
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 359_999).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d:%02d", whole / 60, whole % 60) }
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
