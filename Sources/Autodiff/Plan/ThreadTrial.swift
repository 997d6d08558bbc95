/// Decides by measuring whether a plan is faster on the calling thread alone: a step of LeNet-5 on one image takes some 60 µs in
/// twenty regions, and whether a second core gains or loses by them depends on how fast cores hand memory to each other.
///
/// Results do not depend on it. A few runs are measured with all threads, and where they are short as many without.
struct ThreadTrial {
  private enum Stage: Equatable {
    case shared, alone, decided
  }

  private static let runs = 16
  private static let warmUp = 4
  /// A plan that takes longer than this in seconds keeps all threads.
  private static let longest = 300e-6

  /// The share of time that other threads must save, or they are left to others.
  private static let worthwhile = 0.1

  /// Whether the calling thread works alone.
  private(set) var isAlone = false
  private var stage: Stage
  private var run = 0
  /// The durations of the stage's runs so far, sorted; no memory is taken while running.
  private var seconds = [Double](repeating: .infinity, count: runs)
  private var sharedMedian = 0.0
  private var start: ContinuousClock.Instant?

  /// A trial that has not begun; where there is one thread only, nothing is tried.
  init(threads: Int) { stage = threads > 1 ? .shared : .decided }

  /// Begins a run, and says whether the calling thread works alone.
  mutating func begin() -> Bool {
    if stage != .decided { start = .now }
    return isAlone
  }

  /// Ends a run that has gone through.
  mutating func end() {
    guard stage != .decided, let start else { return }
    run += 1
    if run <= Self.warmUp { return }
    let duration = start.duration(to: .now).components
    insert(Double(duration.seconds) + Double(duration.attoseconds) * 1e-18)
    if run == Self.warmUp + Self.runs { endStage() }
  }

  private mutating func insert(_ duration: Double) {
    var place = Self.runs - 1
    while place > 0, seconds[place - 1] > duration {
      seconds[place] = seconds[place - 1]
      place -= 1
    }
    seconds[place] = duration
  }

  private mutating func endStage() {
    let median = seconds[Self.runs / 2]
    if stage == .shared, median <= Self.longest {
      (sharedMedian, stage, isAlone, run) = (median, .alone, true, 0)
      for place in seconds.indices { seconds[place] = .infinity }
    } else {
      isAlone = stage == .alone && median * (1 - Self.worthwhile) < sharedMedian
      stage = .decided
    }
  }
}
