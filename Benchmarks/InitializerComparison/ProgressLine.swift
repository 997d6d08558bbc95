import Foundation
import Studies
import Terminal

/// Progress on standard error: a line that redraws itself on a terminal, a line each twentieth elsewhere.
final class ProgressLine {
  private let line = StatusLine()
  private var lastTwentieth = -1

  func show(_ progress: InitializerStudy.Progress) {
    if line.isTerminal { return line.draw { Self.text(progress, columns: $0) } }
    let twentieth = Int(progress.fraction * 20)
    guard twentieth > lastTwentieth else { return }
    lastTwentieth = twentieth
    line.print(Self.text(progress, columns: nil))
  }

  func print(_ text: String) { line.print(text) }

  func finish() { line.clear() }

  /// What a narrow terminal has no room for is left out, the name of the run first.
  private static func text(_ progress: InitializerStudy.Progress, columns: Int?) -> String {
    var parts = [
      String(format: "%3.0f %%", 100 * progress.fraction), "\(progress.finishedRuns) of \(progress.runCount) runs",
      time(progress.seconds) + (progress.secondsLeft.map { ", \(time($0)) left" } ?? ""), progress.current,
    ]
    func text() -> String { parts.joined(separator: "  ") }
    while let columns, parts.count > 1, text().count > columns { parts.removeLast() }
    return text()
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 359_999).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d:%02d", whole / 60, whole % 60) }
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
