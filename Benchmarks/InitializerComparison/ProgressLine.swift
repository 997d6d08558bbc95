import Foundation
import Studies
import Terminal

/// Progress on standard error: a line that redraws itself on a terminal, a line each twentieth elsewhere.
final class ProgressLine {
  private let line = StatusLine()
  private var lastTwentieth = -1

  func show(_ progress: InitializerStudy.Progress) {
    let left = progress.fraction > 0 ? progress.seconds * (1 / progress.fraction - 1) : 0
    let text =
      String(
        format: "%3.0f %%  %d of %d runs  %.0f s, %.0f s left  ", 100 * progress.fraction, progress.finishedRuns,
        progress.runCount, progress.seconds, left) + progress.current
    if line.isTerminal { return line.draw { _ in text } }
    let twentieth = Int(progress.fraction * 20)
    guard twentieth > lastTwentieth else { return }
    lastTwentieth = twentieth
    line.print(text)
  }

  func finish() { line.clear() }
}
